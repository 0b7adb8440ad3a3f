"""A program in, the instructions that its module may take out: more than any call can cost that is answered natively.

A usual call takes some ten thousand, and is never asked about here. A rule that loops over a large question may take many more, and
how many is known: what a leaf costs at most, and what a loop may look at before its work is exceeded.

# INVARIANT: the bound comes from the rules that can be asked from the size of the question and the elements that
# its lists can have, and is for a module that does these
rules' work and nothing else. It is far above what that takes, so a module that may do something else is not to be given it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest
from typing import cast

from hexgate.core.expr import syntax
from hexgate.core.expr.clean import glob_regex
from hexgate.core.expr.normal import All, AnyOf, Condition, Each, Holds
from hexgate.core.expr.syntax import Leaf, nodes_of
from hexgate.core.program import CompiledRule, Program
from hexgate.core.program.work import MOST_LOOP_WORK, TURN, cost_of
from hexgate.core.wasm.limits import FOREIGN
from hexgate.core.wasm.regex import automaton

__all__ = ["A_BYTE_READ", "ProgramBudget", "budget_of"]

# Four times what was measured at worst, in instructions: to read a byte of the question; to ask a leaf or to turn a loop; to look
# at a byte; to do so with one step of a pattern; to begin with a pattern; to look at a byte of what the author wrote.
A_BYTE_READ = 1_000
A_LEAF = 4_000
A_BYTE_LOOKED_AT = 1_000
A_STEP = 256
A_PATTERN = 20_000
A_BYTE_WRITTEN = 64
# Of a character, and of the digits of an integer that a call may hold.
BYTES, MOST_DIGITS = 4, 4300
# The role, the tool, the user and the session are texts of at most 1,024 characters.
A_SMALL_FACT = 1024 * BYTES * A_BYTE_WRITTEN
SMALL_FACTS = frozenset(("role", "tool", "user", "session"))
# No element of a list is written with fewer bytes, its comma included.
SMALLEST_ELEMENT = 2


@dataclass(frozen=True, slots=True)
class Cost:
    """What a condition costs at most, twice: by the turns that its loops can have, and by what its loops may look at.

    `growth` are the factors of 1, the turns, their square and so on, each as a part that is always there and one for each byte of
    the question. `flat` and `a_byte` hold whatever the turns. `unit` is what one byte or turn of a loop around it costs.
    """

    growth: tuple[tuple[int, int], ...]
    flat: int
    a_byte: int
    unit: int

    def of(self, size: int, turns: int) -> int:
        """The instructions for a question of that many bytes, no list of which has more elements than `turns`."""
        grown = 0
        for flat, a_byte in reversed(self.growth):
            grown = grown * turns + flat + a_byte * size
        return min(grown, self.flat + self.a_byte * size)


class ProgramBudget:
    """The instructions that a module of one program may take; what a rule costs is worked out when it is first asked for."""

    __slots__ = ("known", "program")

    def __init__(self, program: Program) -> None:
        self.program = program
        self.known: dict[int, tuple[Cost, ...]] = {}

    def fuel(self, tool: str, roles: Iterable[str], question: bytes) -> int:
        """The instructions for a question about a tool, by a caller with these roles."""
        # Between two elements of a list there is a comma; those in texts are counted with them.
        size, turns = len(question), question.count(b",") + 1
        found = {name: self.program.role(name) for name in roles} or {"default": self.program.role("default")}
        rules = {id(index): index.find(tool) for index in found.values() if index is not None}
        asked = sum(cost.of(size, turns) for rule in rules.values() for cost in self.costs(rule))
        return FOREIGN.base + A_BYTE_READ * size + asked

    def costs(self, rule: CompiledRule) -> tuple[Cost, ...]:
        """What the checks of a rule cost."""
        costs = self.known.get(id(rule))
        if costs is None:
            costs = self.known[id(rule)] = tuple(cost(check.condition, inside=False) for check in rule.checks)
        return costs


def budget_of(program: Program) -> ProgramBudget:
    """The budget of a program's module."""
    return ProgramBudget(program)


def cost(condition: Condition, *, inside: bool) -> Cost:
    """What a condition costs, `inside` of a loop that counts its work."""
    match condition:
        case Holds(leaf, _):
            flat, a_byte = fixed(leaf), weight(leaf)
            return Cost(((flat, a_byte),), flat, a_byte, flat // TURN + a_byte)
        case All(items) | AnyOf(items):
            return together([cost(item, inside=inside) for item in items])
        case _:
            return looped(condition, inside=inside)


def together(costs: list[Cost]) -> Cost:
    """What several conditions cost."""
    by_power = zip_longest(*(each.growth for each in costs), fillvalue=(0, 0))
    growth = tuple((sum(flat for flat, _ in each), sum(a_byte for _, a_byte in each)) for each in by_power)
    return Cost(
        growth, sum(each.flat for each in costs), sum(each.a_byte for each in costs), sum(each.unit for each in costs)
    )


def looped(each: Each, *, inside: bool) -> Cost:
    """What a loop costs: its turns, each with all that a turn may look at; or, when its work is counted, no more than may be."""
    counts = cost_of(each, inside=inside).counts
    body = cost(each.body, inside=inside or counts)
    unit = body.unit + A_LEAF // TURN
    if not counts:
        # Its turns look at nothing but their elements, which are not longer together than the question.
        flat, a_byte = A_LEAF + body.flat, body.a_byte + (A_LEAF + body.flat) // SMALLEST_ELEMENT
        if len(body.growth) == 1:
            return Cost(((A_LEAF, body.a_byte), (A_LEAF + body.flat, 0)), flat, a_byte, unit)
        return Cost(turned(body.growth), flat, a_byte, unit)
    return Cost(turned(body.growth), A_LEAF + MOST_LOOP_WORK * unit, A_BYTE_LOOKED_AT, unit)


def turned(growth: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    """What a loop costs by its turns, each of which looks at everything that its body may look at."""
    (flat, a_byte), *rest = growth
    return (A_LEAF, 0), (A_LEAF + flat, a_byte), *rest


def fixed(leaf: Leaf) -> int:
    """What asking a leaf takes, whatever its values: what the author wrote is looked at, and the small facts that it names."""
    parts = list(nodes_of(leaf))
    written = sum(
        size_of(value) for part in parts if isinstance(part, syntax.Literal) for value in values_of(part.value)
    )
    if isinstance(leaf, syntax.Within):
        written += sum(map(len, leaf.directories)) * BYTES
    small = sum(isinstance(part, syntax.Path) and part.root in SMALL_FACTS for part in parts)
    patterns = sum(A_PATTERN + A_STEP * steps for steps in steps_in(leaf))
    return A_LEAF + written * A_BYTE_WRITTEN + small * A_SMALL_FACT + patterns


def weight(leaf: Leaf) -> int:
    """What a leaf makes of each byte that it looks at: it goes by all steps of its patterns, or by the hosts that may end there."""
    if isinstance(leaf, syntax.UrlHostIn):
        hosts = values_of(cast("syntax.Literal", leaf.hosts).value)
        return A_BYTE_LOOKED_AT + A_BYTE_WRITTEN * max(map(size_of, hosts), default=0)
    return A_BYTE_LOOKED_AT + A_STEP * sum(steps_in(leaf))


def steps_in(leaf: Leaf) -> list[int]:
    """How many steps each pattern of a leaf has."""
    match leaf:
        case syntax.Matches(_, pattern):
            return [automaton(pattern)[1]]
        case syntax.InScope(_, allowed, denied):
            return [automaton(glob_regex(glob))[1] for glob in (*(allowed or ()), *denied)]
        case _:
            return []


def values_of(value: syntax.Value) -> Iterator[syntax.Value]:
    """The values in a literal, a list's one by one."""
    if isinstance(value, tuple):
        for item in value:
            yield from values_of(item)
    else:
        yield value


def size_of(value: syntax.Value) -> int:
    """The bytes of a value, a number's with all digits that a number of a call may have for it."""
    if isinstance(value, Decimal):
        return len(value.as_tuple().digits) + min(abs(value.adjusted()), MOST_DIGITS)
    return BYTES * len(str(value))
