"""The ways of running an agent of OpenAI Agents."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from inspect import isawaitable
from typing import Any

from agents import Agent, FunctionTool, RunConfig, RunResult, RunResultStreaming, UserError
from agents.testing import ScriptedModel, assistant_message, function_call
from agents.tool_context import ToolContext

from hexgate.core import Hexgate, User
from hexgate.openai import HexgateRunner
from tests.conformance.behaviours import Told
from tests.conformance.drivers.ways import Calls, Tool, Way, numbered

__all__ = ["DRIVERS"]

QUIET = RunConfig(tracing_disabled=True)
# A runner, and what makes the agent anew for each run: a scripted model says its script once.
Opened = tuple[HexgateRunner, Callable[[], Agent[Any]]]
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


class Run(Way):
    """`run`."""

    def opened(self, hexgate: Hexgate, tools: Mapping[str, Tool], calls: Calls) -> Opened:
        given: list[Any] = [made(name, function) for name, function in tools.items()]
        turns = [
            [function_call(tool, json.dumps(arguments), call_id=id) for tool, arguments, id in turn]
            for turn in numbered(calls)
        ]

        def agent() -> Agent[Any]:
            return Agent(name="agent", tools=given, model=ScriptedModel([*turns, [assistant_message("done")]]))

        return HexgateRunner(policy=hexgate), agent

    async def run(self, agent: Opened, user: User | None) -> list[Told]:
        runner, new = agent
        with unwrapped():
            return told(await self.result(runner, new(), user))

    async def result(self, runner: HexgateRunner, agent: Agent[Any], user: User | None) -> Finished:
        """The run, by this way."""
        return await runner.run(agent, "go", user=user, run_config=QUIET)


class RunStreamed(Run):
    """`run_streamed`, whose stream is read after the scope of the user is left."""

    async def result(self, runner: HexgateRunner, agent: Agent[Any], user: User | None) -> Finished:
        if user is None:
            result = runner.run_streamed(agent, "go", run_config=QUIET)
        else:
            async with user:
                result = runner.run_streamed(agent, "go", run_config=QUIET)
        try:
            async for _ in result.stream_events():
                pass
        except asyncio.CancelledError:
            result.cancel()
            raise
        return result


class RunSync(Run):
    """`run_sync`, and `run` where there are tasks."""

    def run_here(self, agent: Opened, user: User | None) -> list[Told]:
        runner, new = agent
        # The SDK leaves the loop of a thread open for the next run.
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            with unwrapped():
                return told(runner.run_sync(new(), "go", user=user, run_config=QUIET))
        finally:
            asyncio.set_event_loop(None)
            loop.close()


DRIVERS: dict[str, Way] = {"run": Run(), "run_streamed": RunStreamed(), "run_sync": RunSync()}
