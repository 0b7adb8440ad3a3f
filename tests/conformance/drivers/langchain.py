"""The ways of running an agent of LangChain, built with the gate or ready-made."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from inspect import isawaitable
from typing import Any

from langchain.agents import create_agent as create_ungated
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.tools import BaseTool, StructuredTool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command

from hexgate.core import Hexgate, User
from hexgate.core.adapters import RunEvent
from hexgate.langchain import GatedAgent, create_agent, stream_agent, wrap_langchain_agent
from tests.conformance.behaviours import Told
from tests.conformance.drivers.ways import Calls, Opened, Tool, Way, numbered, taken

__all__ = ["DRIVERS"]

# What a run begins with, and its configuration.
Given = tuple[Any, Any]
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
        turn = taken(self.turns, sum(isinstance(message, AIMessage) for message in messages))
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

    def made(self, name: str, function: Tool) -> BaseTool:
        return made(name, function)

    def behind(self, hexgate: Hexgate, tools: Sequence[Any], calls: Calls, pauses: bool) -> Opened:
        more: Any = {"approvals": "pause", "checkpointer": InMemorySaver()} if pauses else {}
        agent, _ = create_agent(Scripted(turns=numbered(calls)), tools, policy=hexgate, name="agent", **more)
        return Opened(agent, agent, pauses)

    def nested(self, hexgate: Hexgate, tools: Mapping[str, Tool], calls: Calls) -> Opened:
        helper = self.opened(hexgate, tools, calls).gated

        def help_out() -> str:
            """Helps."""
            return str(helper.invoke(ASK)["messages"][-1].text)

        async def help_out_async() -> str:
            return str((await helper.ainvoke(ASK))["messages"][-1].text)

        tool = StructuredTool.from_function(help_out, help_out_async, name="helper")
        return self.behind(hexgate, [tool], [[("helper", {})]], False)

    def yes(self, agent: Opened) -> Command[Any]:
        return Command(resume=True)

    async def run(self, agent: Opened, user: User | None, given: Any = None) -> list[Told]:
        agent.last = await self.state(agent.gated, user, beginning(agent, given))
        return told(agent.last)

    def run_here(self, agent: Opened, user: User | None, given: Any = None) -> list[Told]:
        agent.last = self.state_here(agent.gated, user, beginning(agent, given))
        return told(agent.last)

    def events(self, agent: Opened, user: User | None) -> AsyncGenerator[RunEvent, None]:
        return stream_agent(agent.gated, "go", user=user, config=beginning(agent, None)[1])

    async def state(self, agent: GatedAgent, user: User | None, given: Given) -> Any:
        """The state that a run by this way ends with."""
        return await agent.ainvoke(*given, user=user)

    def state_here(self, agent: GatedAgent, user: User | None, given: Given) -> Any:
        """The same in sync code."""
        return agent.invoke(*given, user=user)


def beginning(agent: Opened, given: Any) -> Given:
    """What a run begins with; one of an agent that pauses is kept in a thread."""
    return (ASK if given is None else given), {"configurable": {"thread_id": "one"}} if agent.pauses else {}


class InvokeReady(Invoke):
    """The same of a ready-made graph."""

    def behind(self, hexgate: Hexgate, tools: Sequence[Any], calls: Calls, pauses: bool) -> Opened:
        saver = InMemorySaver() if pauses else None
        own = create_ungated(Scripted(turns=numbered(calls)), tools, name="agent", checkpointer=saver)
        more: Any = {"approvals": "pause"} if pauses else {}
        return Opened(wrap_langchain_agent(agent=own, policy=hexgate, **more), own, pauses)


class Stream(Invoke):
    """`astream` and `stream`, read after the scope of the user is left."""

    async def state(self, agent: GatedAgent, user: User | None, given: Given) -> Any:
        if user is None:
            stream = agent.astream(*given, stream_mode="values")
        else:
            async with user:
                stream = agent.astream(*given, stream_mode="values")
        return [state async for state in stream if "messages" in state][-1]

    def state_here(self, agent: GatedAgent, user: User | None, given: Given) -> Any:
        if user is None:
            stream = agent.stream(*given, stream_mode="values")
        else:
            with user.sync_scope():
                stream = agent.stream(*given, stream_mode="values")
        return [state for state in stream if "messages" in state][-1]


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

    async def state(self, agent: GatedAgent, user: User | None, given: Given) -> Any:
        stream = agent.astream_events(*given, user=user, version="v2")
        return [event async for event in stream][-1]["data"]["output"]


DRIVERS: dict[str, Way] = {
    "invoke": Invoke(),
    "invoke of a ready-made graph": InvokeReady(),
    "stream": Stream(),
    "ainvoke": AsyncInvoke(),
    "ainvoke of a ready-made graph": AsyncInvokeReady(),
    "astream": AsyncStream(),
    "astream_events": Events(),
}
