"""The node of one case in, the case out: a call, a caller, and what is wanted of the answer."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from hexgate.core.errors import UserError
from hexgate.core.identity import User
from hexgate.core.policy.fields import Fields, join
from hexgate.core.policy.nodes import MappingNode, Node, ScalarNode, SequenceNode
from hexgate.core.testing.expectations import expected
from hexgate.core.testing.part import Part, texts
from hexgate.core.testing.suite import Case

__all__ = ["CaseReader"]

CASE_KEYS = ("name", "role", "roles", "user", "session", "ctx", "tool", "args", "args_json", "expect")
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?\Z")


class CaseReader:
    """Reads the cases of one document."""

    def __init__(self, fields: Fields) -> None:
        self.fields = fields

    def case(self, node: Node, path: str) -> Case | None:
        """One case."""
        part = Part.read(self.fields, node, path, CASE_KEYS, "the case")
        if part is None:
            return None
        name = part.name()
        tool = part.text("tool") if part.needs("tool") else None
        wanted = expected(self.fields, *part.at("expect")) if part.needs("expect") else {}
        part.excludes("role", "roles")
        part.excludes("args", "args_json")
        return Case(name, tool or "", self.arguments(part), self.user(part), wanted, part.span)

    def arguments(self, part: Part) -> Mapping[str, Any] | str:
        """The arguments as data, or as the raw text that is decoded when the case is run."""
        return part.text("args_json") or "" if "args_json" in part else self.mapping(part, "args")

    def user(self, part: Part) -> User:
        """Who calls. What no `User` can be is a mistake of the case."""
        roles = texts(self.fields, *part.at("roles")) if "roles" in part else ()
        user_id = self.text_or_null(part, "user") if "user" in part else "user"
        session = self.text_or_null(part, "session")
        attributes = self.mapping(part, "ctx")
        try:
            return User(user_id, part.text("role"), session, roles=roles, attributes=attributes)
        except UserError as error:
            message = f"nobody can call like this: {error.message}"
            self.fields.note("HX604", message, part.node, part.path, help=error.help)
            return User(None)

    def text_or_null(self, part: Part, key: str) -> str | None:
        """The text of a key for which `null` says that there is none."""
        node = part.at(key)[0] if key in part else None
        null = isinstance(node, ScalarNode) and self.fields.plain_value(node) is None
        return None if null else part.text(key)

    def mapping(self, part: Part, key: str) -> dict[str, Any]:
        """An object of JSON."""
        if key not in part:
            return {}
        node, path = part.at(key)
        if key == "args" and not isinstance(node, MappingNode):
            self.fields.wrong_type(node, path, "a mapping", help="use `args_json` for what is no object")
            return {}
        return self.object(node, path)

    def object(self, node: Node, path: str) -> dict[str, Any]:
        """A mapping as data."""
        return {
            key: self.data(value, join(path, key))
            for key, (_, value) in (self.fields.mapping(node, path) or {}).items()
        }

    def data(self, node: Node, path: str) -> Any:
        """A node as the data that a decoder of JSON would make of it."""
        if isinstance(node, MappingNode):
            return self.object(node, path)
        if isinstance(node, SequenceNode):
            return [self.data(item, f"{path}[{position}]") for position, item in enumerate(node.items)]
        number = json_number(node)
        return self.fields.scalar(node, path) if number is None else number


def json_number(node: ScalarNode) -> int | float | None:
    """The number that a call with this text has, None for what is no number or has more digits than Python reads."""
    if not node.plain or NUMBER.match(str(node.value)) is None:
        return None
    try:
        number: int | float = json.loads(str(node.value))
    except ValueError:
        return None
    return number
