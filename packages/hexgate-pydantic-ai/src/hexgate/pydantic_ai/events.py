"""The framework's stream in, the text and the blocks of the common events out. Calls of tools are told by the gate."""

from __future__ import annotations

from collections.abc import AsyncIterable
from typing import Any

from pydantic_ai import (
    AgentRunResultEvent,
    DeferredToolRequests,
    PartDeltaEvent,
    PartEndEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    ThinkingPart,
    ThinkingPartDelta,
)

from hexgate.core.adapters import Ending, Story

__all__ = ["told"]


async def told(events: AsyncIterable[Any], story: Story) -> Ending:
    """Tells the text of a run until it ends; how it ended, and what came out."""
    ending: Ending = ("failed", None)
    async for event in events:
        match event:
            case PartStartEvent(part=TextPart(content=text)) | PartDeltaEvent(delta=TextPartDelta(content_delta=text)):
                story.text(text)
            case PartStartEvent(part=ThinkingPart(content=text)):
                story.text(text, "reasoning")
            case PartDeltaEvent(delta=ThinkingPartDelta(content_delta=str(text))):
                story.text(text, "reasoning")
            case PartEndEvent():
                story.end_block()
            case AgentRunResultEvent(result=result):
                waits = isinstance(result.output, DeferredToolRequests)
                ending = ("waiting", None) if waits else ("completed", result.output)
            case _:
                pass
    return ending
