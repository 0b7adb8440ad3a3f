"""The SDK's stream in, the text and the blocks of the common events out. Calls of tools are told by the gate."""

from __future__ import annotations

from agents import RawResponsesStreamEvent, RunResultStreaming

from hexgate.core.adapters import Ending, Story

__all__ = ["told"]

# What a piece of a response is a piece of.
BLOCKS = {
    "response.output_text.delta": "text",
    "response.refusal.delta": "refusal",
    "response.reasoning_text.delta": "reasoning",
    "response.reasoning_summary_text.delta": "reasoning",
}


async def told(result: RunResultStreaming, story: Story) -> Ending:
    """Tells the text of a run until it ends; how it ended, and what came out."""
    async for event in result.stream_events():
        if isinstance(event, RawResponsesStreamEvent):
            kind = BLOCKS.get(event.data.type)
            if kind is not None:
                story.text(str(getattr(event.data, "delta", "")), kind)
            elif event.data.type in ("response.output_item.done", "response.completed"):
                story.end_block()
    return ("waiting" if result.interruptions else "completed"), result.final_output
