"""The `expect` of a case or the `mistakes` of a suite in, what is wanted out, in the form in which answers carry it."""

from __future__ import annotations

from typing import Any

from hexgate.core.policy.fields import Fields, join
from hexgate.core.policy.nodes import Node, ScalarNode
from hexgate.core.testing.part import Part, texts
from hexgate.core.testing.suite import CODES, EXPECTED_KEYS, WantedMistake

__all__ = ["expected", "wanted_mistakes"]

OUTCOMES = ("allow", "deny", "approval_required")


def expected(fields: Fields, node: Node, path: str) -> dict[str, Any]:
    """What is wanted of an answer: the keys that were written, with their values."""
    part = Part.read(fields, node, path, EXPECTED_KEYS, "`expect`")
    if part is None or not part.needs("outcome"):
        return {}
    return {key: READ[key](fields, *part.at(key)) for key in part.table}


def outcome(fields: Fields, node: Node, path: str) -> str | None:
    return fields.choice(node, path, OUTCOMES)


def code(fields: Fields, node: Node, path: str) -> str | None:
    return fields.choice(node, path, CODES)


def violations(fields: Fields, node: Node, path: str) -> list[str]:
    return list(texts(fields, node, path))


def role(fields: Fields, node: Node, path: str) -> str | None:
    return None if is_null(fields, node) else fields.text(node, path)


def monitor(fields: Fields, node: Node, path: str) -> bool | str | None:
    """False, true, or a day in its written form."""
    value = fields.plain_value(node) if isinstance(node, ScalarNode) else None
    if isinstance(value, bool):
        return value
    day = fields.day(node, path)
    return None if day is None else day.isoformat()


def approvers(fields: Fields, node: Node, path: str) -> dict[str, str | None] | None:
    if is_null(fields, node):
        return None
    table = fields.table(node, path, ("role", "not"), "`approvers`") or {}
    return {key: fields.text(value, join(path, key)) for key, (_, value) in table.items()}


def count(fields: Fields, node: Node, path: str) -> int | None:
    """A line or a column."""
    value = fields.plain_value(node) if isinstance(node, ScalarNode) else None
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    fields.wrong_type(node, path, "a whole number from 1", help="lines and columns are counted from 1")
    return None


READ = {
    "outcome": outcome,
    "code": code,
    "violations": violations,
    "deciding_role": role,
    "monitor": monitor,
    "approvers": approvers,
    "line": count,
}


def wanted_mistakes(fields: Fields, node: Node, path: str) -> tuple[WantedMistake, ...]:
    """All the mistakes that a policy must have, in their order."""
    read = [
        wanted_mistake(fields, item, f"{path}[{position}]")
        for position, item in enumerate(fields.items(node, path) or [])
    ]
    return tuple(mistake for mistake in read if mistake is not None)


def wanted_mistake(fields: Fields, node: Node, path: str) -> WantedMistake | None:
    part = Part.read(fields, node, path, ("code", "line", "column", "suggest"), "the mistake")
    if part is None or not part.needs("code"):
        return None
    line, column = (count(fields, *part.at(key)) if key in part else None for key in ("line", "column"))
    return WantedMistake(part.text("code") or "", line, column, part.text("suggest"))


def is_null(fields: Fields, node: Node) -> bool:
    """Whether `null` was written, or nothing."""
    return isinstance(node, ScalarNode) and fields.plain_value(node) is None
