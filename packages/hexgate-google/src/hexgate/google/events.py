"""The framework's events in, the text and the blocks of the common events out. Calls of tools are told by the gate."""

from __future__ import annotations

from collections.abc import AsyncIterator

from google.adk.events import Event

from hexgate.core.adapters import Ending, Story

__all__ = ["told"]


async def told(events: AsyncIterator[Event], story: Story) -> Ending:
    """Tells the text of a run until it ends; how it ended, and what was said last."""
    output, waits, partial, failed = "", False, False, None
    async for event in events:
        parts = (event.content.parts if event.content else None) or []
        failed = event.error_code or failed
        # What came in pieces comes once more as a whole.
        if event.partial or not partial:
            for part in parts:
                story.text(part.text or "", "reasoning" if part.thought else "text")
        if not event.partial:
            story.end_block()
        partial = bool(event.partial)
        waits = waits or any(call.name == "adk_request_confirmation" for call in event.get_function_calls())
        if event.is_final_response():
            said = "".join(part.text or "" for part in parts if not part.thought)
            output = said or output
    if failed is not None:
        # What is raised besides is told by whoever raises it.
        story.event("error", error=failed)
        return "failed", None
    return ("waiting", None) if waits else ("completed", output or None)
