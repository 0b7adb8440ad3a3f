"""The ways through the gate of Google ADK: an agent with one tool, and a model that calls it once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from inspect import isawaitable
from typing import Any

from google.adk.agents import LlmAgent, RunConfig
from google.adk.agents.run_config import StreamingMode
from google.adk.models import BaseLlm
from google.adk.models.llm_request import LlmRequest
from google.adk.models.llm_response import LlmResponse
from google.adk.tools.base_tool import BaseTool
from google.adk.tools.tool_context import ToolContext
from google.genai import types

from hexgate.core import BannedError, User
from hexgate.google import HexgateRunner
from tests.conformance.behaviours import Driver, Scene, Told

__all__ = ["DRIVERS"]

Tool = Callable[..., Any]


class OneCall(BaseLlm):
    """Calls a tool, and then says that it is done."""

    model: str = "one-call"
    call: Any

    async def generate_content_async(
        self, llm_request: LlmRequest, stream: bool = False
    ) -> AsyncGenerator[LlmResponse, None]:
        spoken = any(content.role == "model" for content in llm_request.contents)
        part = types.Part(text="done") if spoken else types.Part(function_call=self.call)
        yield LlmResponse(content=types.Content(role="model", parts=[part]))


class AnyTool(BaseTool):
    """The function as a tool that takes any arguments."""

    def __init__(self, name: str, function: Tool) -> None:
        super().__init__(name=name, description="A tool.")
        self.function = function

    async def process_llm_request(self, *, tool_context: ToolContext, llm_request: LlmRequest) -> None:
        llm_request.tools_dict[self.name] = self

    async def run_async(self, *, args: dict[str, Any], tool_context: ToolContext) -> Any:
        value = self.function(**args)
        return await value if isawaitable(value) else value


class AsyncDriver:
    """`run_async`."""

    mode = StreamingMode.NONE

    def runner(self, scene: Scene, tool: str, arguments: dict[str, Any], function: Tool) -> HexgateRunner:
        """The runner that a scene describes."""
        says = OneCall(call=types.FunctionCall(name=tool, args=arguments, id="call-1"))
        agent = LlmAgent(name="agent", model=says, tools=[AnyTool(tool, function)])
        return HexgateRunner(agent=agent, app_name="app", policy=scene.hexgate())

    def call(self, scene: Scene, tool: str, arguments: dict[str, Any], function: Tool, user: User) -> Told:
        return asyncio.run(self.acall(scene, tool, arguments, function, user))

    async def acall(self, scene: Scene, tool: str, arguments: dict[str, Any], function: Tool, user: User) -> Told:
        runner = self.runner(scene, tool, arguments, function)
        try:
            return told([event async for event in self.stream(runner, user)])
        except BannedError as error:
            return Told(str(error), ran=False)

    def stream(self, runner: HexgateRunner, user: User) -> AsyncGenerator[Any, None]:
        """The events of a run, by this way."""
        return runner.run_async(new_message="go", user=user, run_config=RunConfig(streaming_mode=self.mode))


class StreamDriver(AsyncDriver):
    """`run_async` with streaming, read after the scope of the user is left."""

    mode = StreamingMode.SSE

    async def acall(self, scene: Scene, tool: str, arguments: dict[str, Any], function: Tool, user: User) -> Told:
        runner = self.runner(scene, tool, arguments, function)
        async with user:
            stream = runner.run_async(new_message="go", run_config=RunConfig(streaming_mode=self.mode))
        try:
            return told([event async for event in stream])
        except BannedError as error:
            return Told(str(error), ran=False)


class SyncDriver(AsyncDriver):
    """`run`, and `run_async` where there are tasks."""

    def call(self, scene: Scene, tool: str, arguments: dict[str, Any], function: Tool, user: User) -> Told:
        runner = self.runner(scene, tool, arguments, function)
        try:
            return told(list(runner.run(new_message="go", user=user)))
        except BannedError as error:
            return Told(str(error), ran=False)


def told(events: list[Any]) -> Told:
    """What the model was told in the place of the tool, or by it."""
    [response] = [answer.response for event in events for answer in event.get_function_responses()]
    if "error" in response:
        return Told(response["error"], ran=False)
    return Told(response.get("result", response), ran=True)


DRIVERS: dict[str, Driver] = {"run_async": AsyncDriver(), "run_async streaming": StreamDriver(), "run": SyncDriver()}
