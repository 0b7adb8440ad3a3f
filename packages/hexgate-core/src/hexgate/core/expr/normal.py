"""A constraint and the constants it may use in, a condition without `not` and without constants out.

A constraint is true, false or unknown, and only true passes. Pushing every `not` down to the leaves leaves two questions to
ask of a leaf: is it known to be true, is it known to be false. A condition is built of those questions alone, each answered by
yes or no, so it needs two values and no `not`: what is missing or of the wrong type is a no to both.

# INVARIANT: the condition of `not x` holds exactly when `x` is known to be false, never because something is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal as OneOf
from typing import cast

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
        case Each(kind, path, body):
            return Each("any" if kind == "every" else "every", path, opposite(body))


def without_constants(leaf: Leaf, consts: Mapping[str, Value]) -> Leaf:
    """The leaf with each `consts.NAME` replaced by its value."""
    replace_fields = REPLACE.get(type(leaf))
    return leaf if replace_fields is None else replace_fields(leaf, consts)


def inlined(operand: Operand, consts: Mapping[str, Value]) -> Operand:
    """The operand with a constant replaced by its value."""
    match operand:
        case syntax.Const(name, at):
            return syntax.Literal(consts[name], at)
        case syntax.Lower(inner, at):
            return syntax.Lower(inlined(inner, consts), at)
        case _:
            return operand


def replacing(*fields: str) -> Callable[[Leaf, Mapping[str, Value]], Leaf]:
    """A function that replaces the constants in the named fields of a leaf."""

    def replace_fields(leaf: Leaf, consts: Mapping[str, Value]) -> Leaf:
        changed = {name: inlined(cast(Operand, getattr(leaf, name)), consts) for name in fields}
        return replace(leaf, **changed)  # type: ignore[arg-type]

    return replace_fields


# A leaf that is not here cannot hold a constant.
REPLACE: Mapping[type, Callable[[Leaf, Mapping[str, Value]], Leaf]] = {
    syntax.Comparison: replacing("left", "right"),
    syntax.Membership: replacing("operand", "members"),
    syntax.TextTest: replacing("text", "part"),
    syntax.Matches: replacing("text"),
    syntax.Within: replacing("path"),
    syntax.UrlHostIn: replacing("url", "hosts"),
}
