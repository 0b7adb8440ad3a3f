"""The ways of running an agent of LangChain, built with the gate or ready-made."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from inspect import isawaitable
from typing import Any

from langchain.agents import create_agent as create_ungated
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.tools import BaseTool, StructuredTool

from hexgate.core import Hexgate, User
from hexgate.langchain import GatedAgent, create_agent, wrap_langchain_agent
from tests.conformance.behaviours import Told
from tests.conformance.drivers.ways import Calls, Tool, Way, numbered

__all__ = ["DRIVERS"]

ASK = {"messages": [{"role": "user", "content": "go"}]}


class Scripted(BaseChatModel):
    """A model that makes the calls, turn by turn, and then says that it is done."""

    turns: Any

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Sequence[Any], **more: Any) -> Any:
        return self.bind(tools=list(tools))

    def _generate(self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **more: Any) -> Any:
        taken = sum(isinstance(message, AIMessage) for message in messages)
        turn = self.turns[taken] if taken < len(self.turns) else []
        calls = [{"name": tool, "args": given, "id": id} for tool, given, id in turn]
        message = AIMessage("" if calls else "done", tool_calls=calls)
        return ChatResult(generations=[ChatGeneration(message=message)])


def made(name: str, function: Tool) -> BaseTool:
    """The function as a tool that takes any arguments, in sync code and in async."""

    def plain(**given: Any) -> Any:
        value = function(**given)
        if isawaitable(value):
            raise TypeError("an async tool in sync code")
        return value

    async def invoke(**given: Any) -> Any:
        value = function(**given)
        return await value if isawaitable(value) else value

    schema = {"type": "object", "properties": {}, "additionalProperties": True}
    return StructuredTool(name=name, description="A tool.", args_schema=schema, func=plain, coroutine=invoke)


def told(state: Any) -> list[Told]:
    """What the model was told in the place of each tool, or by it."""
    return [
        Told(json.loads(message.text)["error"]["message"], ran=False)
        if message.status == "error"
        else Told(message.content, ran=True)
        for message in state["messages"]
        if isinstance(message, ToolMessage)
    ]


class Invoke(Way):
    """`ainvoke` of an agent that is built with the gate, and `invoke` where there is no event loop."""

    def opened(self, hexgate: Hexgate, tools: Mapping[str, Tool], calls: Calls) -> GatedAgent:
        given = [made(name, function) for name, function in tools.items()]
        return create_agent(Scripted(turns=numbered(calls)), given, policy=hexgate, name="agent")[0]

    async def run(self, agent: GatedAgent, user: User | None) -> list[Told]:
        return told(await agent.ainvoke(ASK, user=user))

    def run_here(self, agent: GatedAgent, user: User | None) -> list[Told]:
        return told(agent.invoke(ASK, user=user))


class InvokeReady(Invoke):
    """The same of a ready-made graph."""

    def opened(self, hexgate: Hexgate, tools: Mapping[str, Tool], calls: Calls) -> GatedAgent:
        given = [made(name, function) for name, function in tools.items()]
        graph = create_ungated(Scripted(turns=numbered(calls)), given, name="agent")
        return wrap_langchain_agent(agent=graph, policy=hexgate)


class Stream(Invoke):
    """`astream` and `stream`, read after the scope of the user is left."""

    async def run(self, agent: GatedAgent, user: User | None) -> list[Told]:
        if user is None:
            stream = agent.astream(ASK, stream_mode="values")
        else:
            async with user:
                stream = agent.astream(ASK, stream_mode="values")
        return told([state async for state in stream][-1])

    def run_here(self, agent: GatedAgent, user: User | None) -> list[Told]:
        if user is None:
            stream = agent.stream(ASK, stream_mode="values")
        else:
            with user.sync_scope():
                stream = agent.stream(ASK, stream_mode="values")
        return told(list(stream)[-1])


class AsyncInvoke(Invoke):
    """`ainvoke` alone."""

    run_here = Way.run_here


class AsyncInvokeReady(InvokeReady):
    """`ainvoke` of a ready-made graph alone."""

    run_here = Way.run_here


class AsyncStream(Stream):
    """`astream` alone."""

    run_here = Way.run_here


class Events(AsyncInvoke):
    """`astream_events`."""

    async def run(self, agent: GatedAgent, user: User | None) -> list[Told]:
        stream = agent.astream_events(ASK, user=user, version="v2")
        return told([event async for event in stream][-1]["data"]["output"])


DRIVERS: dict[str, Way] = {
    "invoke": Invoke(),
    "invoke of a ready-made graph": InvokeReady(),
    "stream": Stream(),
    "ainvoke": AsyncInvoke(),
    "ainvoke of a ready-made graph": AsyncInvokeReady(),
    "astream": AsyncStream(),
    "astream_events": Events(),
}
