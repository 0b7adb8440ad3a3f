"""What the common events of a run have to be, whatever the framework: each once and with an id."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from hexgate.core import ApprovalFile, Hexgate, User
from hexgate.core.adapters import RunEvent
from tests.conformance.drivers.ways import Calls, Tool, Way

__all__ = ["BEHAVIOURS_OF_EVENTS"]

POLICY: Mapping[str, Any] = {
    "tools": {
        "refund": {"mode": "allow", "constraints": ["args.amount <= 100"]},
        "wire": {"mode": "approval_required"},
        "wait": {"mode": "allow"},
    }
}
ALICE = User("alice", "support")


def refund(amount: int) -> str:
    """A tool."""
    return f"refunded {amount}"


async def told(way: Way, tools: Mapping[str, Tool], calls: Calls, into: list[RunEvent], store: Any = None) -> None:
    """Reads the events of a run, as they come."""
    hexgate = Hexgate.from_policy(POLICY, agent="agent").using(approvals=store)
    async for event in way.events(way.opened(hexgate, tools, calls, pauses=store is not None), ALICE):
        into.append(event)  # noqa: PERF401 -- what was read counts, though the reading may end by an error


def in_order(events: list[RunEvent]) -> None:
    """What holds of every stream."""
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert len({event.event_id for event in events}) == len(events)
    assert len({event.run_id for event in events}) == 1
    kinds = Counter(event.kind for event in events)
    assert (kinds["run_start"], kinds["run_end"]) == (1, 1)
    assert (kinds["tool_start"], kinds["block_start"]) == (kinds["tool_end"], kinds["block_end"])
    assert (events[0].kind, events[-1].kind) == ("run_start", "run_end")


def text_and_calls_come_in_their_order(way: Way, _: Path) -> None:
    events: list[RunEvent] = []
    calls = [[("refund", {"amount": amount})] for amount in (4, 400)]
    asyncio.run(told(way, {"refund": refund}, calls, events))
    in_order(events)
    tools = [event.data for event in events if event.kind in ("tool_start", "tool_end")]
    assert [(data["call_id"], data.get("status")) for data in tools] == [
        ("call-1", None),
        ("call-1", "ran"),
        ("call-2", None),
        ("call-2", "refused"),
    ]
    assert (tools[1]["result"], tools[0]["arguments"]) == ("refunded 4", {"amount": 4})
    assert "".join(event.data["text"] for event in events if event.kind == "block_delta") == "done"
    assert events[-1].data == {"status": "completed", "output": "done"}


def a_call_is_told_while_its_tool_still_runs(way: Way, _: Path) -> None:
    async def main() -> list[str]:
        go_on, kinds = asyncio.Event(), list[str]()
        hexgate = Hexgate.from_policy(POLICY, agent="agent")
        async for event in way.events(way.opened(hexgate, {"wait": go_on.wait}, [[("wait", {})]]), ALICE):
            kinds.append(event.kind)
            if event.kind == "tool_start":
                go_on.set()
        return kinds

    assert asyncio.run(main())[:3] == ["run_start", "tool_start", "tool_end"]


def a_run_that_waits_for_a_human_says_so(way: Way, folder: Path) -> None:
    events: list[RunEvent] = []
    store = ApprovalFile(folder / "approvals.db")
    asyncio.run(told(way, {"wire": refund}, [[("wire", {"amount": 4})]], events, store))
    in_order(events)
    [asked] = [event.data for event in events if event.kind == "approval_requested"]
    assert (asked["call_id"], asked["tool"]) == ("call-1", "wire")
    assert asked["approval_id"].startswith("approval-")
    assert events[-1].data["status"] == "waiting"


def what_a_run_raises_is_raised_after_its_last_event(way: Way, _: Path) -> None:
    events: list[RunEvent] = []
    calls: Calls = [[("refund", {"amount": 4})], RuntimeError("the provider is down")]
    with pytest.raises(RuntimeError, match="the provider is down"):
        asyncio.run(told(way, {"refund": refund}, calls, events))
    in_order(events)
    assert [event.data.get("error") for event in events if event.kind == "error"] == ["RuntimeError"]
    assert events[-1].data["status"] == "failed"


def who_stops_reading_cancels_the_run(way: Way, _: Path) -> None:
    async def main() -> None:
        ended = asyncio.Event()

        async def wait() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()

        hexgate = Hexgate.from_policy(POLICY, agent="agent")
        stream = way.events(way.opened(hexgate, {"wait": wait}, [[("wait", {})]]), ALICE)
        async for event in stream:
            if event.kind == "tool_start":
                break
        await stream.aclose()
        await asyncio.wait_for(ended.wait(), 10)

    asyncio.run(main())


BEHAVIOURS_OF_EVENTS: Mapping[str, Callable[[Way, Path], None]] = {
    "order": text_and_calls_come_in_their_order,
    "while-it-runs": a_call_is_told_while_its_tool_still_runs,
    "waits": a_run_that_waits_for_a_human_says_so,
    "raises": what_a_run_raises_is_raised_after_its_last_event,
    "stops": who_stops_reading_cancels_the_run,
}
