"""The story of a run: rising numbers, each start with its end, text in blocks, calls as the gate sees them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from hexgate.core import ApprovalFile, Hexgate, ToolCall, User
from hexgate.core.adapters import EVENT_KINDS, Run, RunEvent, Story, streamed

POLICY = {
    "tools": {
        "view": {"mode": "allow"},
        "drop": {"mode": "deny"},
        "wire": {"mode": "approval_required", "reason": "money"},
    }
}
ALICE = User("alice")


def told(events: list[RunEvent]) -> list[tuple[str, dict[str, Any]]]:
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert {event.kind for event in events} <= set(EVENT_KINDS)
    return [(event.kind, dict(event.data)) for event in events]


def test_text_comes_in_blocks_of_one_kind() -> None:
    events: list[RunEvent] = []
    story = Story(events.append)
    story.start("bot")
    for text, kind in (("a", "reasoning"), ("", "text"), ("b", "text"), ("c", "text")):
        story.text(text, kind)
    story.end_block()
    story.end_block()
    story.text("d")
    story.end(status="completed", output="bcd")
    assert told(events) == [
        ("run_start", {"agent": "bot"}),
        ("block_start", {"block": 1, "block_kind": "reasoning"}),
        ("block_delta", {"block": 1, "text": "a"}),
        ("block_end", {"block": 1}),
        ("block_start", {"block": 2, "block_kind": "text"}),
        ("block_delta", {"block": 2, "text": "b"}),
        ("block_delta", {"block": 2, "text": "c"}),
        ("block_end", {"block": 2}),
        ("block_start", {"block": 3, "block_kind": "text"}),
        ("block_delta", {"block": 3, "text": "d"}),
        ("block_end", {"block": 3}),
        ("run_end", {"status": "completed", "output": "bcd"}),
    ]


def test_an_event_names_its_run_the_root_and_the_parent() -> None:
    events: list[RunEvent] = []
    Story(events.append, run_id="inner", root_run_id="outer", parent_run_id="middle", depth=2).start("bot")
    Story(events.append, run_id="alone").start("bot")
    first, second = (event.as_dict() for event in events)
    names = ("kind", "run_id", "root_run_id", "parent_run_id", "depth", "sequence", "event_id", "agent")
    assert [first[name] for name in names] == ["run_start", "inner", "outer", "middle", 2, 1, "inner:1", "bot"]
    assert [second[name] for name in names] == ["run_start", "alone", "alone", None, 0, 1, "alone:1", "bot"]


def test_the_gate_tells_the_calls(tmp_path: Path) -> None:
    events: list[RunEvent] = []
    gate = Hexgate.from_policy(POLICY, audit="off").using(approvals=ApprovalFile(tmp_path / "a.db"))
    with Run.here(gate, ALICE, story=Story(events.append)) as run:
        run.call(ToolCall("view", {"order": 7}), lambda order: "seen", call_id="1")
        run.call(ToolCall("drop", {}), lambda: "dropped", call_id="2")
        with pytest.raises(KeyError):
            run.call(ToolCall("view", {}), lambda: dict[str, str]()["gone"], call_id="3")
        run.call(ToolCall("wire", {}), lambda: "sent", call_id="4")
    starts = [(event.data["call_id"], event.data["outcome"]) for event in events if event.kind == "tool_start"]
    ends = [
        (event.data["call_id"], event.data["status"], event.data["result"])
        for event in events
        if event.kind == "tool_end"
    ]
    assert starts == [("1", "allow"), ("2", "deny"), ("3", "allow")]
    assert ends[0] == ("1", "ran", "seen")
    assert (ends[1][:2], ends[1][2].startswith("[policy_denied] Tool 'drop'")) == (("2", "refused"), True)
    assert ends[2] == ("3", "failed", None)
    [asked] = [event for event in events if event.kind == "approval_requested"]
    assert (asked.data["call_id"], asked.data["reason"]) == ("4", "money")


def test_a_call_that_is_open_when_the_run_ends_is_ended_with_it() -> None:
    events: list[RunEvent] = []
    story = Story(events.append)
    gate = Hexgate.from_policy(POLICY, audit="off")

    def tool() -> str:
        story.end(status="cancelled")
        return "too late"

    with Run.here(gate, ALICE, story=story) as run:
        run.call(ToolCall("view", {}), tool, call_id="1")
    assert [(kind, data.get("status")) for kind, data in told(events)] == [
        ("tool_start", None),
        ("tool_end", "cancelled"),
        ("run_end", "cancelled"),
    ]


def test_two_calls_of_one_name_at_once_are_told_as_one() -> None:
    events: list[RunEvent] = []
    with Run.here(Hexgate.from_policy(POLICY, audit="off"), ALICE, story=Story(events.append)) as run:
        run.call(
            ToolCall("view", {}), lambda: run.call(ToolCall("view", {}), lambda: "inner", call_id="1"), call_id="1"
        )
    assert [kind for kind, _ in told(events)] == ["tool_start", "tool_end"]


async def all_of(stream: AsyncGenerator[RunEvent, None], found: list[RunEvent]) -> None:
    async for event in stream:
        found.append(event)  # noqa: PERF401 -- what was read counts, though the reading may end by an error


def test_a_stream_ends_with_the_run_and_raises_what_it_raised() -> None:
    async def good(story: Story) -> tuple[str, Any]:
        story.text("hi")
        return "completed", "hi"

    async def bad(story: Story) -> tuple[str, Any]:
        story.text("hi")
        raise ConnectionError("secret words")

    events: list[RunEvent] = []
    asyncio.run(all_of(streamed("bot", good), events))
    assert [kind for kind, _ in told(events)] == ["run_start", "block_start", "block_delta", "block_end", "run_end"]
    events.clear()
    with pytest.raises(ConnectionError, match="secret words"):
        asyncio.run(all_of(streamed("bot", bad), events))
    assert told(events)[-2:] == [
        ("error", {"error": "ConnectionError"}),
        ("run_end", {"status": "failed", "output": None}),
    ]


def test_who_stops_reading_cancels_the_run() -> None:
    ended: list[str] = []

    async def endless(story: Story) -> tuple[str, Any]:
        story.text("hi")
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cancelled")
        return "completed", None

    async def main() -> None:
        stream = streamed("bot", endless)
        async for event in stream:
            if event.kind == "block_delta":
                break
        await stream.aclose()

    asyncio.run(main())
    assert ended == ["cancelled"]


def test_a_run_that_fails_when_nobody_reads_on_disturbs_nobody() -> None:
    async def bad(story: Story) -> tuple[str, Any]:
        story.text("hi")
        raise ConnectionError

    async def main() -> None:
        stream = streamed("bot", bad)
        async for _ in stream:
            break
        await stream.aclose()

    asyncio.run(main())
