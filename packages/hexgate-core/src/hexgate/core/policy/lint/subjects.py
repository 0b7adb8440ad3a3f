"""Leaves that must all hold in, what they demand of each operand out: its types, its values, the bounds between which it lies.

# INVARIANT: a subject is called conflicting only when no value of JSON meets all that is demanded of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from hexgate.core.expr import syntax
from hexgate.core.expr.normal import Each, Holds
from hexgate.core.expr.syntax import Leaf, Literal, Operand, Path, Value
from hexgate.core.policy.lint.budget import spend
from hexgate.core.policy.lint.folding import Answer, Kind, answer, kind_of, operands_of, ordered, replaced

__all__ = ["Part", "Subject", "gathered", "has_capital", "is_absence", "settled", "signed", "weight"]

Kinds = frozenset[Kind]
ANY: Kinds = frozenset(Kind)
TEXT: Kinds = frozenset((Kind.TEXT,))
LIST: Kinds = frozenset((Kind.LIST,))
ORDERED = frozenset((Kind.NUMBER, Kind.TEXT))
COUNTED = frozenset((Kind.LIST, Kind.OBJECT, Kind.TEXT))
MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
NEGATED = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
# No list is that long, and a larger number may have a million digits.
LARGEST_COUNT = 10**15

Part = Holds | Each


def signed(leaf: syntax.Comparison, wanted: bool) -> str:
    """The operator, turned around where it must not hold."""
    return leaf.operator if wanted else NEGATED[leaf.operator]


def is_absence(part: Part) -> bool:
    """Whether the part demands that something is not there."""
    return isinstance(part, Holds) and isinstance(part.leaf, syntax.Exists) and not part.wanted


def settled(part: Holds, leaf: Leaf) -> bool | None:
    """Whether the leaf, standing for that of the part, is what is wanted; None when a call decides."""
    known = answer(leaf)
    return None if known is Answer.OPEN else known is (Answer.TRUE if part.wanted else Answer.FALSE)


def weight(part: Holds) -> int:
    """What it takes to ask a leaf about one value: a list is looked through, which is quick."""
    members = part.leaf.members if isinstance(part.leaf, syntax.Membership) else None
    return 1 + (len(members.value) // 16 if isinstance(members, Literal) and isinstance(members.value, tuple) else 0)


def has_capital(value: object) -> bool:
    """Whether a text is certainly not in lower case."""
    return isinstance(value, str) and any("A" <= char <= "Z" for char in value)


@dataclass(frozen=True, slots=True)
class Bound:
    """A number or a text that is not passed, nor reached if `strict`."""

    value: Value
    strict: bool

    def is_within(self, other: Bound, sign: str) -> bool:
        """Whether everything beyond this bound, in the direction of the sign, lies beyond the other one as well."""
        if self.value == other.value:
            return self.strict or not other.strict
        return ordered(sign, self.value, other.value)


@dataclass(slots=True)
class Subject:
    """One operand, and everything that is demanded of it."""

    operand: Operand
    kinds: Kinds = ANY
    demands: list[Holds] = field(default_factory=list)

    def conflicting(self) -> bool:
        """Whether no value meets the demands."""
        if not self.kinds:
            return True
        low, high = self.bounds()
        if low and high and not high_enough(low, high):
            return True
        values = self.values()
        if values is None and low and high and low.value == high.value:
            values = [low.value]
        if values is None:
            return self.torn("startswith") or self.torn("endswith")
        return not any(self.admits(value) for value in values)

    def values(self) -> list[Value] | None:
        """The values among which it must be, None when there is no such list."""
        for part in self.demands:
            leaf = part.leaf
            if isinstance(leaf, syntax.Membership) and part.wanted and leaf.operand == self.operand:
                members = leaf.members.value if isinstance(leaf.members, Literal) else None
                if isinstance(members, tuple):
                    return list(members)
            if isinstance(leaf, syntax.Comparison) and signed(leaf, part.wanted) == "==":
                other = self.opposite(leaf)
                if isinstance(other, Literal):
                    return [other.value]
        return None

    def opposite(self, leaf: syntax.Comparison) -> Operand | None:
        """What it is compared with."""
        if leaf.left == self.operand:
            return leaf.right
        return leaf.left if leaf.right == self.operand else None

    def admits(self, value: Value) -> bool:
        """Whether the value may meet every demand."""
        spend(sum(map(weight, self.demands)))
        if kind_of(value) not in self.kinds or (isinstance(self.operand, syntax.Lower) and has_capital(value)):
            return False
        return all(settled(part, replaced(part.leaf, self.operand, value)) is not False for part in self.demands)

    def bounds(self) -> tuple[Bound | None, Bound | None]:
        """The tightest bounds below and above, if all are of one kind. Counts begin at zero, and texts with the empty one."""
        low = Bound(0, False) if isinstance(self.operand, syntax.Count) else None
        low = Bound("", False) if self.kinds == {Kind.TEXT} else low
        high: Bound | None = None
        for sign, value in self.ordering():
            bound = self.bound(sign, value)
            if sign in (">", ">="):
                low = bound if low is None or bound.is_within(low, ">") else low
            else:
                high = bound if high is None or bound.is_within(high, "<") else high
        return low, high

    def ordering(self) -> Iterator[tuple[str, Value]]:
        """The orders in which it stands to literals: the sign as seen from it, and the literal."""
        for part in self.demands:
            leaf = part.leaf
            if isinstance(leaf, syntax.Comparison) and leaf.operator not in ("==", "!="):
                other, sign = self.opposite(leaf), signed(leaf, part.wanted)
                if isinstance(other, Literal):
                    yield (sign if leaf.left == self.operand else MIRRORED[sign]), other.value

    def bound(self, sign: str, value: Value) -> Bound:
        """A bound; that of a count is the last whole number that may be reached."""
        strict = sign in ("<", ">")
        if not isinstance(self.operand, syntax.Count) or isinstance(value, str) or abs(number(value)) > LARGEST_COUNT:
            return Bound(value, strict)
        rounded = int(number(value).to_integral_value(ROUND_CEILING if sign in (">", ">=") else ROUND_FLOOR))
        if strict and rounded == value:
            rounded += 1 if sign == ">" else -1
        return Bound(rounded, False)

    def torn(self, test: str) -> bool:
        """Whether a text would have to begin, or to end, with two texts of which neither goes on as the other."""
        pieces = [
            part.leaf.part.value if test == "startswith" else part.leaf.part.value[::-1]
            for part in self.demands
            if isinstance(part.leaf, syntax.TextTest)
            and part.wanted
            and part.leaf.test == test
            and part.leaf.text == self.operand
            and isinstance(part.leaf.part, Literal)
            and isinstance(part.leaf.part.value, str)
        ]
        longest = max(pieces, key=len, default="")
        return not all(longest.startswith(piece) for piece in pieces)


def number(value: Value) -> Decimal:
    """A number that is known to be one."""
    return value if isinstance(value, Decimal) else Decimal(int(value))  # type: ignore[arg-type]


def high_enough(low: Bound, high: Bound) -> bool:
    """Whether anything lies between two bounds."""
    if low.value == high.value:
        return not low.strict and not high.strict
    return ordered("<", low.value, high.value)


def gathered(parts: Iterable[Part]) -> dict[Operand, Subject]:
    """What the parts demand of each operand; what must be absent is left aside."""
    subjects: dict[Operand, Subject] = {}
    for part in parts:
        spend()
        if isinstance(part, Each):
            subjects.setdefault(part.path, Subject(part.path)).kinds &= LIST & nature(part.path)
        elif not is_absence(part):
            for operand, kinds in demanded(part):
                subject = subjects.setdefault(operand, Subject(operand))
                subject.kinds &= kinds & nature(operand)
                subject.demands.append(part)
    return subjects


def demanded(part: Holds) -> Iterator[tuple[Operand, Kinds]]:
    """The operands of a leaf, each with the types that it may have for the leaf to be known and what is wanted."""
    for own in operands_of(part.leaf):
        operand, kinds = own, demanded_of(part, own)
        while not isinstance(operand, Literal | syntax.Const):
            yield operand, kinds
            if isinstance(operand, Path):
                break
            kinds = TEXT if isinstance(operand, syntax.Lower) else COUNTED
            operand = operand.operand if isinstance(operand, syntax.Lower) else operand.path


def nature(operand: Operand) -> Kinds:
    """The types that an operand may have wherever it stands."""
    if isinstance(operand, syntax.Count):
        return frozenset((Kind.NUMBER,))
    named = isinstance(operand, Path) and operand.root in ("user", "session", "role", "tool")
    return TEXT if named or isinstance(operand, syntax.Lower) else ANY


def demanded_of(part: Holds, operand: Operand) -> Kinds:
    """The types that a leaf demands of one of its own operands."""
    leaf = part.leaf
    if isinstance(leaf, syntax.Exists):
        return ANY
    if isinstance(leaf, syntax.Membership):
        if operand is leaf.members:
            return LIST
        return kinds_in(leaf.members) if part.wanted else ANY
    if isinstance(leaf, syntax.Comparison):
        other = leaf.right if operand is leaf.left else leaf.left
        sign = signed(leaf, part.wanted)
        if sign in ("==", "!="):
            return kinds_of(other) if sign == "==" else ANY
        return kinds_of(other) & ORDERED
    return TEXT


def kinds_of(operand: Operand) -> Kinds:
    """The types that what equals the operand, or is in order with it, may have."""
    return frozenset((kind_of(operand.value),)) if isinstance(operand, Literal) else nature(operand)


def kinds_in(members: Operand) -> Kinds:
    """The types of what is in a list."""
    if isinstance(members, Literal) and isinstance(members.value, tuple):
        return frozenset(map(kind_of, members.value))
    return ANY
