"""What the ways of running an agent share, whatever the framework: an agent with tools and a script, run for a user."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hexgate.core import BannedError, Hexgate, User
from tests.conformance.behaviours import Scene, Told

__all__ = ["Calls", "Tool", "Way", "numbered"]

Tool = Callable[..., Any]
# What a model asks for, turn by turn.
Calls = Sequence[Sequence[tuple[str, dict[str, Any]]]]


def numbered(calls: Calls) -> list[list[tuple[str, dict[str, Any], str]]]:
    """The calls, each with an id of its own that is the same in every run."""
    numbers = iter(range(1, 1_000))
    return [[(tool, arguments, f"call-{next(numbers)}") for tool, arguments in turn] for turn in calls]


class Way(ABC):
    """One way of running an agent of a framework."""

    @abstractmethod
    def opened(self, hexgate: Hexgate, tools: Mapping[str, Tool], calls: Calls) -> Any:
        """An agent behind the gate, whose model makes the calls in each of its runs."""

    @abstractmethod
    async def run(self, agent: Any, user: User | None) -> list[Told]:
        """What the model was told of each call in a run of that agent, in an event loop."""

    def run_here(self, agent: Any, user: User | None) -> list[Told]:
        """The same without one."""
        return asyncio.run(self.run(agent, user))

    def call(self, scene: Scene, tool: str, arguments: dict[str, Any], function: Tool, user: User) -> Told:
        """One call, for the behaviours of the gate."""
        agent = self.opened(scene.hexgate(), {tool: function}, [[(tool, arguments)]])
        try:
            [told] = self.run_here(agent, user)
        except BannedError as error:
            return Told(str(error), ran=False)
        return told

    async def acall(self, scene: Scene, tool: str, arguments: dict[str, Any], function: Tool, user: User) -> Told:
        """The same in an event loop."""
        agent = self.opened(scene.hexgate(), {tool: function}, [[(tool, arguments)]])
        try:
            [told] = await self.run(agent, user)
        except BannedError as error:
            return Told(str(error), ran=False)
        return told
