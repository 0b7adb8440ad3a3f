"""The lines of a batch in, the rows to keep and what is refused out.

# INVARIANT: a row belongs to the project of the token that sent it, whatever the line says; the line is kept as it came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import orjson

from hexgate.core.audit.event import DECIDED, SETTLED
from hexgate.core.audit.lines import LONGEST_LINE, Head, head_of
from hexgate.core.audit.writer import SEALED

__all__ = ["COLUMNS", "ENDED", "KEPT_DAYS", "LATEST", "Refused", "Row", "row_of", "sorted_out"]

KEPT_DAYS = 90
LATEST = timedelta(minutes=5)
OLDEST = timedelta(days=KEPT_DAYS)
# The status of the last record of a stream.
ENDED = "ended"
OUTCOMES = {"allow", "deny", "approval_required"}
# As long as the names in a call may be.
LONGEST = 1024
MOST_ROLES = 64
COLUMNS = (
    *("project", "kind", "at", "id", "stream", "seq", "prev", "link", "agent", "tool", "user_id", "roles", "role"),
    *("outcome", "code", "status", "error", "milliseconds", "monitored", "session_id", "token_id", "line"),
)
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that is not kept: which one of the batch, and why."""

    index: int
    reason: str


class Wrong(Exception):  # noqa: N818 -- it never leaves this file
    """What is wrong with a line."""


def sorted_out(
    lines: Sequence[bytes], *, project: str, token_id: str, now: datetime
) -> tuple[list[Row], list[Refused]]:
    """The rows of lines that can be kept, and the others."""
    rows: list[Row] = []
    refused: list[Refused] = []
    for index, line in enumerate(lines):
        try:
            head, fields = read(line)
            rows.append(row_of(line, head, fields, now=now) | {"project": project, "token_id": token_id})
        except Wrong as wrong:
            refused.append(Refused(index, str(wrong)))
    return rows, refused


def read(line: bytes) -> tuple[Head, dict[str, Any]]:
    """What stands in a line."""
    if len(line) > LONGEST_LINE:
        raise Wrong(f"it has more than {LONGEST_LINE:,} bytes")
    head = head_of(line)
    if head is None:
        raise Wrong("it does not begin as a record does")
    try:
        fields = orjson.loads(line)
    except orjson.JSONDecodeError:
        raise Wrong("it is no JSON") from None
    return head, fields


def row_of(line: bytes, head: Head, fields: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    """The columns of a line; everything else that it says is kept with it."""
    if head.kind in {DECIDED, SETTLED} and not text(fields, "id"):
        raise Wrong("it has no `id`")
    if head.kind == DECIDED and (fields.get("outcome") not in OUTCOMES or not text(fields, "tool")):
        raise Wrong("it has no `tool`, or its `outcome` is none of `allow`, `deny`, `approval_required`")
    return {
        "kind": head.kind,
        "at": moment(fields.get("at"), now),
        "stream": head.stream,
        "seq": head.number,
        "prev": head.before,
        "link": sha256(line).hexdigest(),
        "line": line.decode(),
        "roles": roles(fields),
        "role": text(fields, "deciding_role"),
        "milliseconds": milliseconds(fields),
        "monitored": fields.get("monitored") is True,
        "status": ENDED if head.kind == SEALED and fields.get("last") is True else text(fields, "status"),
        **{
            name: text(fields, name)
            for name in ("id", "agent", "tool", "user_id", "outcome", "code", "error", "session_id")
        },
    }


def text(fields: Mapping[str, Any], name: str) -> str:
    """A text, or nothing where there is none."""
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > LONGEST:
        raise Wrong(f"`{name}` is no text of at most {LONGEST:,} characters")
    return value


def roles(fields: Mapping[str, Any]) -> list[str]:
    """The roles of the user."""
    value = fields.get("roles", [])
    if not isinstance(value, list) or len(value) > MOST_ROLES:
        raise Wrong(f"`roles` is no list of at most {MOST_ROLES} names")
    return [text({"roles": role}, "roles") for role in value]


def milliseconds(fields: Mapping[str, Any]) -> float | None:
    """How long the tool ran."""
    value = fields.get("milliseconds")
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e12):
        raise Wrong("`milliseconds` is no number")
    return value


def moment(value: Any, now: datetime) -> str:
    """When it was, as ClickHouse reads it."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise Wrong("`at` is no moment with a time zone")
    if at > now + LATEST:
        raise Wrong("`at` lies more than five minutes in the future")
    if at < now - OLDEST:
        raise Wrong(f"`at` lies more than {KEPT_DAYS} days back")
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
