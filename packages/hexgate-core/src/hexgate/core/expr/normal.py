"""A constraint and the constants it may use in, a condition without `not` and without constants out.

A constraint is true, false or unknown, and only true passes. Pushing every `not` down to the leaves leaves two questions to
ask of a leaf: is it known to be true, is it known to be false. A condition is built of those questions alone, each answered by
yes or no, so it needs two values and no `not`: what is missing or of the wrong type is a no to both.

# INVARIANT: the condition of `not x` holds exactly when `x` is known to be false, never because something is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal as OneOf

from hexgate.core.expr import syntax
from hexgate.core.expr.syntax import Expression, Leaf, Operand, Path, Value

__all__ = ["All", "AnyOf", "Condition", "Each", "Holds", "normalise", "opposite"]


@dataclass(frozen=True, slots=True)
class Holds:
    """The leaf is known, and it is what is `wanted`."""

    leaf: Leaf
    wanted: bool


@dataclass(frozen=True, slots=True)
class All:
    """Every one of the conditions holds."""

    items: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of the conditions holds."""

    items: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Each:
    """`path` is a list, and the body holds for `every` or for `any` of its elements."""

    kind: OneOf["every", "any"]
    path: Path
    body: Condition


Condition = Holds | All | AnyOf | Each


def normalise(expression: Expression, consts: Mapping[str, Value], *, wanted: bool = True) -> Condition:
    """The condition under which `expression` is known to be what is `wanted`."""
    match expression:
        case syntax.Not(operand):
            return normalise(operand, consts, wanted=not wanted)
        case syntax.And(items):
            parts = tuple(normalise(item, consts, wanted=wanted) for item in items)
            return All(parts) if wanted else AnyOf(parts)
        case syntax.Or(items):
            parts = tuple(normalise(item, consts, wanted=wanted) for item in items)
            return AnyOf(parts) if wanted else All(parts)
        case syntax.Quantified(kind, path, body):
            kept: OneOf["every", "any"] = kind if wanted else ("any" if kind == "every" else "every")
            return Each(kept, path, normalise(body, consts, wanted=wanted))
        case _:
            return Holds(without_constants(expression, consts), wanted)


def opposite(condition: Condition) -> Condition:
    """The condition under which the same constraint is known to be false."""
    match condition:
        case Holds(leaf, wanted):
            return Holds(leaf, not wanted)
        case All(items):
            return AnyOf(tuple(opposite(item) for item in items))
        case AnyOf(items):
            return All(tuple(opposite(item) for item in items))
        case _:
            kind: OneOf["every", "any"] = "any" if condition.kind == "every" else "every"
            return Each(kind, condition.path, opposite(condition.body))


def without_constants(leaf: Leaf, consts: Mapping[str, Value]) -> Leaf:
    """The leaf with each `consts.NAME` replaced by its value."""
    changed = {name: inlined(getattr(leaf, name), consts) for name in OPERANDS.get(type(leaf), ())}
    return replace(leaf, **changed) if changed else leaf  # type: ignore[arg-type]


def inlined(operand: Operand, consts: Mapping[str, Value]) -> Operand:
    """The operand with a constant replaced by its value."""
    match operand:
        case syntax.Const(name):
            return syntax.Literal(consts[name])
        case syntax.Lower(inner):
            return syntax.Lower(inlined(inner, consts))
        case _:
            return operand


# The parts of each leaf in which a constant may stand.
OPERANDS: Mapping[type, tuple[str, ...]] = {
    syntax.Comparison: ("left", "right"),
    syntax.Membership: ("operand", "members"),
    syntax.TextTest: ("text", "part"),
    syntax.Matches: ("text",),
    syntax.Within: ("path",),
    syntax.UrlHostIn: ("url", "hosts"),
}
