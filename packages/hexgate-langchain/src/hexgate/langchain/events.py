"""The framework's stream in, the text and the blocks of the common events out. Calls of tools are told by the gate."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage

from hexgate.core.adapters import Ending, Story

__all__ = ["text_of", "told"]


async def told(chunks: AsyncIterator[Any], story: Story) -> Ending:
    """Tells the text of a run until it ends; how it ended, and what the model said last."""
    output, waits = None, False
    async for mode, chunk in chunks:
        if mode == "messages":
            tell(chunk[0], story)
        elif mode == "updates":
            story.end_block()
            waits = waits or "__interrupt__" in chunk
        elif isinstance(chunk, dict):
            output = text_of(chunk)
    return ("waiting", None) if waits else ("completed", output)


def tell(message: BaseMessage, story: Story) -> None:
    """More words of the model."""
    if not isinstance(message, AIMessageChunk | AIMessage):
        return
    for block in message.content_blocks:
        if block["type"] == "reasoning":
            story.text(str(block.get("reasoning", "")), "reasoning")
        elif block["type"] == "text":
            story.text(str(block["text"]))


def text_of(state: Any) -> Any:
    """What the model said last, in a state with messages; another state is the output itself."""
    messages = state.get("messages") if isinstance(state, dict) else None
    if not messages:
        return state
    last = messages[-1]
    return last.text if isinstance(last, BaseMessage) else last
