"""Events in, spans of OpenTelemetry out: one for each call, with the decision as an event. Needs the extra `otel`.

Whoever runs the application chooses where spans go; here nothing is known but the API.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime
from typing import Any

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer

from hexgate.core.audit.event import DECIDED, Event

__all__ = ["OpenTelemetry"]

# Calls whose outcome is still to come; of one more the oldest is ended without it.
MOST_OPEN = 10_000
NANOSECONDS = 1_000_000_000
Attribute = str | bool | int | float | list[str]


class OpenTelemetry:
    """A sink that makes `execute_tool` spans, as the conventions for generative AI name them. No argument is in them."""

    def __init__(self, tracer: Tracer | None = None) -> None:
        self.tracer = trace.get_tracer("hexgate") if tracer is None else tracer
        self.open: OrderedDict[str, Span] = OrderedDict()
        self.lock = threading.Lock()

    def write(self, event: Event) -> None:
        """Begins the span of a call, or ends it."""
        fields = event.as_dict()
        if event.kind == DECIDED:
            self.begin(event.id, fields)
        else:
            self.end(event.id, fields)

    def begin(self, id: str, fields: dict[str, Any]) -> None:
        """A span below that of the task or thread in which the call is made."""
        at = nanoseconds(fields["at"])
        named = {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": fields["tool"],
            "gen_ai.tool.call.id": fields["call_id"],
            "gen_ai.agent.name": fields["agent"],
            "enduser.id": fields["user_id"],
            "session.id": fields.get("session_id"),
        }
        name = f"execute_tool {fields['tool']}"
        span = self.tracer.start_span(name, kind=SpanKind.INTERNAL, attributes=known(named), start_time=at)
        span.add_event("hexgate.decision", known(decision_of(fields)), timestamp=at)
        with self.lock:
            self.open[id] = span
            oldest = self.open.popitem(last=False)[1] if len(self.open) > MOST_OPEN else None
        if oldest is not None:
            oldest.end(end_time=at)

    def end(self, id: str, fields: dict[str, Any]) -> None:
        """The outcome."""
        with self.lock:
            span = self.open.pop(id, None)
        if span is None:
            return
        span.set_attribute("hexgate.status", fields["status"])
        error = fields.get("error")
        if error is not None:
            span.set_attribute("error.type", error)
            span.set_status(Status(StatusCode.ERROR))
        span.end(end_time=nanoseconds(fields["at"]))


def decision_of(fields: dict[str, Any]) -> dict[str, Any]:
    """What was decided, as attributes."""
    wanted = ("outcome", "code", "deciding_role", "violations", "monitored", "policy", "engine", "approval_id")
    return {f"hexgate.{name}": fields.get(name) for name in wanted}


def known(attributes: dict[str, Any]) -> dict[str, Attribute]:
    """The attributes that have a value."""
    return {name: value for name, value in attributes.items() if value is not None}


def nanoseconds(at: str) -> int:
    """A time as spans count it."""
    moment = datetime.fromisoformat(at)
    return int(moment.timestamp()) * NANOSECONDS + moment.microsecond * 1000
