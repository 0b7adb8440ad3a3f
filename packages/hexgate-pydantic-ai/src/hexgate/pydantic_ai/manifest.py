"""An agent of Pydantic AI in, its manifest out: what a model would be told, found by asking one that calls nothing."""

from __future__ import annotations

from typing import Any

from pydantic_ai.agent import AbstractAgent, WrapperAgent
from pydantic_ai.models import Model
from pydantic_ai.models.test import TestModel

from hexgate.core.adapters import AgentManifest, ToolManifest

__all__ = ["DOOR", "PydanticAIDoor"]


class PydanticAIDoor:
    """The door of Pydantic AI, as the entry point of this wheel gives it."""

    framework = "pydantic-ai"

    def takes(self, agent: object) -> bool:
        """Whether it is an agent of the framework."""
        return isinstance(agent, AbstractAgent)

    async def manifest(self, agent: AbstractAgent[Any, Any]) -> AgentManifest:
        """The manifest of an agent. Dynamic instructions and toolsets are asked for it, as at the start of a run without `deps`."""
        original = agent
        while isinstance(original, WrapperAgent):
            original = original.wrapped
        model = TestModel(call_tools=[])
        with original.override(model=model):
            await original.run("")
        parameters = model.last_model_request_parameters
        tools = [] if parameters is None else parameters.function_tools
        parts = [] if parameters is None else parameters.instruction_parts or []
        return AgentManifest(
            name=original.name or "agent",
            description=original.description,
            framework=self.framework,
            model=model_name(original.model),
            system_prompt="\n\n".join(part.content for part in parts) or None,
            tools=tuple(
                ToolManifest(name=tool.name, description=tool.description, input_schema=tool.parameters_json_schema)
                for tool in tools
            ),
        )


DOOR = PydanticAIDoor()


def model_name(model: Model | str | None) -> str | None:
    """The name of a model."""
    return model if model is None or isinstance(model, str) else model.model_name
