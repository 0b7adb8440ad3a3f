"""The ways through the gate of LangChain: an agent with one tool, and a model that calls it once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from inspect import isawaitable
from typing import Any

from langchain.agents import create_agent as create_ungated
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.tools import BaseTool, StructuredTool

from hexgate.core import BannedError, User
from hexgate.langchain import GatedAgent, create_agent, wrap_langchain_agent
from tests.conformance.behaviours import Driver, Scene, Told

__all__ = ["DRIVERS"]

Tool = Callable[..., Any]
ASK = {"messages": [{"role": "user", "content": "go"}]}


class OneCall(BaseChatModel):
    """Calls a tool, and then says that it is done."""

    tool: str
    arguments: dict[str, Any]

    @property
    def _llm_type(self) -> str:
        return "one-call"

    def bind_tools(self, tools: Sequence[Any], **more: Any) -> Any:
        return self.bind(tools=list(tools))

    def _generate(self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **more: Any) -> Any:
        call = {"name": self.tool, "args": self.arguments, "id": "call-1"}
        message = AIMessage("done") if len(messages) > 1 else AIMessage("", tool_calls=[call])
        return ChatResult(generations=[ChatGeneration(message=message)])


def made(tool: str, function: Tool) -> BaseTool:
    """The function as a tool that takes any arguments, in sync code and in async."""

    def plain(**given: Any) -> Any:
        return function(**given)

    async def invoke(**given: Any) -> Any:
        value = function(**given)
        return await value if isawaitable(value) else value

    schema = {"type": "object", "properties": {}, "additionalProperties": True}
    return StructuredTool(name=tool, description="A tool.", args_schema=schema, func=plain, coroutine=invoke)


def told(state: Any) -> Told:
    """What the model was told in the place of the tool, or by it."""
    [message] = [message for message in state["messages"] if isinstance(message, ToolMessage)]
    if message.status == "error":
        return Told(json.loads(message.text)["error"]["message"], ran=False)
    return Told(message.content, ran=True)


class AsyncDriver:
    """`ainvoke` of an agent that is built with the gate."""

    def agent(self, scene: Scene, tool: str, arguments: dict[str, Any], function: Tool) -> GatedAgent:
        """The agent that a scene describes."""
        says = OneCall(tool=tool, arguments=arguments)
        return create_agent(says, [made(tool, function)], policy=scene.hexgate(), name="agent")[0]

    def call(self, scene: Scene, tool: str, arguments: dict[str, Any], function: Tool, user: User) -> Told:
        return asyncio.run(self.acall(scene, tool, arguments, function, user))

    async def acall(self, scene: Scene, tool: str, arguments: dict[str, Any], function: Tool, user: User) -> Told:
        agent = self.agent(scene, tool, arguments, function)
        try:
            return told(await self.state(agent, user))
        except BannedError as error:
            return Told(str(error), ran=False)

    async def state(self, agent: GatedAgent, user: User) -> Any:
        """The state at the end of a run, by this way."""
        return await agent.ainvoke(ASK, user=user)


class ReadyDriver(AsyncDriver):
    """`ainvoke` of a ready-made graph."""

    def agent(self, scene: Scene, tool: str, arguments: dict[str, Any], function: Tool) -> GatedAgent:
        graph = create_ungated(OneCall(tool=tool, arguments=arguments), [made(tool, function)], name="agent")
        return wrap_langchain_agent(agent=graph, policy=scene.hexgate())


class StreamDriver(AsyncDriver):
    """`astream`, read after the scope of the user is left."""

    async def state(self, agent: GatedAgent, user: User) -> Any:
        async with user:
            stream = agent.astream(ASK, stream_mode="values")
        return [state async for state in stream][-1]


class EventsDriver(AsyncDriver):
    """`astream_events`, read after the scope of the user is left."""

    async def state(self, agent: GatedAgent, user: User) -> Any:
        async with user:
            stream = agent.astream_events(ASK, version="v2")
        return [event async for event in stream][-1]["data"]["output"]


class SyncDriver(AsyncDriver):
    """`invoke`, and `ainvoke` where there are tasks."""

    def call(self, scene: Scene, tool: str, arguments: dict[str, Any], function: Tool, user: User) -> Told:
        agent = self.agent(scene, tool, arguments, function)
        try:
            return told(self.here(agent, user))
        except BannedError as error:
            return Told(str(error), ran=False)

    def here(self, agent: GatedAgent, user: User) -> Any:
        """The state at the end of a run, by this way."""
        return agent.invoke(ASK, user=user)


class SyncStreamDriver(SyncDriver):
    """`stream`, read after the scope of the user is left, and `ainvoke` where there are tasks."""

    def here(self, agent: GatedAgent, user: User) -> Any:
        with user.sync_scope():
            stream = agent.stream(ASK, stream_mode="values")
        return list(stream)[-1]


class SyncReadyDriver(SyncDriver, ReadyDriver):
    """`invoke` of a ready-made graph, and `ainvoke` where there are tasks."""


DRIVERS: dict[str, Driver] = {
    "ainvoke": AsyncDriver(),
    "ainvoke of a ready-made graph": ReadyDriver(),
    "astream": StreamDriver(),
    "astream_events": EventsDriver(),
    "invoke": SyncDriver(),
    "stream": SyncStreamDriver(),
    "invoke of a ready-made graph": SyncReadyDriver(),
}
