"""A run as the common events: text as it comes, calls as the gate sees them, each start with its end."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest
from google.adk.agents import RunConfig
from google.adk.agents.run_config import StreamingMode
from google.adk.models import BaseLlm
from google.adk.models.llm_response import LlmResponse

from hexgate.core.adapters import RunEvent
from hexgate.google import HexgateRunner

pytestmark = pytest.mark.anyio


def gated(shop: Any, *tools: Any, says: Any, **more: Any) -> HexgateRunner:
    """A runner of an agent with some tools."""
    return HexgateRunner(agent=shop.agent(*tools, says=says), app_name="shop", policy=shop.policy, **more)


def asking(shop: Any, whoami: Any) -> Any:
    """The events of a run whose model asks who the user is."""
    says = shop.model(shop.call("whoami", {"user": "alice"}))
    return gated(shop, whoami, says=says).events(new_message="go", user=shop.alice)


async def all_of(shop: Any, *tools: Any, says: Any, **more: Any) -> list[RunEvent]:
    options = {name: more.pop(name) for name in ("run_config",) if name in more}
    stream = gated(shop, *tools, says=says, **more).events(new_message="go", user=shop.alice, **options)
    return [event async for event in stream]


def in_order(events: list[RunEvent]) -> None:
    """What holds of every stream."""
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert len({event.event_id for event in events}) == len(events)
    assert len({event.run_id for event in events}) == 1
    kinds = Counter(event.kind for event in events)
    assert (kinds["run_start"], kinds["run_end"]) == (1, 1)
    assert (kinds["tool_start"], kinds["block_start"]) == (kinds["tool_end"], kinds["block_end"])
    assert (events[0].kind, events[-1].kind) == ("run_start", "run_end")


async def test_text_and_calls_come_in_their_order(shop: Any) -> None:
    calls = [shop.call("refund", {"amount": amount}, str(amount)) for amount in (4, 400)]
    events = await all_of(shop, shop.refund, says=shop.model(*calls))
    in_order(events)
    tools = [event.data for event in events if event.kind in ("tool_start", "tool_end")]
    assert [(data["call_id"], data.get("status")) for data in tools] == [
        ("4", None),
        ("4", "ran"),
        ("400", None),
        ("400", "refused"),
    ]
    assert (tools[1]["result"], tools[0]["arguments"]) == ("refunded 4 EUR", {"amount": 4})
    assert "".join(event.data["text"] for event in events if event.kind == "block_delta") == "done"
    assert events[-1].data == {"status": "completed", "output": "done"}


async def test_a_tool_that_runs_is_told_before_it_ends(shop: Any) -> None:
    go_on = asyncio.Event()

    async def whoami(user: str) -> str:
        """Waits."""
        await go_on.wait()
        return user

    kinds = []
    async for event in asking(shop, whoami):
        kinds.append(event.kind)
        if event.kind == "tool_start":
            go_on.set()
    assert kinds[:3] == ["run_start", "tool_start", "tool_end"]


async def test_a_run_that_waits_for_a_human_says_so(shop: Any) -> None:
    events = await all_of(
        shop,
        shop.wire,
        says=shop.model(shop.call("wire", {"amount": 4}, "w")),
        approvals="pause",
    )
    in_order(events)
    [asked] = [event for event in events if event.kind == "approval_requested"]
    assert (asked.data["call_id"], asked.data["tool"]) == ("w", "wire")
    assert asked.data["approval_id"].startswith("approval-")
    assert events[-1].data["status"] == "waiting"


async def test_what_a_run_raises_is_raised_after_its_last_event(shop: Any) -> None:
    events: list[RunEvent] = []
    says = shop.model(shop.call("refund", {"amount": 4}), RuntimeError("the provider is down"))
    stream = gated(shop, shop.refund, says=says).events(new_message="go", user=shop.alice)

    async def read() -> None:
        async for event in stream:
            events.append(event)  # noqa: PERF401 -- what was read counts, though the reading ends by an error

    with pytest.raises(RuntimeError, match="the provider is down"):
        await read()
    in_order(events)
    assert [event.data.get("error") for event in events if event.kind == "error"] == ["RuntimeError"]
    assert events[-1].data["status"] == "failed"


async def test_who_stops_reading_cancels_the_run(shop: Any) -> None:
    ended = asyncio.Event()

    async def whoami(user: str) -> str:
        """Waits for ever."""
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return user

    stream = asking(shop, whoami)
    async for event in stream:
        if event.kind == "tool_start":
            break
    await stream.aclose()
    await asyncio.wait_for(ended.wait(), 10)


@pytest.mark.parametrize("mode", [StreamingMode.NONE, StreamingMode.SSE])
async def test_thoughts_are_blocks_of_their_own_and_nothing_is_told_twice(shop: Any, mode: StreamingMode) -> None:
    config = RunConfig(streaming_mode=mode)
    events = await all_of(shop, says=shop.model(thinks="hm", says="yes"), run_config=config)
    in_order(events)
    assert [event.data["block_kind"] for event in events if event.kind == "block_start"] == ["reasoning", "text"]
    assert [event.data["text"] for event in events if event.kind == "block_delta"] == ["hm", "yes"]
    assert events[-1].data == {"status": "completed", "output": "yes"}


async def test_an_error_that_the_model_answers_is_told(shop: Any) -> None:
    class Fails(BaseLlm):
        async def generate_content_async(self, llm_request: Any, stream: bool = False) -> Any:
            yield LlmResponse(error_code="SAFETY", error_message="blocked")

    events = await all_of(shop, says=Fails(model="fails"))
    assert [event.data["error"] for event in events if event.kind == "error"] == ["SAFETY"]
