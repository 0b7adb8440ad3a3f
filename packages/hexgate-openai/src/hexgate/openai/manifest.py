"""An agent of the SDK in, its manifest out, by what the SDK publishes about it."""

from __future__ import annotations

from agents import Agent, FunctionTool, Model, RunContextWrapper, Tool

from hexgate.core.adapters import AgentManifest, ToolManifest
from hexgate.openai.gating import GatedAgent

__all__ = ["DOOR", "OpenAIDoor"]


class OpenAIDoor:
    """The door of the OpenAI Agents SDK, as the entry point of this wheel gives it."""

    framework = "openai-agents"

    def takes(self, agent: object) -> bool:
        """Whether it is an agent of the SDK."""
        return isinstance(agent, Agent)

    async def manifest(self, agent: Agent[None]) -> AgentManifest:
        """The manifest of an agent whose MCP servers are connected. Instructions that are a function are called without context."""
        original = agent.original if isinstance(agent, GatedAgent) else agent
        nowhere = RunContextWrapper[None](context=None)
        tools = await original.get_all_tools(nowhere)
        return AgentManifest(
            name=original.name,
            description=original.handoff_description,
            framework=self.framework,
            model=model_name(original.model),
            system_prompt=await original.get_system_prompt(nowhere),
            tools=tuple(manifest_of(tool) for tool in tools),
        )


DOOR = OpenAIDoor()


def model_name(model: str | Model | None) -> str | None:
    """The name of a model; None is the default of the SDK."""
    return model if model is None or isinstance(model, str) else str(getattr(model, "model", type(model).__name__))


def manifest_of(tool: Tool) -> ToolManifest:
    """A tool; of one that runs elsewhere only its name is known."""
    if isinstance(tool, FunctionTool):
        return ToolManifest(
            name=tool.qualified_name, description=tool.description, input_schema=tool.params_json_schema
        )
    return ToolManifest(name=tool.name, description=None, input_schema={})
