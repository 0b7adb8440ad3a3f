"""The ways of running an agent of Pydantic AI."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any

from pydantic_ai import (
    Agent,
    DeferredToolResults,
    ModelMessage,
    ModelResponse,
    RunContext,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
)
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel
from pydantic_ai.tools import Tool as FunctionTool

from hexgate.core import Hexgate, User
from hexgate.core.adapters import RunEvent
from hexgate.pydantic_ai import GatedAgent, wrap_pydantic_agent
from tests.conformance.behaviours import Told
from tests.conformance.drivers.ways import Calls, Opened, Tool, Way, numbered, taken

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
        return taken(turns, sum(isinstance(message, ModelResponse) for message in messages))

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

    def made(self, name: str, function: Tool) -> FunctionTool[Any]:
        return made(name, function)

    def behind(self, hexgate: Hexgate, tools: Sequence[Any], calls: Calls, pauses: bool) -> Opened:
        own = Agent(model_of(calls), name="agent", tools=tools, retries=0)
        return Opened(wrap_pydantic_agent(agent=own, policy=hexgate, approvals="pause" if pauses else "tell"), own)

    def nested(self, hexgate: Hexgate, tools: Mapping[str, Tool], calls: Calls) -> Opened:
        helper = self.opened(hexgate, tools, calls).gated

        async def help_out() -> Any:
            return (await helper.run("help")).output

        return self.opened(hexgate, {"helper": help_out}, [[("helper", {})]])

    def yes(self, agent: Opened) -> Any:
        approved = {call.tool_call_id: True for call in agent.last.output.approvals}
        results = DeferredToolResults(approvals=dict(approved))
        return {"message_history": agent.last.all_messages(), "deferred_tool_results": results}

    async def run(self, agent: Opened, user: User | None, given: Any = None) -> list[Told]:
        agent.last = await self.result(agent.gated, {"user": user, **asked(given)})
        return told(agent.last)

    def events(self, agent: Opened, user: User | None) -> AsyncGenerator[RunEvent, None]:
        stream: AsyncGenerator[RunEvent, None] = agent.gated.events("go", user=user)
        return stream

    async def result(self, agent: GatedAgent, given: Any) -> Any:
        """What a run by this way ends with."""
        return await agent.run(**given)


def asked(given: Any) -> Any:
    """What a run begins with."""
    return {"user_prompt": "go"} if given is None else given


def told(result: Any) -> list[Told]:
    """What the model was told in the place of each tool, or by it."""
    parts = [part for message in result.all_messages() for part in message.parts]
    return [Told(part.content, part.outcome == "success") for part in parts if isinstance(part, ToolReturnPart)]


class RunStream(Run):
    """`run_stream`."""

    async def result(self, agent: GatedAgent, given: Any) -> Any:
        async with agent.run_stream(**given) as stream:
            output = await stream.get_output()
            return Ended(output, stream.all_messages())


@dataclass
class Ended:
    """What a run ended with, where the framework has no such thing."""

    output: Any
    messages: Sequence[ModelMessage]

    def all_messages(self) -> Sequence[ModelMessage]:
        """All of them."""
        return self.messages


class RunStreamEvents(Run):
    """`run_stream_events`, read after the scope of the user is left."""

    async def result(self, agent: GatedAgent, given: Any) -> Any:
        user = given.pop("user")
        if user is None:
            events = agent.run_stream_events(**given)
        else:
            async with user:
                events = agent.run_stream_events(**given)
        async with events as stream:
            found = [event async for event in stream]
        return found[-1].result


class Iter(Run):
    """`iter`, step by step."""

    async def result(self, agent: GatedAgent, given: Any) -> Any:
        async with agent.iter(**given) as steps:
            async for _ in steps:
                pass
            return steps.result


class RunSync(Run):
    """`run_sync`, and `run` where there are tasks."""

    def run_here(self, agent: Opened, user: User | None, given: Any = None) -> list[Told]:
        # The framework leaves the loop of a thread open for the next run.
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            agent.last = agent.gated.run_sync(user=user, **asked(given))
        finally:
            asyncio.set_event_loop(None)
            loop.close()
        return told(agent.last)


DRIVERS: dict[str, Way] = {
    "run": Run(),
    "run_stream": RunStream(),
    "run_stream_events": RunStreamEvents(),
    "iter": Iter(),
    "run_sync": RunSync(),
}
