"""A mapping of a suite file in; out comes what each must have: a name, keys it needs, no keys that exclude one another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, Self, TypeVar

from hexgate.core.policy.fields import Fields, Table, join, shown
from hexgate.core.policy.nodes import Node, ScalarNode
from hexgate.core.text import Span

__all__ = ["Part", "texts", "unique"]


class Part:
    """A mapping whose keys are known, with the words in which messages speak of it."""

    def __init__(self, fields: Fields, table: Table, node: Node, path: str, what: str) -> None:
        self.fields = fields
        self.table = table
        self.node = node
        self.path = path
        self.what = what

    @classmethod
    def read(cls, fields: Fields, node: Node, path: str, known: Sequence[str], what: str) -> Self | None:
        """The part of a node, if that is a mapping."""
        table = fields.table(node, path, known, what)
        return None if table is None else cls(fields, table, node, path, what)

    def __contains__(self, key: str) -> bool:
        return key in self.table

    def at(self, key: str) -> tuple[Node, str]:
        """The node of a key that is there, and its path."""
        return self.table[key][1], join(self.path, key)

    def needs(self, key: str, code: str = "HX204") -> bool:
        """Whether the key is there; it is noted when it is not."""
        if key not in self.table:
            self.fields.note(code, f"{self.what} has no `{key}`", self.node, self.path, help=f"add `{key}:`")
        return key in self.table

    def excludes(self, first: str, second: str) -> None:
        """Notes both of two keys that exclude one another."""
        if first in self.table and second in self.table:
            key, path = self.table[second][0], join(self.path, second)
            self.fields.note(
                "HX603", f"{self.what} has both `{first}` and `{second}`", key, path, help="keep one of them"
            )

    def needs_one(self, first: str, second: str) -> None:
        """Notes both of two keys, and neither of them."""
        self.excludes(first, second)
        if first not in self.table and second not in self.table:
            message = f"{self.what} has neither `{first}` nor `{second}`"
            self.fields.note("HX603", message, self.node, self.path, help="add one of them")

    def text(self, key: str) -> str | None:
        """The text of a key, if it is there."""
        return self.fields.text(*self.at(key)) if key in self.table else None

    def name(self) -> str:
        """The name, a sentence; empty when there is none, which is noted. Messages speak of the part by it from now on."""
        name = self.text("name") if self.needs("name") else None
        if name is not None and not name.strip():
            help = "say in a sentence what it shows"
            self.fields.note("HX207", f"{self.what} has an empty name", *self.at("name"), help=help)
        if name:
            self.what = f"{self.what} `{shown(name)}`"
        return name or ""

    @property
    def span(self) -> Span | None:
        """Where the part stands for its reader: at its name."""
        return self.table["name"][1].span if "name" in self.table else self.node.span


class Named(Protocol):
    """A suite or a case."""

    @property
    def name(self) -> str: ...

    @property
    def span(self) -> Span | None: ...


N = TypeVar("N", bound=Named)


def texts(fields: Fields, node: Node, path: str) -> tuple[str, ...]:
    """A list of texts."""
    read = [fields.text(item, f"{path}[{position}]") for position, item in enumerate(fields.items(node, path) or [])]
    return tuple(text for text in read if text is not None)


def unique(fields: Fields, items: Sequence[N], what: str, path: str) -> tuple[N, ...]:
    """The items; a name that stands there already is noted."""
    seen: dict[str, N] = {}
    for item in items:
        first = seen.setdefault(item.name, item)
        if first is not item and item.name:
            where = f"the first is in line {first.span.line}: " if first.span else ""
            place = ScalarNode(item.name, False, item.span)
            message = f"two {what}s are called `{shown(item.name)}`"
            fields.note("HX602", message, place, path, help=f"{where}give each {what} a name of its own")
    return tuple(items)
