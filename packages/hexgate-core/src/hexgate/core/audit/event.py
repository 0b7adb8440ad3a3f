"""A passage in, what the record says of it out: first the decision, then what happened.

A record never holds what is redacted, what a tool returned, the message of an exception, or the attributes of a user.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from hexgate.core.audit.redact import Redaction
from hexgate.core.gate.passage import Passage
from hexgate.core.gate.secrets import blotted

__all__ = ["DECIDED", "SETTLED", "Event", "decided", "settled"]

DECIDED, SETTLED = "decided", "settled"
LONGEST_NAME = 256
LONGEST_DETAIL = 1024
MOST_LISTED = 50


class Event:
    """One record, as JSON. Both events of a call have one `id`."""

    __slots__ = ("body", "id", "kind")

    def __init__(self, kind: str, id: str, fields: Mapping[str, Any]) -> None:
        self.kind = kind
        self.id = id
        self.body = orjson.dumps(fields)

    def as_dict(self) -> dict[str, Any]:
        """What the record says."""
        return orjson.loads(self.body)  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        return f"Event(kind={self.kind!r}, id={self.id!r})"


def decided(passage: Passage, seconds: float, *, project: str | None, redaction: Redaction) -> Event:
    """What was decided about a call, with everything that led to it."""
    decision, call, user = passage.decided, passage.call, passage.user
    id = os.urandom(16).hex()
    fields: dict[str, Any] = {
        "kind": DECIDED,
        "id": id,
        "at": datetime.fromtimestamp(seconds, UTC),
        "call_id": passage.call_id[:LONGEST_NAME],
        "agent": call.agent[:LONGEST_NAME],
        "user_id": None if user is None else user.user_id,
        "roles": decision.roles[:MOST_LISTED],
        "tool": call.tool,
        "arguments": redaction.arguments(call),
        "outcome": decision.outcome,
        "code": decision.code,
        "deciding_role": decision.deciding_role,
        "rule": None,
        "violations": decision.violations[:MOST_LISTED],
        "monitored": passage.monitored,
        "policy": decision.policy,
        "engine": decision.engine,
    }
    rule = decision.rule
    if rule is not None:
        fields["rule"] = {"role": rule.role, "tool": rule.tool, "document": rule.document, "line": rule.line}
    if project is not None:
        fields["project"] = project
    if user is not None and user.session_id is not None:
        fields["session_id"] = user.session_id
    if decision.detail is not None:
        fields["detail"] = blotted(decision.detail)[0][:LONGEST_DETAIL]
    if passage.rewritten_by:
        fields["rewritten_by"] = passage.rewritten_by
    if passage.approval_id is not None:
        fields["approval_id"] = passage.approval_id
    if passage.approval is not None:
        # Without the binding: it is a hash of the arguments.
        approved = passage.approval
        fields["approved"] = {"by": approved.approved_by, "at": datetime.fromtimestamp(approved.approved_at, UTC)}
    return Event(DECIDED, id, fields)


def settled(passage: Passage, id: str, seconds: float) -> Event:
    """What happened to a call that was decided."""
    error = passage.error
    fields: dict[str, Any] = {
        "kind": SETTLED,
        "id": id,
        "at": datetime.fromtimestamp(seconds, UTC),
        "call_id": passage.call_id[:LONGEST_NAME],
        "status": passage.status,
        "milliseconds": None if passage.milliseconds is None else round(passage.milliseconds, 3),
    }
    if error is not None:
        fields["error"] = type(error).__name__[:LONGEST_NAME]
    if passage.replaced_by:
        fields["replaced_by"] = passage.replaced_by
    return Event(SETTLED, id, fields)
