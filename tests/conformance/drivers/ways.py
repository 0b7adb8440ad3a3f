"""What the ways of running an agent share, whatever the framework: an agent with tools and a script, run for a user."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hexgate.core import BannedError, Hexgate, User
from hexgate.core.adapters import RunEvent
from tests.conformance.behaviours import Scene, Told

__all__ = ["Calls", "Opened", "Tool", "Way", "numbered", "taken"]

Tool = Callable[..., Any]
# What a model asks for, turn by turn; or what it raises.
Calls = Sequence[Sequence[tuple[str, dict[str, Any]]] | Exception]
Turn = list[tuple[str, dict[str, Any], str]]


def numbered(calls: Calls) -> list[Turn | Exception]:
    """The calls, each with an id of its own that is the same in every run."""
    numbers = iter(range(1, 1_000))
    return [
        turn
        if isinstance(turn, Exception)
        else [(tool, arguments, f"call-{next(numbers)}") for tool, arguments in turn]
        for turn in calls
    ]


def taken(turns: Sequence[Turn | Exception], number: int) -> Turn:
    """The calls of a turn, none after the last one."""
    turn = turns[number] if number < len(turns) else []
    if isinstance(turn, Exception):
        raise turn
    return turn


@dataclass
class Opened:
    """An agent behind the gate."""

    # What its user runs, and the framework's own agent in it.
    gated: Any
    own: Any
    pauses: bool = False
    # What the last run ended with, in the framework's terms.
    last: Any = None


class Way(ABC):
    """One way of running an agent of a framework."""

    def opened(self, hexgate: Hexgate, tools: Mapping[str, Tool], calls: Calls, *, pauses: bool = False) -> Opened:
        """An agent behind the gate, whose model makes the calls in each of its runs, and which may pause."""
        return self.behind(hexgate, [self.made(name, function) for name, function in tools.items()], calls, pauses)

    @abstractmethod
    def made(self, name: str, function: Tool) -> Any:
        """The function as a tool of the framework that takes any arguments."""

    @abstractmethod
    def behind(self, hexgate: Hexgate, tools: Sequence[Any], calls: Calls, pauses: bool) -> Opened:
        """An agent with tools of the framework."""

    @abstractmethod
    def nested(self, hexgate: Hexgate, tools: Mapping[str, Tool], calls: Calls) -> Opened:
        """An agent whose model asks for `helper`, an agent with the tools whose model makes the calls."""

    @abstractmethod
    def yes(self, agent: Opened) -> Any:
        """What a run that paused is resumed with, in which the framework's own yes is said to all that it waits for."""

    @abstractmethod
    async def run(self, agent: Opened, user: User | None, given: Any = None) -> list[Told]:
        """What the model was told of each call in a run of that agent, in an event loop; `given` resumes one."""

    @abstractmethod
    def events(self, agent: Opened, user: User | None) -> AsyncGenerator[RunEvent, None]:
        """A run as the common events."""

    def run_here(self, agent: Opened, user: User | None, given: Any = None) -> list[Told]:
        """The same without one."""
        return asyncio.run(self.run(agent, user, given))

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
