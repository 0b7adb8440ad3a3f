"""A node in, the value that a document may hold there out; what is wrong is noted, and reading goes on.

Every function answers None when the node is not what it must be, after noting the mistake, so that all mistakes of a document
are found in one reading.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from hexgate.core.errors import MOST_MISTAKES, Mistake
from hexgate.core.expr.numbers import read_number
from hexgate.core.expr.syntax import Value
from hexgate.core.policy.nodes import MappingNode, Node, ScalarNode, SequenceNode
from hexgate.core.text import nearest, suggestion
from hexgate.core.text.render import INVISIBLE, shown

__all__ = ["Fields", "Table", "join", "name_mistake", "shown"]

LONGEST_NAME = 256
LOOKS_LIKE_NUMBER = re.compile(
    r"[-+]?\.?[0-9][0-9_]*(?:[.:exo][-+0-9a-fxo_:.]*)?\Z|[-+]?\.(?:inf|nan)\Z", re.ASCII | re.IGNORECASE
)
OLD_BOOLEANS = frozenset(("yes", "no", "on", "off", "y", "n"))
WORDS: Mapping[str, Value] = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
NULLS = frozenset(("", "~", "null", "Null", "NULL"))
KINDS = {MappingNode: "a mapping", SequenceNode: "a list"}

Table = Mapping[str, tuple[ScalarNode, Node]]


def name_mistake(name: str) -> str | None:
    """Why the text cannot be the name of a role or a tool."""
    if not name:
        return "is empty"
    if len(name) > LONGEST_NAME:
        return f"is longer than {LONGEST_NAME} characters"
    if name != name.strip():
        return "begins or ends with white space"
    if any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in name):
        return "holds a control character"
    if INVISIBLE.search(name) or any(unicodedata.category(char) == "Cf" for char in name):
        return "holds an invisible character"
    return None


class Fields:
    """Reads the fields of one document and keeps what was wrong with them."""

    def __init__(self) -> None:
        self.mistakes: list[Mistake] = []

    def note(self, code: str, message: str, node: Node | None, path: str, *, help: str | None = None) -> None:
        """Notes a mistake at the place of a node."""
        self.mistakes.append(Mistake(code, message, help, node.span if node is not None else None, path))

    def meant(self, word: str, known: Sequence[str]) -> str | None:
        """A suggestion, as long as the mistake is one that is shown."""
        return suggestion(word, known) if len(self.mistakes) < MOST_MISTAKES else None

    def wrong_type(self, node: Node, path: str, wanted: str, *, help: str | None = None) -> None:
        """Notes that the node is something else than what is wanted here."""
        self.note("HX202", f"{self.where(path)} must be {wanted}, not {self.kind(node)}", node, path, help=help)

    @staticmethod
    def where(path: str) -> str:
        """The last part of a path, as a message names it."""
        return f"`{shown(path.rpartition('.')[2])}`" if path else "the document"

    def kind(self, node: Node) -> str:
        """What a node is, in words."""
        if not isinstance(node, ScalarNode):
            return KINDS[type(node)]
        value = self.plain_value(node)
        if value is None:
            return "empty" if node.value in ("", None) else "null"
        if isinstance(value, bool):
            return "a boolean"
        if isinstance(value, int | Decimal):
            return "a number"
        return f"the text `{shown(value)}`" if isinstance(value, str) else f"{type(node.value).__name__}"

    def table(
        self, node: Node, path: str, known: Sequence[str], what: str, *, helps: Mapping[str, str] | None = None
    ) -> Table | None:
        """A mapping whose keys must be known. `helps` says for words that may be near to an unknown one what to do about it."""
        found = self.mapping(node, path)
        if found is None:
            return None
        helps = helps or {}
        listed = f"the keys here are {', '.join(f'`{name}`' for name in known)}"
        for key, (key_node, _) in found.items():
            if key not in known:
                near = nearest(key, (*known, *helps)) if len(self.mistakes) < MOST_MISTAKES else None
                help = helps.get(near or "") or self.meant(key, known) or listed
                self.note("HX203", f"unknown key `{shown(key)}` in {what}", key_node, join(path, key), help=help)
        return {key: pair for key, pair in found.items() if key in known}

    def mapping(self, node: Node, path: str) -> Table | None:
        """A mapping with keys of the author's own choice, each of them once."""
        if not isinstance(node, MappingNode):
            self.wrong_type(node, path, "a mapping", help="write `name: value` pairs below it, indented")
            return None
        found: dict[str, tuple[ScalarNode, Node]] = {}
        for key_node, value in node.pairs:
            key = str(key_node.value)
            if key in found:
                first = found[key][0].span
                help = f"it stands in line {first.line} already" if first else "keep one of them"
                self.note("HX108", f"the key `{shown(key)}` is written twice", key_node, join(path, key), help=help)
            else:
                found[key] = (key_node, value)
        return found

    def items(self, node: Node, path: str) -> list[Node] | None:
        """A list."""
        if isinstance(node, SequenceNode):
            return node.items
        self.wrong_type(node, path, "a list", help="put it behind a `-` on a line of its own")
        return None

    def text(self, node: Node, path: str) -> str | None:
        """A text; what would be a number, a boolean or nothing must be quoted to be one."""
        noted = len(self.mistakes)
        value = self.scalar(node, path) if isinstance(node, ScalarNode) else None
        if len(self.mistakes) > noted:
            return None
        if not isinstance(value, str):
            self.wrong_type(node, path, "a text", help="put it in quotes" if isinstance(node, ScalarNode) else None)
            return None
        return value

    def flag(self, node: Node, path: str) -> bool | None:
        """`true` or `false`."""
        value = self.plain_value(node) if isinstance(node, ScalarNode) else None
        if isinstance(value, bool):
            return value
        self.wrong_type(node, path, "true or false", help="write `true` or `false`, without quotes")
        return None

    def choice(self, node: Node, path: str, choices: Sequence[str]) -> str | None:
        """One of a few words."""
        value = self.text(node, path)
        if value is None or value in choices:
            return value
        listed = ", ".join(f"`{choice}`" for choice in choices)
        help = self.meant(value, choices) or f"write one of {listed}"
        self.note("HX206", f"{self.where(path)} cannot be `{shown(value)}`", node, path, help=help)
        return None

    def day(self, node: Node, path: str) -> date | None:
        """A day as YYYY-MM-DD."""
        value = node.value if isinstance(node, ScalarNode) else None
        if type(value) is date:
            return value
        try:
            if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
                return date.fromisoformat(value)
        except ValueError:
            pass
        self.note(
            "HX206", f"{self.where(path)} must be a day", node, path, help="write it as YYYY-MM-DD, such as 2027-01-31"
        )
        return None

    def constant(self, key: ScalarNode, node: Node, path: str) -> Value:
        """A constant: a number, a text, a boolean, or a list of those. Where nothing is written, its name is the place."""
        if isinstance(node, ScalarNode) and node.plain and node.value == "":
            node = ScalarNode("", True, key.span)
        if isinstance(node, SequenceNode):
            if len(node.items) > 1000:
                self.note(
                    "HX308", "the list has more than 1,000 items", node, path, help="group the values by a rule instead"
                )
                return None
            return tuple(self.constant_scalar(item, f"{path}[{position}]") for position, item in enumerate(node.items))
        return self.constant_scalar(node, path)

    def constant_scalar(self, node: Node, path: str) -> Value:
        value = None
        if isinstance(node, ScalarNode):
            noted = len(self.mistakes)
            value = self.scalar(node, path)
            if len(self.mistakes) > noted:
                return None
        if value is None:
            self.note(
                "HX213",
                f"a constant cannot be {self.kind(node)}",
                node,
                path,
                help="a constant is a number, a text, true or false, or a list of those",
            )
        return value

    def scalar(self, node: ScalarNode, path: str) -> Value:
        """A value of JSON, with the words that YAML versions disagree about refused."""
        value = node.value
        if node.plain and isinstance(value, str):
            if value.lower() in OLD_BOOLEANS:
                self.note(
                    "HX202",
                    f"`{value}` is a boolean for some and a text for others",
                    node,
                    path,
                    help=f'write true or false, or "{value}" in quotes',
                )
                return None
            if LOOKS_LIKE_NUMBER.match(value) and read_number(value) is None:
                self.note(
                    "HX202",
                    f"`{shown(value)}` is no number that JSON knows",
                    node,
                    path,
                    help="write the number out, or put it in quotes to make it a text",
                )
                return None
        if isinstance(value, str) and any("\ud800" <= char <= "\udfff" for char in value):
            self.note(
                "HX202", f"{self.where(path)} holds half of a surrogate pair", node, path, help="delete the character"
            )
            return None
        return self.plain_value(node)

    def plain_value(self, node: ScalarNode) -> Value:
        """What the scalar is under YAML 1.2 with the numbers of JSON."""
        value = node.value
        if isinstance(value, bool) or (isinstance(value, str) and not node.plain):
            return value
        if isinstance(value, int | float | Decimal):
            return read_number(written(value))
        if not isinstance(value, str) or value in NULLS:
            return None
        if value in WORDS:
            return WORDS[value]
        exact = read_number(value)
        return value if exact is None else exact


def written(value: int | float | Decimal) -> str:
    """A number of Python as JSON would write it; empty when JSON has no words for it."""
    try:
        return format(value, "d") if isinstance(value, int) else str(value).removesuffix(".0")
    except ValueError:
        # Python refuses to write out an int of more than 4,300 digits.
        return ""


def join(path: str, *names: str) -> str:
    """A path one or more steps further down."""
    return ".".join(part for part in (path, *names) if part)
