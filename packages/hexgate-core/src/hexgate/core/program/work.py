"""How much one decision may cost. Every bound is counted, none is timed, so a call is answered alike on every machine.

# INVARIANT: a caller chooses the size of the arguments and nothing else; no size that a call may have keeps the engine busy.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from hexgate.core.expr import syntax
from hexgate.core.expr.normal import All, AnyOf, Condition, Each, Holds
from hexgate.core.expr.syntax import Leaf

__all__ = ["MOST_LOOP_WORK", "MOST_PATTERN_WORK", "TURN", "LoopCost", "WorkExceededError", "cost_of"]

# Of all loops of a constraint together: bytes that are looked at, and 16 for each leaf of each turn. A million leaves, or a
# thousand elements that each look through 16 KB.
MOST_LOOP_WORK = 2**24
TURN = 16
# Of one pattern on one text: the pattern's steps times the text's bytes. A usual pattern reads the largest text.
MOST_PATTERN_WORK = 2**28
# A body of so few leaves is cheap however often it is turned.
FEW_LEAVES = 2
# The facts whose size the caller chooses.
CALLER_SIZED = frozenset(("args", "ctx"))


class WorkExceededError(Exception):
    """The call asks for more work than a decision may be."""


@dataclass(frozen=True, slots=True)
class LoopCost:
    """Whether a loop counts its work, what each turn takes, and whether it takes all bytes of the question besides."""

    counts: bool
    turn: int
    whole_call: bool


def cost_of(each: Each, *, inside: bool) -> LoopCost:
    """What a quantifier costs, `inside` of a loop that counts its work already."""
    leaves = leaves_of(each.body)
    counts = inside or leaves > FEW_LEAVES or looks_beyond(each.body)
    walks_again = inside and each.path.root in CALLER_SIZED and reads_through(each.body)
    return LoopCost(counts, leaves * TURN, leaf_looks_beyond(each.body) or walks_again)


def leaves_of(condition: Condition) -> int:
    """How many leaves a turn may ask, loops in it left aside: they count their own."""
    match condition:
        case All(items) | AnyOf(items):
            return sum(map(leaves_of, items))
        case _:
            return 1


def looks_beyond(condition: Condition) -> bool:
    """Whether a body, or a loop in it, reads more than the element that it is asked about."""
    match condition:
        case Holds():
            return leaf_looks_beyond(condition)
        case All(items) | AnyOf(items):
            return any(map(looks_beyond, items))
        case _:
            return condition.path.root != "item" or looks_beyond(condition.body)


def leaf_looks_beyond(condition: Condition) -> bool:
    """Whether a leaf of a body, loops in it left aside, reads arguments or attributes."""
    match condition:
        case Holds(leaf, _):
            return any(reads_call(getattr(leaf, field.name)) for field in fields(leaf))
        case All(items) | AnyOf(items):
            return any(map(leaf_looks_beyond, items))
        case _:
            return False


def reads_through(condition: Condition) -> bool:
    """Whether a body may read its elements from one end to the other: one element may hold nearly all bytes of the question."""
    match condition:
        case Holds(leaf, _):
            return not glances(leaf)
        case All(items) | AnyOf(items):
            return any(map(reads_through, items))
        case _:
            # A loop over the call itself counts for itself.
            return condition.path.root not in CALLER_SIZED and reads_through(condition.body)


def glances(leaf: Leaf) -> bool:
    """Whether a leaf reads no more of a value than an author wrote beside it."""
    match leaf:
        case (
            syntax.Comparison(_, syntax.Path(), syntax.Literal())
            | syntax.Comparison(_, syntax.Literal(), syntax.Path())
            | syntax.Membership(syntax.Path(), syntax.Literal())
            | syntax.TextTest("startswith" | "endswith", syntax.Path(), syntax.Literal())
            | syntax.Exists()
        ):
            return True
        case _:
            return False


def reads_call(operand: object) -> bool:
    """Whether an operand is, or is made of, something whose size the caller chooses."""
    match operand:
        case syntax.Path(root, _) | syntax.Count(syntax.Path(root, _)):
            return root in CALLER_SIZED
        case syntax.Lower(inner):
            return reads_call(inner)
        case _:
            return False
