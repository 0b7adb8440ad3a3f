"""An agent of Google ADK in, its manifest out: what a model would be told, found by asking one that calls nothing."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from google.adk.agents import BaseAgent, LlmAgent
from google.adk.apps import App
from google.adk.models import BaseLlm
from google.adk.models.llm_request import LlmRequest
from google.adk.models.llm_response import LlmResponse
from google.adk.runners import Runner
from google.adk.sessions import InMemorySessionService
from google.genai import types

from hexgate.core.adapters import AgentManifest, ToolManifest

__all__ = ["DOOR", "GoogleDoor"]


class Listening(BaseLlm):
    """A model that keeps what it is asked, and says nothing of use."""

    model: str = "listening"
    requests: list[LlmRequest]

    async def generate_content_async(
        self, llm_request: LlmRequest, stream: bool = False
    ) -> AsyncGenerator[LlmResponse, None]:
        """Keeps the request."""
        del stream
        self.requests.append(llm_request)
        yield LlmResponse(content=types.Content(role="model", parts=[types.Part(text="heard")]))


class GoogleDoor:
    """The door of Google ADK, as the entry point of this wheel gives it."""

    framework = "google-adk"

    def takes(self, agent: object) -> bool:
        """Whether it is an agent of the framework."""
        return isinstance(agent, BaseAgent)

    async def manifest(self, agent: BaseAgent) -> AgentManifest:
        """The manifest of an agent. Its instructions and toolsets are asked for, as at the start of a run in an empty session."""
        request = await asked_of(agent) if isinstance(agent, LlmAgent) else None
        config = None if request is None else request.config
        prompt = None if config is None else config.system_instruction
        return AgentManifest(
            name=agent.name,
            description=agent.description or None,
            framework=self.framework,
            model=model_name(agent) if isinstance(agent, LlmAgent) else None,
            system_prompt=prompt if isinstance(prompt, str) else None,
            tools=tuple(tool for offered in (config.tools if config else None) or () for tool in declared(offered)),
        )


DOOR = GoogleDoor()


async def asked_of(agent: LlmAgent) -> LlmRequest:
    """What a model of the agent would be asked first."""
    model = Listening(requests=[])
    copy = agent.clone(update={"model": model, "before_agent_callback": None, "before_model_callback": None})
    runner = Runner(
        app=App(name="manifest", root_agent=copy),
        session_service=InMemorySessionService(),
        auto_create_session=True,
    )
    message = types.Content(role="user", parts=[types.Part(text="")])
    async for _ in runner.run_async(user_id="manifest", session_id="manifest", new_message=message):
        pass
    return model.requests[0]


def declared(offered: Any) -> list[ToolManifest]:
    """The tools of one declaration, each with its whole schema."""
    found = []
    for function in getattr(offered, "function_declarations", None) or ():
        schema = function.parameters_json_schema
        if schema is None and function.parameters is not None:
            schema = function.parameters.json_schema.model_dump(exclude_none=True, mode="json")
        described = function.description or None
        empty = {"type": "object", "properties": {}}
        found.append(ToolManifest(name=function.name, description=described, input_schema=schema or empty))
    return found


def model_name(agent: LlmAgent) -> str | None:
    """The name of a model."""
    return agent.model if isinstance(agent.model, str) else agent.model.model
