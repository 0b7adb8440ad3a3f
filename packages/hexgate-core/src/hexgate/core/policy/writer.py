"""A document in, the plain data of it out (`dump`), or YAML that reads back equal (`to_yaml`).

Both are a function of the document alone: keys come in a fixed order inside a rule and in the author's order between rules.
What the author did not write is not written.

# INVARIANT: whatever reads the YAML takes every text for a text, because a text that could be taken for anything else is quoted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from hexgate.core.expr.syntax import Value
from hexgate.core.policy.document import Approvers, Document, FileScope, Monitor, Role, Rule

__all__ = ["approvers_data", "dump", "file_scope_data", "monitor_data", "to_yaml"]

INDENT = "  "
LONGEST_LINE = 100
# YAML gives up on a key of more than 1,024 characters, unless a `?` announces it.
LONGEST_PLAIN_KEY = 1000

WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
# A text that begins like a name and holds nothing that YAML reads as its own; `: ` and ` #` are looked for apart.
SAFE = re.compile(r"[A-Za-z_][^\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]*")
# Words that one or another version of YAML takes for a boolean, a number or nothing.
RESERVED = frozenset(("true", "false", "yes", "no", "on", "off", "y", "n", "null"))
# Beyond JSON's own escapes: what YAML cannot hold unescaped, or takes for the end of a line.
UNSAFE = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


def dump(document: Document) -> dict[str, Any]:
    """The document as plain data: texts, numbers, booleans, lists and dicts.

    A flat file is its role's body, every other form has `roles`. A constant that no float can hold exactly is a `Decimal`,
    which JSON does not know but the reader does: a limit that is rounded is another limit.
    """
    role = document.roles.get("default")
    if document.form == "flat" and role is not None and len(document.roles) == 1 and not document.consts:
        return {"version": 1, **role_data(role)}
    data: dict[str, Any] = {"version": 1}
    if document.consts:
        data["consts"] = consts_data(document.consts)
    roles = {name: role_data(role) for name, role in document.roles.items()}
    return {**data, **monitor_data(document.monitor), "roles": roles}


def role_data(role: Role) -> dict[str, Any]:
    """A role's body."""
    data: dict[str, Any] = {}
    if role.is_mixin:
        data["is_mixin"] = True
    if role.inherits:
        data["inherits"] = list(role.inherits)
    if role.consts:
        data["consts"] = consts_data(role.consts)
    data |= monitor_data(role.monitor)
    if role.default_policy is not None:
        data["default_policy"] = rule_data(role.default_policy)
    if role.tools:
        data["tools"] = {tool: rule_data(rule) for tool, rule in role.tools.items()}
    return data


def rule_data(rule: Rule) -> dict[str, Any]:
    """A rule."""
    data: dict[str, Any] = {"mode": rule.mode}
    if rule.constraints:
        data["constraints"] = [constraint.text for constraint in rule.constraints]
    if rule.file_scope is not None:
        data["file_scope"] = file_scope_data(rule.file_scope)
    if rule.reason is not None:
        data["reason"] = rule.reason
    if rule.approvers is not None:
        data["approvers"] = approvers_data(rule.approvers)
    return data | monitor_data(rule.monitor)


def file_scope_data(scope: FileScope) -> dict[str, Any]:
    """A file scope. An empty list of denied paths is written where it is the only list there is."""
    data: dict[str, Any] = {}
    if scope.argument is not None:
        data["argument"] = scope.argument
    if scope.allowed_paths is not None:
        data["allowed_paths"] = list(scope.allowed_paths)
    if scope.denied_paths or scope.allowed_paths is None:
        data["denied_paths"] = list(scope.denied_paths)
    return data


def approvers_data(approvers: Approvers) -> dict[str, Any]:
    """Who may approve."""
    role = {} if approvers.role is None else {"role": approvers.role}
    return {**role, **({"not": "caller"} if approvers.not_caller else {})}


def monitor_data(monitor: Monitor) -> dict[str, Any]:
    """`enforce` and `until`."""
    if monitor is None:
        return {}
    if isinstance(monitor, date):
        return {"enforce": False, "until": monitor.isoformat()}
    return {"enforce": not monitor}


def consts_data(consts: Mapping[str, Value]) -> dict[str, Any]:
    return {name: value_data(value) for name, value in consts.items()}


def value_data(value: Value) -> Any:
    """A value as JSON's data: a decimal is a float where that is the same number."""
    if isinstance(value, tuple):
        return [value_data(item) for item in value]
    # No float reaches further, and asking for one of a million digits would take its time.
    if isinstance(value, Decimal) and abs(value.adjusted()) < 300:
        nearest = float(value)
        return nearest if Decimal(repr(nearest)) == value else value
    return value


def to_yaml(document: Document) -> str:
    """The document as YAML that reads back equal, one thing a line, with a newline at its end."""
    return "".join(f"{line}\n" for line in mapping_lines(dump(document), ""))


def mapping_lines(data: Mapping[str, Any], indent: str) -> Iterator[str]:
    """The lines of a mapping that is not empty."""
    for key, value in data.items():
        written = plain_or_quoted(key)
        start = f"{indent}{written}:" if len(written) <= LONGEST_PLAIN_KEY else f"{indent}? {written}\n{indent}:"
        if isinstance(value, dict) and value:
            yield start
            yield from mapping_lines(value, indent + INDENT)
        elif isinstance(value, list) and not fits(value, start, key):
            yield start
            yield from (f"{indent}{INDENT}- {scalar(item)}" for item in value)
        else:
            yield f"{start} {inline(value)}"


def fits(items: list[Any], start: str, key: str) -> bool:
    """Whether a list stands on the line of its key. Constraints never do: each is a sentence of its own."""
    return not items or (key != "constraints" and len(f"{start} {inline(items)}") <= LONGEST_LINE)


def inline(value: Any) -> str:
    """A value that stands behind its key."""
    if isinstance(value, list):
        return f"[{', '.join(item if is_word(item) else quoted_or_number(item) for item in value)}]"
    return "{}" if isinstance(value, dict) else scalar(value)


def scalar(value: Any) -> str:
    """A single value on a line of its own."""
    return plain_or_quoted(value) if isinstance(value, str) else number(value)


def quoted_or_number(value: Any) -> str:
    """A single value between commas."""
    return quoted(value) if isinstance(value, str) else number(value)


def is_word(value: object) -> bool:
    """A text that cannot be taken for anything else wherever it stands."""
    return isinstance(value, str) and WORD.fullmatch(value) is not None and value.lower() not in RESERVED


def plain_or_quoted(text: str) -> str:
    """A text as it is, where every reader takes it for that text, else in quotes."""
    if SAFE.fullmatch(text) is None or text.lower() in RESERVED:
        return quoted(text)
    safe = ": " not in text and " #" not in text and text[-1] not in ": "
    return text if safe else quoted(text)


def quoted(text: str) -> str:
    """A text in double quotes, with JSON's escapes."""
    return UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(text, ensure_ascii=False))


def number(value: Any) -> str:
    """A number or a boolean as both JSON and every YAML read it: with a fraction, and a sign, wherever an exponent stands."""
    if isinstance(value, bool | int):
        return json.dumps(value)
    mantissa, _, exponent = str(value).lower().partition("e")
    if not exponent:
        return mantissa
    sign = "" if exponent[0] in "+-" else "+"
    return f"{mantissa}{'' if '.' in mantissa else '.0'}e{sign}{exponent}"
