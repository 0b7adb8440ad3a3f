"""A run that is told as it goes in, its events out as an async stream: what doors wrap around a framework's own stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

from hexgate.core.adapters.events import RunEvent, Story

__all__ = ["Ending", "streamed"]

# How a run ended, and what came out of it.
Ending = tuple[str, Any]


async def streamed(agent: str, work: Callable[[Story], Awaitable[Ending]]) -> AsyncGenerator[RunEvent, None]:
    """The events of a run, as they happen. What the run raises is raised after its last event.

    The run goes on in a task of its own, with this context, so that the call of a tool is told while the tool runs. Whoever
    stops reading cancels it.
    """
    events: asyncio.Queue[RunEvent | None] = asyncio.Queue()
    story = Story(events.put_nowait)
    task = asyncio.create_task(whole(story, agent, work, events))
    try:
        while (event := await events.get()) is not None:
            yield event
        await task
    finally:
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled():
            # Whoever reads to the end has been told; who does not, does not want to be.
            task.exception()


async def whole(
    story: Story,
    agent: str,
    work: Callable[[Story], Awaitable[Ending]],
    events: asyncio.Queue[RunEvent | None],
) -> None:
    """The run between its first and its last event."""
    story.start(agent)
    try:
        status, output = await work(story)
    except BaseException as error:
        cancelled = isinstance(error, asyncio.CancelledError)
        if not cancelled:
            story.fail(error)
        story.end(status="cancelled" if cancelled else "failed")
        raise
    else:
        story.end(status=status, output=output)
    finally:
        events.put_nowait(None)
