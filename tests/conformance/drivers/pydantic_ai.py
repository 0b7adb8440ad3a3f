"""The ways through the gate of Pydantic AI: an agent with one tool, and a model that calls it once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from inspect import isawaitable
from typing import Any

from pydantic_ai import Agent, ModelMessage, ModelResponse, RunContext, TextPart, ToolCallPart, ToolReturnPart
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel
from pydantic_ai.tools import Tool as FunctionTool

from hexgate.core import BannedError, User
from hexgate.pydantic_ai import GatedAgent, wrap_pydantic_agent
from tests.conformance.behaviours import Driver, Scene, Told

__all__ = ["DRIVERS"]

Tool = Callable[..., Any]


def gated_agent(scene: Scene, tool: str, arguments: dict[str, Any], function: Tool) -> GatedAgent:
    """The agent that a scene describes, whose model calls the tool once."""

    async def invoke(context: RunContext[Any], **given: Any) -> Any:
        value = function(**given)
        return await value if isawaitable(value) else value

    def answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        if len(messages) > 1:
            return ModelResponse([TextPart("done")])
        return ModelResponse([ToolCallPart(tool, json.dumps(arguments), tool_call_id="call-1")])

    async def stream(messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[str | DeltaToolCalls]:
        if len(messages) > 1:
            yield "done"
        else:
            yield {0: DeltaToolCall(tool, json.dumps(arguments), tool_call_id="call-1")}

    schema = {"type": "object", "properties": {}, "additionalProperties": True}
    made = FunctionTool.from_schema(invoke, tool, "A tool.", schema, takes_ctx=True)
    model = FunctionModel(answer, stream_function=stream)
    agent = Agent(model, name="agent", tools=[made], retries=0)
    return wrap_pydantic_agent(agent=agent, policy=scene.hexgate())


def told(messages: Sequence[ModelMessage]) -> Told:
    """What the model was told in the place of the tool, or by it."""
    [part] = [part for message in messages for part in message.parts if isinstance(part, ToolReturnPart)]
    return Told(part.content, part.outcome == "success")


class RunDriver:
    """`run`, in an event loop."""

    def call(self, scene: Scene, tool: str, arguments: dict[str, Any], function: Tool, user: User) -> Told:
        return asyncio.run(self.acall(scene, tool, arguments, function, user))

    async def acall(self, scene: Scene, tool: str, arguments: dict[str, Any], function: Tool, user: User) -> Told:
        agent = gated_agent(scene, tool, arguments, function)
        try:
            return told(await self.messages(agent, user))
        except BannedError as error:
            return Told(str(error), ran=False)

    async def messages(self, agent: GatedAgent, user: User) -> Sequence[ModelMessage]:
        """The messages of a run, by this way."""
        return (await agent.run("go", user=user)).all_messages()


class StreamDriver(RunDriver):
    """`run_stream`."""

    async def messages(self, agent: GatedAgent, user: User) -> Sequence[ModelMessage]:
        async with agent.run_stream("go", user=user) as stream:
            await stream.get_output()
            return stream.all_messages()


class StreamEventsDriver(RunDriver):
    """`run_stream_events`, read after the scope of the user is left."""

    async def messages(self, agent: GatedAgent, user: User) -> Sequence[ModelMessage]:
        async with user:
            events = agent.run_stream_events("go")
        async with events as stream:
            found = [event async for event in stream]
        messages: Sequence[ModelMessage] = found[-1].result.all_messages()
        return messages


class IterDriver(RunDriver):
    """`iter`, step by step."""

    async def messages(self, agent: GatedAgent, user: User) -> Sequence[ModelMessage]:
        async with agent.iter("go", user=user) as steps:
            async for _ in steps:
                pass
            return steps.all_messages()


class SyncDriver(RunDriver):
    """`run_sync`, and `run` where there are tasks."""

    def call(self, scene: Scene, tool: str, arguments: dict[str, Any], function: Tool, user: User) -> Told:
        agent = gated_agent(scene, tool, arguments, function)
        # The framework leaves the loop of a thread open for the next run.
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            return told(agent.run_sync("go", user=user).all_messages())
        except BannedError as error:
            return Told(str(error), ran=False)
        finally:
            asyncio.set_event_loop(None)
            loop.close()


DRIVERS: dict[str, Driver] = {
    "run": RunDriver(),
    "run_stream": StreamDriver(),
    "run_stream_events": StreamEventsDriver(),
    "iter": IterDriver(),
    "run_sync": SyncDriver(),
}
