"""The ways through the gate of OpenAI Agents: an agent with one tool, and a scripted model that calls it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from inspect import isawaitable
from typing import Any

from agents import Agent, FunctionTool, RunConfig, RunResult, RunResultStreaming, UserError
from agents.testing import ScriptedModel, assistant_message, function_call
from agents.tool_context import ToolContext

from hexgate.core import BannedError, User
from hexgate.openai import HexgateRunner
from tests.conformance.behaviours import Driver, Scene, Told

__all__ = ["DRIVERS"]

Tool = Callable[..., Any]
QUIET = RunConfig(tracing_disabled=True)


def agent_of(tool: str, arguments: dict[str, Any], function: Tool) -> Agent[Any]:
    """An agent whose model calls the tool once."""

    async def invoke(context: ToolContext[Any], text: str) -> Any:
        value = function(**json.loads(text))
        return await value if isawaitable(value) else value

    schema = {"type": "object", "properties": {}, "additionalProperties": True}
    gated = FunctionTool(tool, "A tool.", schema, invoke, strict_json_schema=False)
    steps = [[function_call(tool, json.dumps(arguments), call_id="call-1")], [assistant_message("done")]]
    return Agent(name="agent", tools=[gated], model=ScriptedModel(steps))


def told(result: RunResult | RunResultStreaming) -> Told:
    """What the model was told in the place of the tool, or by it."""
    [output] = [item for item in result.new_items if item.type == "tool_call_output_item"]
    words = output.output
    return Told(words, not str(words).startswith(("[policy_denied]", "[approval_required]")))


@contextmanager
def unwrapped() -> Iterator[None]:
    """What a tool raised, without what the SDK puts around it."""
    try:
        yield
    except UserError as error:
        raise error.__cause__ or error from None


class RunDriver:
    """`run`, in an event loop."""

    def call(self, scene: Scene, tool: str, arguments: dict[str, Any], function: Tool, user: User) -> Told:
        return asyncio.run(self.acall(scene, tool, arguments, function, user))

    async def acall(self, scene: Scene, tool: str, arguments: dict[str, Any], function: Tool, user: User) -> Told:
        runner, agent = HexgateRunner(policy=scene.hexgate()), agent_of(tool, arguments, function)
        try:
            with unwrapped():
                return told(await self.result(runner, agent, user))
        except BannedError as error:
            return Told(str(error), ran=False)

    async def result(self, runner: HexgateRunner, agent: Agent[Any], user: User) -> RunResult | RunResultStreaming:
        """The run, by this way."""
        return await runner.run(agent, "go", user=user, run_config=QUIET)


class StreamedDriver(RunDriver):
    """`run_streamed`, whose stream is read after the scope of the user is left."""

    async def result(self, runner: HexgateRunner, agent: Agent[Any], user: User) -> RunResult | RunResultStreaming:
        async with user:
            result = runner.run_streamed(agent, "go", run_config=QUIET)
        try:
            async for _ in result.stream_events():
                pass
        except asyncio.CancelledError:
            result.cancel()
            raise
        return result


class SyncDriver(RunDriver):
    """`run_sync`, and `run` where there are tasks."""

    def call(self, scene: Scene, tool: str, arguments: dict[str, Any], function: Tool, user: User) -> Told:
        runner, agent = HexgateRunner(policy=scene.hexgate()), agent_of(tool, arguments, function)
        # The SDK leaves the loop of a thread open for the next run.
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            with unwrapped():
                return told(runner.run_sync(agent, "go", user=user, run_config=QUIET))
        except BannedError as error:
            return Told(str(error), ran=False)
        finally:
            asyncio.set_event_loop(None)
            loop.close()


DRIVERS: dict[str, Driver] = {"run": RunDriver(), "run_streamed": StreamedDriver(), "run_sync": SyncDriver()}
