"""One constraint as a tree. Leaves are what a fact is compared with; `Not`, `And`, `Or` and `Quantified` join them.

Where something stood in the text (`at`, code points from the constraint's start) is no part of a comparison. Python holds
`True == 1`, so two trees that must be told apart to the last bit are compared by what `printer` writes of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from decimal import Decimal
from typing import Literal as OneOf

__all__ = [
    "And",
    "Comparison",
    "Const",
    "Count",
    "Exists",
    "Expression",
    "InScope",
    "Leaf",
    "Literal",
    "Lower",
    "Matches",
    "Membership",
    "Not",
    "Operand",
    "Or",
    "Path",
    "Quantified",
    "Root",
    "TextTest",
    "UrlHostIn",
    "Value",
    "Within",
    "children_of",
    "nodes_of",
]

# A number is an int, or a Decimal when it is not whole (or has an exponent too large to write out): never a float.
Value = None | bool | int | Decimal | str | tuple["Value", ...]
At = tuple[int, int]
NOWHERE: At = (0, 0)


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that the author wrote down."""

    value: Value
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Const:
    """`consts.NAME`."""

    name: str
    at: At = field(default=NOWHERE, compare=False, repr=False)


Root = OneOf["args", "ctx", "user", "session", "role", "tool", "item"]


@dataclass(frozen=True, slots=True)
class Path:
    """A fact: a root and the steps below it. Root `item` is the element of the innermost quantifier, written `.`."""

    root: Root
    steps: tuple[str | int, ...] = ()
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Count:
    """`count(path)`: elements, keys, or code points."""

    path: Path
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Lower:
    """`lower(operand)`: each code point's simple lower case."""

    operand: Operand
    at: At = field(default=NOWHERE, compare=False, repr=False)


Operand = Literal | Const | Path | Count | Lower

ComparisonOperator = OneOf["==", "!=", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left operator right`."""

    operator: ComparisonOperator
    left: Operand
    right: Operand
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Membership:
    """`operand in set`; `not in` is a `Not` around it."""

    operand: Operand
    members: Literal | Const | Path
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class TextTest:
    """`startswith`, `endswith` or `contains` of two texts."""

    test: OneOf["startswith", "endswith", "contains"]
    text: Operand
    part: Operand
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Matches:
    """`matches(operand, pattern)`: RE2, unanchored."""

    text: Operand
    pattern: str
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Within:
    """`within(operand, directory, …)`."""

    path: Operand
    directories: tuple[str, ...]
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class UrlHostIn:
    """`url_host_in(operand, hosts)`."""

    url: Operand
    hosts: Literal | Const
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Exists:
    """`exists(path)`: the one leaf that is never unknown."""

    path: Path
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class InScope:
    """A rule's `file_scope` as a leaf: no constraint can write it."""

    path: Operand
    allowed: tuple[str, ...] | None
    denied: tuple[str, ...]
    at: At = field(default=NOWHERE, compare=False, repr=False)


Leaf = Comparison | Membership | TextTest | Matches | Within | UrlHostIn | Exists | InScope


@dataclass(frozen=True, slots=True)
class Quantified:
    """`every(path, body)` or `any(path, body)`."""

    kind: OneOf["every", "any"]
    path: Path
    body: Expression
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Not:
    """`not operand`."""

    operand: Expression
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class And:
    """All of two or more."""

    items: tuple[Expression, ...]
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of two or more."""

    items: tuple[Expression, ...]
    at: At = field(default=NOWHERE, compare=False, repr=False)


Expression = Leaf | Quantified | Not | And | Or


def nodes_of(tree: object) -> Iterator[object]:
    """The nodes of a tree or of a condition, itself first."""
    yield tree
    for child in children_of(tree):
        yield from nodes_of(child)


def children_of(tree: object) -> Iterator[object]:
    """The nodes right below a node."""
    for each in fields(tree) if is_dataclass(tree) and not isinstance(tree, type) else ():
        value = getattr(tree, each.name)
        yield from (item for item in (value if isinstance(value, tuple) else (value,)) if is_dataclass(item))
