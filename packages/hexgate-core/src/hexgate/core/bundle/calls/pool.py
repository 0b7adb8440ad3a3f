"""The leaves of a rule in, for each fact that more than one of them reads the values out on which they may agree.

# INVARIANT: a pool only proposes: every value is tried before anything is said of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import pairwise, product
from typing import Any

from hexgate.core.bundle.calls.nodes import Fact, Node
from hexgate.core.bundle.calls.question import ABSENT
from hexgate.core.bundle.calls.series import operands_of, series, through
from hexgate.core.engine.values import MISSING, literal
from hexgate.core.expr import syntax
from hexgate.core.expr.normal import Holds
from hexgate.core.expr.syntax import Path

__all__ = ["Pool", "leaves_of"]

# Of each leaf so many of its first values; of texts that are put together from parts so many of each.
MOST_VALUES = 14
MOST_PIECES = 3
MOST_TEXTS = 40


class Pool:
    """What the leaves of one rule say of each fact."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self.leaves: dict[Path, list[tuple[syntax.Leaf, Fact]]] = {}
        self.made: dict[Path, tuple[Any, ...]] = {}
        for node in nodes:
            for leaf in leaves_of(node):
                for fact in leaf.facts:
                    self.leaves.setdefault(fact.path, []).append((leaf.condition.leaf, fact))  # type: ignore[union-attr]

    def values(self, path: Path) -> tuple[Any, ...]:
        """Values of a fact that more than one leaf reads."""
        made = self.made.get(path)
        if made is None:
            reading = self.leaves.get(path, [])
            made = self.made[path] = tuple(together(reading)) if len(reading) > 1 else ()
        return made


def leaves_of(node: Node) -> Iterable[Node]:
    """The leaves of a tree, from left to right."""
    if isinstance(node.condition, Holds):
        yield node
    for part in node.parts:
        yield from leaves_of(part)


def together(reading: Sequence[tuple[syntax.Leaf, Fact]]) -> Iterable[Any]:
    """Values between the bounds of numbers, texts made of the parts of several demands, then what each demand alone suggests."""
    yield from between([number for leaf, fact in reading if (number := bound_of(leaf, fact)) is not None])
    yield from joined([leaf for leaf, fact in reading if isinstance(fact.operand, Path)])
    for leaf, fact in reading:
        for value in series(leaf, fact.side, known_other(leaf, fact.side))[:MOST_VALUES]:
            if value is not ABSENT:
                yield from through(fact.operand, value, MISSING)


def known_other(leaf: syntax.Leaf, side: int) -> Any:
    """The other operand's value where the author wrote it down."""
    operands = operands_of(leaf)
    other = operands[1 - side] if len(operands) == 2 else None
    return literal(other.value) if isinstance(other, syntax.Literal) else ABSENT


def bound_of(leaf: syntax.Leaf, fact: Fact) -> Any:
    """The number that a leaf compares a fact with."""
    other = known_other(leaf, fact.side)
    numeric = isinstance(fact.operand, Path) and type(other) in (int, float, Decimal)
    return other if numeric and isinstance(leaf, syntax.Comparison) else None


def between(bounds: Sequence[Any]) -> Iterable[Any]:
    """A number between each two neighbours, whole where there is a whole one."""
    exact = sorted({Decimal(repr(bound)) if type(bound) is float else Decimal(bound) for bound in bounds})
    for low, high in pairwise(exact):
        if low.adjusted() > 300 or high.adjusted() > 300:
            continue
        whole = int(low.to_integral_value()) + 1
        yield whole if low < whole < high else float((low + high) / 2)


def joined(leaves: Sequence[syntax.Leaf]) -> Iterable[str]:
    """Texts that begin, go on and end as several demands ask."""
    pieces: dict[str, list[str]] = {"startswith": [], "contains": [], "endswith": [], "other": []}
    for leaf in leaves:
        match leaf:
            case syntax.TextTest(test, _, syntax.Literal(str() as part)):
                pieces[test].append(part)
            case _:
                values = series(leaf, 0, known_other(leaf, 0))[:MOST_VALUES]
                pieces["other"].extend(value for value in values if type(value) is str)
    if not pieces["startswith"] + pieces["contains"] + pieces["endswith"]:
        return
    middles = ["".join(pieces["contains"]), *pieces["other"][:MOST_PIECES]]
    found = product(choices(pieces["startswith"]), middles, choices(pieces["endswith"]))
    for _, (first, middle, last) in zip(range(MOST_TEXTS), found, strict=False):
        yield f"{first}{middle}{last}"
        yield last if last.startswith(first) else first + last


def choices(parts: Sequence[str]) -> list[str]:
    """The longest parts first, since a longer beginning may have the shorter one; or nothing."""
    return sorted(parts, key=lambda part: (-len(part), part))[:MOST_PIECES] or [""]
