"""An agent of LangChain in, its manifest out: what its nodes of tools hold, and what `create_agent` of this door was told."""

from __future__ import annotations

from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from langgraph.graph.state import CompiledStateGraph

from hexgate.core.adapters import AgentManifest, ToolManifest
from hexgate.langchain.building import BuiltAgent
from hexgate.langchain.gating import GatedTool
from hexgate.langchain.graphs import tool_nodes
from hexgate.langchain.runner import GatedAgent

__all__ = ["DOOR", "LangChainDoor"]


class LangChainDoor:
    """The door of LangChain, as the entry point of this wheel gives it."""

    framework = "langchain"

    def takes(self, agent: object) -> bool:
        """Whether it is a compiled graph, gated or not."""
        return isinstance(agent, GatedAgent | CompiledStateGraph)

    async def manifest(self, agent: GatedAgent | CompiledStateGraph[Any, Any, Any, Any]) -> AgentManifest:
        """The manifest of a graph. A compiled graph does not publish its model and its prompt; one that was built here does."""
        graph = agent.graph if isinstance(agent, GatedAgent) else agent
        held = {name: tool for node in tool_nodes(graph) for name, tool in node.tools_by_name.items()}
        built = agent if isinstance(agent, BuiltAgent) else None
        return AgentManifest(
            name=graph.get_name() if built is None else built.agent,
            framework=self.framework,
            model=None if built is None else model_name(built.model),
            system_prompt=None if built is None else built.system_prompt,
            tools=tuple(tool_manifest(tool) for tool in held.values()),
        )


DOOR = LangChainDoor()


def model_name(model: str | BaseChatModel) -> str | None:
    """The name of a model, as its provider knows it."""
    if isinstance(model, str):
        return model
    found = model.model_dump(include={"model", "model_name"})
    name = found.get("model_name") or found.get("model")
    return name if isinstance(name, str) else type(model).__name__


def tool_manifest(tool: BaseTool) -> ToolManifest:
    """One tool, as its model is told of it."""
    own = tool.inner if isinstance(tool, GatedTool) else tool
    told = convert_to_openai_tool(own)["function"]
    schema = told.get("parameters") or {"type": "object", "properties": {}}
    return ToolManifest(name=own.name, description=own.description or None, input_schema=schema)
