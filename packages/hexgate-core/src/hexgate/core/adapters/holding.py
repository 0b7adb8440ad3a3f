"""A call that a framework makes by itself, between two of its callbacks: decided in the first, told to the record in the second.

# INVARIANT: a call that was let through and of which nobody tells the end is recorded as cancelled.
"""

from __future__ import annotations

import asyncio
from typing import Any

from hexgate.core.adapters.running import Run
from hexgate.core.call import ToolCall
from hexgate.core.gate.passage import Result

__all__ = ["Held"]


class Held:
    """One such call. It is on its way through the gate in a task of its own, which waits where the tool runs."""

    __slots__ = ("decided", "outcome", "run", "task")

    def __init__(self, run: Run, call: ToolCall, call_id: str | None) -> None:
        self.run = run
        loop = asyncio.get_running_loop()
        self.decided: asyncio.Future[dict[str, Any]] = loop.create_future()
        self.outcome: asyncio.Future[Any] = loop.create_future()
        self.task = loop.create_task(run.acall(call, self.hold, call_id=call_id, whole=True))

    async def hold(self, decided: dict[str, Any]) -> Any:
        """What the gate calls in place of the tool."""
        self.decided.set_result(decided)
        return await self.outcome

    async def begin(self) -> dict[str, Any] | Result:
        """The arguments with which the tool may run, or the result of a call that does not."""
        try:
            waited: set[asyncio.Future[Any]] = {self.task, self.decided}
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            await self.cancel()
            raise
        return self.decided.result() if self.decided.done() else await self.task

    async def end(self, value: Any) -> Result:
        """The tool returned."""
        self.outcome.set_result(value)
        return await self.task

    async def fail(self, error: BaseException) -> None:
        """The tool raised, which its framework deals with."""
        if isinstance(error, asyncio.CancelledError):
            await self.cancel()
        else:
            self.outcome.set_exception(error)
            await asyncio.wait([self.task])
            # It is the tool's own, and goes its way in the framework.
            self.task.exception()

    async def cancel(self) -> None:
        """Nobody will tell how the call ended."""
        self.task.cancel()
        await asyncio.wait([self.task])
