"""The ways of running an agent of Google ADK."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from inspect import isawaitable
from typing import Any

from google.adk.agents import LlmAgent, RunConfig
from google.adk.agents.run_config import StreamingMode
from google.adk.models import BaseLlm, LlmRequest, LlmResponse
from google.adk.tools import BaseTool, ToolContext
from google.adk.tools.agent_tool import AgentTool
from google.genai.types import Content, FunctionCall, FunctionDeclaration, FunctionResponse, Part

from hexgate.core import Hexgate, User
from hexgate.core.adapters import RunEvent
from hexgate.google import HexgateRunner
from tests.conformance.behaviours import Told
from tests.conformance.drivers.ways import Calls, Opened, Tool, Way, numbered, taken

__all__ = ["DRIVERS"]

CONFIRMATION = "adk_request_confirmation"


class Scripted(BaseLlm):
    """A model that makes the calls, turn by turn, and then says that it is done."""

    model: str = "scripted"
    turns: Any

    async def generate_content_async(
        self, llm_request: LlmRequest, stream: bool = False
    ) -> AsyncGenerator[LlmResponse, None]:
        calls = taken(self.turns, sum(content.role == "model" for content in llm_request.contents))
        parts = [Part(function_call=FunctionCall(name=tool, args=given, id=id)) for tool, given, id in calls]
        yield LlmResponse(content=Content(role="model", parts=parts or [Part(text="done")]))


class AnyTool(BaseTool):
    """The function as a tool that takes any arguments."""

    def __init__(self, name: str, function: Tool) -> None:
        super().__init__(name=name, description="A tool.")
        self.function = function

    def _get_declaration(self) -> FunctionDeclaration:
        # What the framework has for tools of one's own.
        return FunctionDeclaration(name=self.name, description=self.description)

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


def asked(given: Any) -> Any:
    """What a run begins with."""
    return "go" if given is None else given


class RunAsync(Way):
    """`run_async`."""

    def made(self, name: str, function: Tool) -> AnyTool:
        return AnyTool(name, function)

    def behind(self, hexgate: Hexgate, tools: Sequence[Any], calls: Calls, pauses: bool) -> Opened:
        own = LlmAgent(name="agent", model=Scripted(turns=numbered(calls)), tools=list(tools))
        approvals: Any = "pause" if pauses else "tell"
        return Opened(HexgateRunner(agent=own, app_name="app", policy=hexgate, approvals=approvals), own, pauses=pauses)

    def nested(self, hexgate: Hexgate, tools: Mapping[str, Tool], calls: Calls) -> Opened:
        given: list[Any] = [self.made(name, function) for name, function in tools.items()]
        helper = AgentTool(LlmAgent(name="helper", model=Scripted(turns=numbered(calls)), tools=given))
        return self.behind(hexgate, [helper], [[("helper", {"request": "help"})]], False)

    def yes(self, agent: Opened) -> Content:
        asked = [call for event in agent.last for call in event.get_function_calls() if call.name == CONFIRMATION]
        answers = [FunctionResponse(name=CONFIRMATION, id=call.id, response={"confirmed": True}) for call in asked]
        return Content(role="user", parts=[Part(function_response=answer) for answer in answers])

    async def run(self, agent: Opened, user: User | None, given: Any = None) -> list[Told]:
        agent.last = await self.outcome(agent.gated, user, self.beginning(agent, given))
        return told(agent.last)

    def beginning(self, agent: Opened, given: Any) -> Any:
        """What a run begins with: a session of its own, but for an agent that pauses, which goes on where it was."""
        return {"new_message": asked(given), "session_id": "paused" if agent.pauses else None}

    def events(self, agent: Opened, user: User | None) -> AsyncGenerator[RunEvent, None]:
        stream: AsyncGenerator[RunEvent, None] = agent.gated.events(new_message="go", user=user)
        return stream

    async def outcome(self, runner: HexgateRunner, user: User | None, given: Any) -> list[Any]:
        """What the framework tells of a run by this way."""
        return [event async for event in runner.run_async(user=user, **given)]


class Streaming(RunAsync):
    """`run_async` with streaming, read after the scope of the user is left."""

    async def outcome(self, runner: HexgateRunner, user: User | None, given: Any) -> list[Any]:
        config = RunConfig(streaming_mode=StreamingMode.SSE)
        if user is None:
            stream = runner.run_async(run_config=config, **given)
        else:
            async with user:
                stream = runner.run_async(run_config=config, **given)
        return [event async for event in stream]


class RunSync(RunAsync):
    """`run`, and `run_async` where there are tasks."""

    def run_here(self, agent: Opened, user: User | None, given: Any = None) -> list[Told]:
        agent.last = list(agent.gated.run(user=user, **self.beginning(agent, given)))
        return told(agent.last)


DRIVERS: dict[str, Way] = {"run_async": RunAsync(), "run_async streaming": Streaming(), "run": RunSync()}
