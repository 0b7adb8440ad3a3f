"""A run that is told as it goes in, its events out as an async stream: what doors wrap around a framework's own stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import aclosing
from contextvars import copy_context
from typing import Any, TypeVar

from hexgate.core.adapters.events import RunEvent, Story

__all__ = ["Ending", "apart", "relayed", "streamed"]

T = TypeVar("T")
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
        await ended(task)


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


async def relayed(chunks: Callable[[], AsyncGenerator[T, None]]) -> AsyncGenerator[T, None]:
    """The chunks of an async stream that is made in a task of its own, one ahead of its reader at most.

    What it sets in its context, such as the user of a run, is not seen by the reader, nor the other way round. Whoever stops
    reading cancels it.
    """
    queue, room = asyncio.Queue[tuple[T] | None](), asyncio.Semaphore(1)

    async def make() -> None:
        try:
            async with aclosing(chunks()) as stream:
                async for chunk in stream:
                    await room.acquire()
                    queue.put_nowait((chunk,))
        finally:
            # However it ends, the reader is told.
            queue.put_nowait(None)

    task = asyncio.create_task(make())
    try:
        while (chunk := await queue.get()) is not None:
            room.release()
            yield chunk[0]
        await task
    finally:
        await ended(task)


async def ended(task: asyncio.Task[None]) -> None:
    """Waits for a task that nobody wants to hear of any more."""
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled():
        # Whoever reads to the end has been told; who does not, does not want to be.
        task.exception()


def apart(chunks: Generator[T, None, None]) -> Generator[T, None, None]:
    """The chunks, each made in a context of their own and not in the reader's."""
    context = copy_context()
    try:
        while True:
            try:
                chunk = context.run(next, chunks)
            except StopIteration:
                return
            yield chunk
    finally:
        context.run(chunks.close)
