"""A leaf in, what can be said about its answer before any call is made out.

# INVARIANT: an answer other than `OPEN` is certain for every call. What this module does not know is open.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import Enum
from typing import Any, cast

from hexgate.core.expr import syntax
from hexgate.core.expr.clean import host_of, normal_path
from hexgate.core.expr.normal import All, AnyOf, Condition, Each, Holds
from hexgate.core.expr.patterns import compile_pattern
from hexgate.core.expr.syntax import Leaf, Literal, Operand, Path, Value

__all__ = [
    "Answer",
    "Kind",
    "answer",
    "kind_of",
    "operands_of",
    "ordered",
    "replaced",
    "same",
    "specialised",
    "value_of",
]


class Answer(Enum):
    """What a leaf answers."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"
    OPEN = "open"


class Kind(Enum):
    """The types of JSON."""

    NULL = "null"
    BOOLEAN = "a boolean"
    NUMBER = "a number"
    TEXT = "a text"
    LIST = "a list"
    OBJECT = "an object"


class Absence(Enum):
    """What stands for a value that is not there, or not known yet."""

    MISSING = "missing"
    OPEN = "open"


Known = Value | Absence
ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def kind_of(value: Value) -> Kind:
    """The type of a value."""
    if value is None:
        return Kind.NULL
    if isinstance(value, bool):
        return Kind.BOOLEAN
    if isinstance(value, str):
        return Kind.TEXT
    return Kind.LIST if isinstance(value, tuple) else Kind.NUMBER


def same(left: Value, right: Value) -> bool:
    """Equality of JSON: a boolean is never a number, at any depth."""
    if kind_of(left) is not kind_of(right):
        return False
    if isinstance(left, tuple) and isinstance(right, tuple):
        return len(left) == len(right) and all(map(same, left, right))
    return left == right


def ordered(sign: str, left: Value, right: Value) -> bool:
    """The order of two numbers or of two texts."""
    return ORDER[sign](left, right)


def truth(value: bool) -> Answer:
    return Answer.TRUE if value else Answer.FALSE


def value_of(operand: Operand) -> Known:
    """The value of an operand that no call can change."""
    if isinstance(operand, Literal):
        return operand.value
    if not isinstance(operand, syntax.Lower):
        return Absence.OPEN
    inner = value_of(operand.operand)
    if isinstance(inner, Absence):
        return inner
    if not isinstance(inner, str):
        return Absence.MISSING
    # Python's lower case is ours for ASCII only.
    return inner.lower() if inner.isascii() else Absence.OPEN


def answer(leaf: Leaf) -> Answer:
    """What the leaf answers to every call."""
    if isinstance(leaf, syntax.Exists):
        return Answer.TRUE if leaf.path.root in ("role", "tool") else Answer.OPEN
    return ANSWERS[type(leaf)](leaf)


def compared(leaf: syntax.Comparison) -> Answer:
    """Two values; an order of anything but numbers and texts is unknown whatever stands on the other side."""
    left, right = value_of(leaf.left), value_of(leaf.right)
    if Absence.MISSING in (left, right):
        return Answer.UNKNOWN
    if leaf.operator in ORDER and not (may_be_ordered(left) and may_be_ordered(right)):
        return Answer.UNKNOWN
    if isinstance(left, Absence) or isinstance(right, Absence):
        return Answer.OPEN
    if leaf.operator in ("==", "!="):
        return truth(same(left, right) is (leaf.operator == "=="))
    return truth(ordered(leaf.operator, left, right)) if kind_of(left) is kind_of(right) else Answer.UNKNOWN


def may_be_ordered(value: Known) -> bool:
    """Whether something may come before or after the value."""
    return isinstance(value, Absence) or kind_of(value) in (Kind.NUMBER, Kind.TEXT)


def contained(leaf: syntax.Membership) -> Answer:
    """A value and a list."""
    value, members = value_of(leaf.operand), value_of(leaf.members)
    if value is Absence.MISSING or not isinstance(members, Absence | tuple):
        return Answer.UNKNOWN
    if isinstance(value, Absence) or isinstance(members, Absence):
        return Answer.OPEN
    return truth(any(same(value, member) for member in members))


def of_texts(test: Callable[..., bool], *values: Known) -> Answer:
    """A test of texts: unknown as soon as one of them is none."""
    if any(not isinstance(value, Absence | str) or value is Absence.MISSING for value in values):
        return Answer.UNKNOWN
    return Answer.OPEN if Absence.OPEN in values else truth(test(*values))


TESTS: Mapping[str, Callable[[str, str], bool]] = {
    "startswith": str.startswith,
    "endswith": str.endswith,
    "contains": operator.contains,
}


def tested(leaf: syntax.TextTest) -> Answer:
    """`startswith`, `endswith` and `contains`."""
    return of_texts(TESTS[leaf.test], value_of(leaf.text), value_of(leaf.part))


def matched(leaf: syntax.Matches) -> Answer:
    """A text and a pattern."""
    return of_texts(lambda text: compile_pattern(leaf.pattern).search(text.encode()) is not None, value_of(leaf.text))


def located(leaf: syntax.Within) -> Answer:
    """A path and directories."""

    def inside(text: str) -> bool:
        path = normal_path(text)
        roots = [normal_path(directory) or "" for directory in leaf.directories]
        return path is not None and any(path == root or path.startswith(f"{root}/") for root in roots)

    return of_texts(inside, value_of(leaf.path))


def hosted(leaf: syntax.UrlHostIn) -> Answer:
    """A URL and hosts."""
    hosts = value_of(leaf.hosts)

    def inside(text: str) -> bool:
        host = host_of(text)
        entries = [str(entry).lower() for entry in cast("tuple[str, ...]", hosts)]
        return host is not None and any(
            host.endswith(entry[1:]) if entry.startswith("*.") else host == entry for entry in entries
        )

    return of_texts(inside, value_of(leaf.url))


ANSWERS: Mapping[type, Callable[[Any], Answer]] = {
    syntax.Comparison: compared,
    syntax.Membership: contained,
    syntax.TextTest: tested,
    syntax.Matches: matched,
    syntax.Within: located,
    syntax.UrlHostIn: hosted,
    syntax.InScope: lambda _: Answer.OPEN,
}

OPERANDS = ("left", "right", "operand", "members", "text", "part", "path", "url")


def operands_of(leaf: Leaf) -> list[Operand]:
    """The operands of a leaf itself, what the author wrote down included."""
    return [getattr(leaf, name) for name in OPERANDS if hasattr(leaf, name)]


def replaced(leaf: Leaf, old: Operand, value: Value) -> Leaf:
    """The leaf with a value in the place of an operand. `exists` and file scopes ask for a path and keep it."""
    if isinstance(leaf, syntax.Exists | syntax.InScope):
        return leaf
    changed = {name: replaced_in(getattr(leaf, name), old, value) for name in OPERANDS if hasattr(leaf, name)}
    return cast(Leaf, replace(leaf, **changed))  # type: ignore[arg-type]


def replaced_in(operand: Operand, old: Operand, value: Value) -> Operand:
    """The operand with a value in the place of another operand."""
    if operand == old:
        return Literal(value)
    if isinstance(operand, syntax.Lower):
        return syntax.Lower(replaced_in(operand.operand, old, value), operand.at)
    if isinstance(operand, syntax.Count) and operand.path == old and isinstance(value, str | tuple):
        return Literal(len(value))
    return operand


def specialised(condition: Condition, facts: Mapping[str, str]) -> Condition:
    """The condition for calls of which some facts are known: the role, the tool."""
    match condition:
        case Holds(leaf, wanted):
            for root, text in facts.items():
                leaf = replaced(leaf, Path(cast(syntax.Root, root)), text)
            return Holds(leaf, wanted)
        case All(items):
            return All(tuple(specialised(item, facts) for item in items))
        case AnyOf(items):
            return AnyOf(tuple(specialised(item, facts) for item in items))
        case _:
            return Each(condition.kind, condition.path, specialised(condition.body, facts))
