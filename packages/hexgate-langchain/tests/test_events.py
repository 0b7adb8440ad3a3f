"""What the common events are made of in this framework, and the short ways to run an agent."""

from __future__ import annotations

from typing import Any

import pytest

from hexgate.core.adapters import RunEvent
from hexgate.langchain import GatedAgent, create_agent, invoke_agent, stream_agent, stream_agent_raw

pytestmark = pytest.mark.anyio


def gated(shop: Any, *tools: Any, says: Any, **more: Any) -> GatedAgent:
    """An agent behind the gate."""
    return create_agent(says, list(tools), policy=shop.policy, name="shop", **more)[0]


async def all_of(shop: Any, *tools: Any, says: Any, **more: Any) -> list[RunEvent]:
    stream = stream_agent(
        gated(shop, *tools, says=says, **more), "go", user=shop.alice, config={"configurable": {"thread_id": "one"}}
    )
    return [event async for event in stream]


async def test_thoughts_are_blocks_of_their_own(shop: Any) -> None:
    events = await all_of(shop, says=shop.model(thinks="hm", says="yes"))
    assert [event.data["block_kind"] for event in events if event.kind == "block_start"] == ["reasoning", "text"]
    assert [event.data["text"] for event in events if event.kind == "block_delta"] == ["hm", "yes"]


async def test_the_short_ways_take_a_text_messages_or_a_state(shop: Any) -> None:
    agent = gated(shop, says=shop.model())
    for message in ("go", [{"role": "user", "content": "go"}], shop.ask()):
        assert await invoke_agent(agent, message, user=shop.alice) == "done"
    names = [event["event"] async for event in stream_agent_raw(agent, "go", user=shop.alice)]
    assert (names[0], names[-1]) == ("on_chain_start", "on_chain_end")
