"""The ways of running an agent of Google ADK."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from inspect import isawaitable
from typing import Any

from google.adk.agents import LlmAgent, RunConfig
from google.adk.agents.run_config import StreamingMode
from google.adk.models import BaseLlm, LlmRequest, LlmResponse
from google.adk.tools import BaseTool, ToolContext
from google.genai.types import Content, FunctionCall, Part

from hexgate.core import Hexgate, User
from hexgate.google import HexgateRunner
from tests.conformance.behaviours import Told
from tests.conformance.drivers.ways import Calls, Tool, Way, numbered

__all__ = ["DRIVERS"]


class Scripted(BaseLlm):
    """A model that makes the calls, turn by turn, and then says that it is done."""

    model: str = "scripted"
    turns: Any

    async def generate_content_async(
        self, llm_request: LlmRequest, stream: bool = False
    ) -> AsyncGenerator[LlmResponse, None]:
        taken = sum(content.role == "model" for content in llm_request.contents)
        calls = self.turns[taken] if taken < len(self.turns) else []
        parts = [Part(function_call=FunctionCall(name=tool, args=given, id=id)) for tool, given, id in calls]
        yield LlmResponse(content=Content(role="model", parts=parts or [Part(text="done")]))


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


def told(events: list[Any]) -> list[Told]:
    """What the model was told in the place of each tool, or by it."""
    answers = [answer.response for event in events for answer in event.get_function_responses()]
    return [
        Told(answer["error"], ran=False) if "error" in answer else Told(answer.get("result", answer), ran=True)
        for answer in answers
    ]


class RunAsync(Way):
    """`run_async`."""

    def opened(self, hexgate: Hexgate, tools: Mapping[str, Tool], calls: Calls) -> HexgateRunner:
        given: list[Any] = [AnyTool(name, function) for name, function in tools.items()]
        agent = LlmAgent(name="agent", model=Scripted(turns=numbered(calls)), tools=given)
        return HexgateRunner(agent=agent, app_name="app", policy=hexgate)

    async def run(self, agent: HexgateRunner, user: User | None) -> list[Told]:
        return told([event async for event in agent.run_async(new_message="go", user=user)])


class Streaming(RunAsync):
    """`run_async` with streaming, read after the scope of the user is left."""

    async def run(self, agent: HexgateRunner, user: User | None) -> list[Told]:
        config = RunConfig(streaming_mode=StreamingMode.SSE)
        if user is None:
            stream = agent.run_async(new_message="go", run_config=config)
        else:
            async with user:
                stream = agent.run_async(new_message="go", run_config=config)
        return told([event async for event in stream])


class RunSync(RunAsync):
    """`run`, and `run_async` where there are tasks."""

    def run_here(self, agent: HexgateRunner, user: User | None) -> list[Told]:
        return told(list(agent.run(new_message="go", user=user)))


DRIVERS: dict[str, Way] = {"run_async": RunAsync(), "run_async streaming": Streaming(), "run": RunSync()}
