"""Spans say what was decided and for whom; where nobody traces, nothing is loaded and nothing is said."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import langfuse
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from hexgate.core import Hexgate, Result, ToolCall, User
from hexgate.core.adapters import Run

POLICY = {"roles": {"staff": {"tools": {"pay": {"mode": "allow", "constraints": ["args.amount <= 5"]}}}}}
ALICE = User("alice", "staff", session_id="s-1")


class Kept:
    """A tracer whose spans end up in a list."""

    # What the gate puts on a span; Langfuse, which this process has loaded, adds its own.
    OURS = ("hexgate.", "enduser.")

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        self.provider = TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.tracer = self.provider.get_tracer("test")

    @property
    def facts(self) -> list[dict[str, Any]]:
        """What the gate put on each span that has ended."""
        every = [dict(span.attributes or {}) for span in self.exporter.get_finished_spans()]
        return [{name: value for name, value in each.items() if name.startswith(self.OURS)} for each in every]


@pytest.fixture
def kept() -> Iterator[Kept]:
    each = Kept()
    yield each
    each.provider.shutdown()


def pay(amount: int) -> Result:
    """A call of the tool in a run for Alice."""
    with Run.here(Hexgate.from_policy(POLICY, agent="shop", audit="off"), ALICE) as run:
        return run.call(ToolCall("pay", {"amount": amount}, "shop"), lambda amount: f"paid {amount}")


def test_the_span_of_a_call_says_what_was_decided_and_what_happened_without_arguments(kept: Kept) -> None:
    for amount in (3, 7_777):
        with kept.tracer.start_as_current_span("execute_tool pay"):
            pay(amount)
    allowed, denied = kept.facts
    policy = allowed.pop("hexgate.policy")
    common = {
        "hexgate.tool": "pay",
        "hexgate.agent": "shop",
        "hexgate.deciding_role": "staff",
        "hexgate.monitored": False,
        "enduser.id": "alice",
    }
    assert allowed == {
        **common,
        "hexgate.outcome": "allow",
        "hexgate.code": "allowed",
        "hexgate.violations": (),
        "hexgate.status": "ran",
    }
    assert denied == {
        **common,
        "hexgate.outcome": "deny",
        "hexgate.code": "constraint_failed",
        "hexgate.violations": ("args.amount <= 5",),
        "hexgate.status": "refused",
        "hexgate.policy": policy,
    }
    assert "7777" not in str(kept.facts)


def test_a_call_outside_of_any_span_is_made_all_the_same(kept: Kept) -> None:
    assert (pay(3).value, kept.facts) == ("paid 3", [])


def test_every_span_of_langfuse_says_for_whom_the_agent_works(kept: Kept) -> None:
    spans = InMemorySpanExporter()
    keys: Any = {"public_key": "pk-lf-1", "secret_key": "sk-lf-1", "base_url": "http://127.0.0.1:9"}
    client = langfuse.Langfuse(**keys, tracer_provider=kept.provider, span_exporter=spans)
    hexgate = Hexgate.from_policy(POLICY, agent="shop", audit="off")
    with Run.here(hexgate, ALICE), client.start_as_current_observation(name="generation"):
        pass
    with Run.here(hexgate, None), client.start_as_current_observation(name="nobody's"):
        pass
    kept.provider.force_flush()
    alice, nobody = (dict(span.attributes or {}) for span in spans.get_finished_spans())
    assert {"user.id": "alice", "session.id": "s-1"}.items() <= alice.items()
    assert alice["langfuse.trace.tags"] == ("agent:shop", "role:staff")
    assert (alice["langfuse.trace.metadata.hexgate_roles"], alice["langfuse.trace.metadata.hexgate_agent"]) == (
        "staff",
        "shop",
    )
    assert "user.id" not in nobody


def test_a_langfuse_that_cannot_hand_attributes_on_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "langfuse", ModuleType("langfuse"))
    assert pay(3).value == "paid 3"


def test_where_nobody_traces_no_library_of_traces_is_loaded() -> None:
    program = (
        "import sys\n"
        "from hexgate.core import Hexgate, ToolCall, User\n"
        "from hexgate.core.adapters import Run\n"
        "gate = Hexgate.from_policy({'tools': {'pay': {'mode': 'allow'}}}, audit='off')\n"
        "with Run.here(gate, User('alice')) as run:\n"
        "    assert run.call(ToolCall('pay', {}), lambda: 1).value == 1\n"
        "print([name for name in ('langfuse', 'opentelemetry') if name in sys.modules])\n"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout == "[]\n"
