"""What whoever traces an application is told of a run: the decision on the span of a call, the user on every span of Langfuse.

Nothing is switched on here and nothing is loaded: a library that the application has not imported gets nothing. No argument of a
call is told.
"""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

from hexgate.core.gate.passage import Passage
from hexgate.core.gate.records import Recorder
from hexgate.core.identity import User

__all__ = ["traced", "user_traced"]


class Span(Protocol):
    """What is asked of a span."""

    def is_recording(self) -> bool:
        """Whether anybody keeps it."""
        ...

    def set_attribute(self, key: str, value: Any) -> None:
        """Puts a fact on it."""
        ...


def traced(recorder: Recorder) -> Recorder:
    """A recorder that keeps what another one keeps, and tells it to the span of the call where OpenTelemetry is loaded."""
    trace = sys.modules.get("opentelemetry.trace")
    return recorder if trace is None else Traced(recorder, trace)


class Traced:
    """Puts what was decided on the span around a call, mostly the framework's own for the tool; the record comes first."""

    __slots__ = ("recorder", "trace")

    def __init__(self, recorder: Recorder, trace: Any) -> None:
        self.recorder = recorder
        self.trace = trace

    def reserve(self, passage: Passage) -> Any:
        """The call was decided."""
        ticket = self.recorder.reserve(passage)
        span: Span = self.trace.get_current_span()
        if span.is_recording():
            decide(span, passage)
        return ticket

    def settle(self, ticket: Any, passage: Passage) -> None:
        """What happened to the call."""
        self.recorder.settle(ticket, passage)
        span: Span = self.trace.get_current_span()
        if span.is_recording():
            span.set_attribute("hexgate.status", str(passage.status))


def decide(span: Span, passage: Passage) -> None:
    """Puts the decision on a span."""
    decision, user = passage.decided, passage.user
    facts = {
        "hexgate.outcome": str(decision.outcome),
        "hexgate.code": decision.code,
        "hexgate.tool": decision.tool,
        "hexgate.agent": decision.agent,
        "hexgate.deciding_role": decision.deciding_role,
        "hexgate.violations": list(decision.violations),
        "hexgate.monitored": passage.monitored,
        "hexgate.policy": decision.policy,
        "hexgate.approval_id": passage.approval_id,
        "enduser.id": None if user is None else user.user_id,
    }
    for name, value in facts.items():
        if value is not None:
            span.set_attribute(name, value)


def user_traced(user: User, agent: str) -> AbstractContextManager[Any]:
    """A time in which every span of Langfuse, where that is loaded, says for whom the agent works."""
    # Releases before 3.9 do not have it.
    propagate = getattr(sys.modules.get("langfuse"), "propagate_attributes", None)
    if propagate is None:
        return nullcontext()
    told: AbstractContextManager[Any] = propagate(
        user_id=user.user_id,
        session_id=user.session_id,
        metadata={"hexgate_agent": agent, "hexgate_roles": ",".join(user.roles)},
        tags=[f"agent:{agent}", *(f"role:{role}" for role in user.roles)],
    )
    return told
