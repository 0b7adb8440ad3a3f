"""Calls are spans below that of whoever makes them; what is in a span is what the record says, without arguments."""

from __future__ import annotations

from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from hexgate.core import Audit, Hexgate, User
from hexgate.core.audit import otel
from hexgate.core.audit.event import Event
from hexgate.core.audit.otel import OpenTelemetry

POLICY = {"roles": {"staff": {"tools": {"pay": {"mode": "allow", "constraints": ["args.amount <= 5"]}}}}}
ALICE = User("alice", "staff", session_id="s-1")


class Tracing:
    """A tracer whose spans end up in a list, and a gate that makes them."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.tracer = provider.get_tracer("test")
        self.sink = OpenTelemetry(self.tracer)
        self.hexgate = Hexgate.from_policy(POLICY, agent="shop", audit=Audit(sinks=[self.sink]))

    @property
    def spans(self) -> Any:
        """The spans that have ended."""
        return self.exporter.get_finished_spans()


@pytest.fixture
def tracing() -> Tracing:
    return Tracing()


def test_a_call_is_a_span_with_its_decision(tracing: Tracing) -> None:
    tracing.hexgate.call("pay", {"amount": 3}, lambda **_: 1, user=ALICE, call_id="call-7")
    [span] = tracing.spans
    assert span.name == "execute_tool pay"
    assert dict(span.attributes) == {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "pay",
        "gen_ai.tool.call.id": "call-7",
        "gen_ai.agent.name": "shop",
        "enduser.id": "alice",
        "session.id": "s-1",
        "hexgate.status": "ran",
    }
    [event] = span.events
    assert event.name == "hexgate.decision"
    assert (event.attributes["hexgate.outcome"], event.attributes["hexgate.code"]) == ("allow", "allowed")
    assert span.start_time <= event.timestamp <= span.end_time
    assert span.status.status_code is StatusCode.UNSET


def test_a_denial_names_what_failed_and_no_argument(tracing: Tracing) -> None:
    tracing.hexgate.call("pay", {"amount": 123456}, lambda **_: 1, user=ALICE)
    [span] = tracing.spans
    assert span.attributes["hexgate.status"] == "refused"
    assert span.events[0].attributes["hexgate.violations"] == ("args.amount <= 5",)
    assert "123456" not in span.to_json()


def test_a_tool_that_fails_is_an_error(tracing: Tracing) -> None:
    with pytest.raises(ZeroDivisionError):
        tracing.hexgate.call("pay", {"amount": 3}, lambda **_: 1 / 0, user=ALICE)
    [span] = tracing.spans
    assert (span.status.status_code, span.attributes["error.type"]) == (StatusCode.ERROR, "ZeroDivisionError")


def test_a_span_lies_below_that_of_the_caller(tracing: Tracing) -> None:
    with tracing.tracer.start_as_current_span("agent"):
        tracing.hexgate.call("pay", {"amount": 3}, lambda **_: 1)
    call, agent = tracing.spans
    assert call.parent.span_id == agent.context.span_id
    assert "enduser.id" not in call.attributes


def test_a_call_whose_outcome_never_comes_is_ended_when_there_are_many(
    tracing: Tracing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(otel, "MOST_OPEN", 2)
    fields = {"at": "2027-01-15T08:00:00+00:00", "tool": "pay", "call_id": "c", "agent": "a", "user_id": None}
    for number in range(3):
        tracing.sink.write(Event("decided", str(number), {"kind": "decided", **fields}))
    assert len(tracing.spans) == 1
    assert list(tracing.sink.open) == ["1", "2"]


def test_an_outcome_without_a_decision_is_no_span(tracing: Tracing) -> None:
    tracing.sink.write(Event("settled", "1", {"kind": "settled", "at": "2027-01-15T08:00:00+00:00", "status": "ran"}))
    assert tracing.spans == ()


def test_without_a_tracer_it_is_that_of_the_application() -> None:
    Hexgate.from_policy(POLICY, audit=Audit(sinks=[OpenTelemetry()])).call(
        "pay", {"amount": 3}, lambda **_: 1, user=ALICE
    )
