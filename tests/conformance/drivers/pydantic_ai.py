"""The ways of running an agent of Pydantic AI."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from inspect import isawaitable
from typing import Any

from pydantic_ai import Agent, ModelMessage, ModelResponse, RunContext, TextPart, ToolCallPart, ToolReturnPart
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel
from pydantic_ai.tools import Tool as FunctionTool

from hexgate.core import Hexgate, User
from hexgate.pydantic_ai import GatedAgent, wrap_pydantic_agent
from tests.conformance.behaviours import Told
from tests.conformance.drivers.ways import Calls, Tool, Way, numbered

__all__ = ["DRIVERS"]


def made(name: str, function: Tool) -> FunctionTool[Any]:
    """The function as a tool that takes any arguments."""

    async def invoke(context: RunContext[Any], **given: Any) -> Any:
        value = function(**given)
        return await value if isawaitable(value) else value

    schema = {"type": "object", "properties": {}, "additionalProperties": True}
    return FunctionTool.from_schema(invoke, name, "A tool.", schema, takes_ctx=True)


def model_of(calls: Calls) -> FunctionModel:
    """A model that makes the calls, turn by turn, and then says that it is done."""
    turns = numbered(calls)

    def step(messages: list[ModelMessage]) -> list[tuple[str, dict[str, Any], str]]:
        taken = sum(isinstance(message, ModelResponse) for message in messages)
        return turns[taken] if taken < len(turns) else []

    def answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        parts: list[Any] = [
            ToolCallPart(tool, json.dumps(given), tool_call_id=id) for tool, given, id in step(messages)
        ]
        return ModelResponse(parts or [TextPart("done")])

    async def stream(messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[str | DeltaToolCalls]:
        found = step(messages)
        if not found:
            yield "done"
        for number, (tool, given, id) in enumerate(found):
            yield {number: DeltaToolCall(tool, json.dumps(given), tool_call_id=id)}

    return FunctionModel(answer, stream_function=stream)


class Run(Way):
    """`run`."""

    def opened(self, hexgate: Hexgate, tools: Mapping[str, Tool], calls: Calls) -> GatedAgent:
        given = [made(name, function) for name, function in tools.items()]
        return wrap_pydantic_agent(agent=Agent(model_of(calls), name="agent", tools=given, retries=0), policy=hexgate)

    async def run(self, agent: GatedAgent, user: User | None) -> list[Told]:
        parts = [part for message in await self.messages(agent, user) for part in message.parts]
        return [Told(part.content, part.outcome == "success") for part in parts if isinstance(part, ToolReturnPart)]

    async def messages(self, agent: GatedAgent, user: User | None) -> Sequence[ModelMessage]:
        """The messages of a run, by this way."""
        return (await agent.run("go", user=user)).all_messages()


class RunStream(Run):
    """`run_stream`."""

    async def messages(self, agent: GatedAgent, user: User | None) -> Sequence[ModelMessage]:
        async with agent.run_stream("go", user=user) as stream:
            await stream.get_output()
            return stream.all_messages()


class RunStreamEvents(Run):
    """`run_stream_events`, read after the scope of the user is left."""

    async def messages(self, agent: GatedAgent, user: User | None) -> Sequence[ModelMessage]:
        if user is None:
            events = agent.run_stream_events("go")
        else:
            async with user:
                events = agent.run_stream_events("go")
        async with events as stream:
            found = [event async for event in stream]
        messages: Sequence[ModelMessage] = found[-1].result.all_messages()
        return messages


class Iter(Run):
    """`iter`, step by step."""

    async def messages(self, agent: GatedAgent, user: User | None) -> Sequence[ModelMessage]:
        async with agent.iter("go", user=user) as steps:
            async for _ in steps:
                pass
            return steps.all_messages()


class RunSync(Run):
    """`run_sync`, and `run` where there are tasks."""

    def run_here(self, agent: GatedAgent, user: User | None) -> list[Told]:
        # The framework leaves the loop of a thread open for the next run.
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            parts = [part for message in agent.run_sync("go", user=user).all_messages() for part in message.parts]
        finally:
            asyncio.set_event_loop(None)
            loop.close()
        return [Told(part.content, part.outcome == "success") for part in parts if isinstance(part, ToolReturnPart)]


DRIVERS: dict[str, Way] = {
    "run": Run(),
    "run_stream": RunStream(),
    "run_stream_events": RunStreamEvents(),
    "iter": Iter(),
    "run_sync": RunSync(),
}
