"""What the common events are made of in this framework."""

from __future__ import annotations

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


async def all_of(shop: Any, *tools: Any, says: Any, **more: Any) -> list[RunEvent]:
    options = {name: more.pop(name) for name in ("run_config",) if name in more}
    stream = gated(shop, *tools, says=says, **more).events(new_message="go", user=shop.alice, **options)
    return [event async for event in stream]


@pytest.mark.parametrize("mode", [StreamingMode.NONE, StreamingMode.SSE])
async def test_thoughts_are_blocks_of_their_own_and_nothing_is_told_twice(shop: Any, mode: StreamingMode) -> None:
    config = RunConfig(streaming_mode=mode)
    events = await all_of(shop, says=shop.model(thinks="hm", says="yes"), run_config=config)
    assert [event.data["block_kind"] for event in events if event.kind == "block_start"] == ["reasoning", "text"]
    assert [event.data["text"] for event in events if event.kind == "block_delta"] == ["hm", "yes"]
    assert events[-1].data == {"status": "completed", "output": "yes"}


async def test_an_error_that_the_model_answers_is_told(shop: Any) -> None:
    class Fails(BaseLlm):
        async def generate_content_async(self, llm_request: Any, stream: bool = False) -> Any:
            yield LlmResponse(error_code="SAFETY", error_message="blocked")

    events = await all_of(shop, says=Fails(model="fails"))
    assert [event.data["error"] for event in events if event.kind == "error"] == ["SAFETY"]
