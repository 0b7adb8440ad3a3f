"""The ways of running an agent of OpenAI Agents."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from inspect import isawaitable
from typing import Any

from agents import Agent, FunctionTool, RunConfig, RunResult, RunResultStreaming, UserError
from agents.testing import ScriptedModel, assistant_message, function_call
from agents.tool_context import ToolContext

from hexgate.core import Hexgate, User
from hexgate.core.adapters import RunEvent
from hexgate.openai import HexgateRunner, agent_tool
from tests.conformance.behaviours import Told
from tests.conformance.drivers.ways import Calls, Opened, Tool, Way, numbered

__all__ = ["DRIVERS"]

QUIET = RunConfig(tracing_disabled=True)
# The agent of a run, and what it begins with.
Given = tuple[Agent[Any], Any]
Finished = RunResult | RunResultStreaming


def made(name: str, function: Tool) -> FunctionTool:
    """The function as a tool that takes any arguments."""

    async def invoke(context: ToolContext[Any], text: str) -> Any:
        value = function(**json.loads(text))
        return await value if isawaitable(value) else value

    schema = {"type": "object", "properties": {}, "additionalProperties": True}
    return FunctionTool(name, "A tool.", schema, invoke, strict_json_schema=False)


def told(result: Finished) -> list[Told]:
    """What the model was told in the place of each tool, or by it."""
    outputs = [item.output for item in result.new_items if item.type == "tool_call_output_item"]
    denied = ("[policy_denied]", "[approval_required]")
    return [Told(words, not str(words).startswith(denied)) for words in outputs]


@contextmanager
def unwrapped() -> Iterator[None]:
    """What a tool raised, without what the SDK puts around it."""
    try:
        yield
    except UserError as error:
        raise error.__cause__ or error from None


def scripted(calls: Calls, tools: Sequence[Any]) -> Callable[..., Agent[Any]]:
    """What makes an agent that makes the calls: a scripted model says its script once."""
    turns: list[Any] = [
        turn
        if isinstance(turn, Exception)
        else [function_call(tool, json.dumps(arguments), call_id=id) for tool, arguments, id in turn]
        for turn in numbered(calls)
    ]

    def agent(taken: int = 0) -> Agent[Any]:
        return Agent(
            name="agent", tools=list(tools), model=ScriptedModel([*turns[taken:], [assistant_message("done")]])
        )

    return agent


class Run(Way):
    """`run`."""

    def made(self, name: str, function: Tool) -> FunctionTool:
        return made(name, function)

    def behind(self, hexgate: Hexgate, tools: Sequence[Any], calls: Calls, pauses: bool) -> Opened:
        approvals: Any = "pause" if pauses else "tell"
        return opened(HexgateRunner(policy=hexgate, approvals=approvals), scripted(calls, tools))

    def nested(self, hexgate: Hexgate, tools: Mapping[str, Tool], calls: Calls) -> Opened:
        given = [self.made(name, function) for name, function in tools.items()]
        helper = agent_tool(scripted(calls, given)(), "helper", "Helps.")
        return self.behind(hexgate, [helper], [[("helper", {"input": "help"})]], False)

    def yes(self, agent: Opened) -> Any:
        state = agent.last.to_state()
        for waiting in agent.last.interruptions:
            state.approve(waiting)
        return state.to_json()

    async def run(self, agent: Opened, user: User | None, given: Any = None) -> list[Told]:
        with unwrapped():
            agent.last = await self.result(agent.gated[0], beginning(agent, given), user)
        return told(agent.last)

    def events(self, agent: Opened, user: User | None) -> AsyncGenerator[RunEvent, None]:
        runner, new = agent.gated
        stream: AsyncGenerator[RunEvent, None] = runner.events(new(), "go", user=user, run_config=QUIET)
        return stream

    async def result(self, runner: HexgateRunner, given: Given, user: User | None) -> Finished:
        """What a run by this way ends with."""
        return await runner.run(*given, user=user, run_config=QUIET)


def opened(runner: HexgateRunner, new: Callable[..., Agent[Any]]) -> Opened:
    """A runner, with what makes the agent anew for each run."""
    return Opened((runner, new), new())


def beginning(agent: Opened, given: Any) -> Given:
    """The agent of a run, and what it begins with. A model that goes on has said its first turn."""
    _, new = agent.gated
    return (new(), "go") if given is None else (new(taken=1), given)


class RunStreamed(Run):
    """`run_streamed`, whose stream is read after the scope of the user is left."""

    async def result(self, runner: HexgateRunner, given: Given, user: User | None) -> Finished:
        agent, begun = given
        if isinstance(begun, dict):
            given = agent, await runner.state(agent, begun, user=user)
        if user is None:
            result = runner.run_streamed(*given, run_config=QUIET)
        else:
            async with user:
                result = runner.run_streamed(*given, run_config=QUIET)
        try:
            async for _ in result.stream_events():
                pass
        except asyncio.CancelledError:
            result.cancel()
            raise
        return result


class RunSync(Run):
    """`run_sync`, and `run` where there are tasks."""

    def run_here(self, agent: Opened, user: User | None, given: Any = None) -> list[Told]:
        # The SDK leaves the loop of a thread open for the next run.
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            with unwrapped():
                agent.last = agent.gated[0].run_sync(*beginning(agent, given), user=user, run_config=QUIET)
            # With the loop of the thread gone, whatever is bound to it would break in the next run.
            assert asyncio.get_event_loop() is loop
        finally:
            asyncio.set_event_loop(None)
            loop.close()
        return told(agent.last)


DRIVERS: dict[str, Way] = {"run": Run(), "run_streamed": RunStreamed(), "run_sync": RunSync()}
