"""A ready-made graph in, the same graph with the gate before every tool that its nodes hold.

A compiled graph cannot be built anew by what it publishes; its nodes of tools say which they hold, and take others in their place.
What no node holds is stopped by the handler of callbacks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from langchain_core.tools import BaseTool
from langgraph.graph.state import CompiledStateGraph
from langgraph.prebuilt import ToolNode

from hexgate.core.adapters import DoorError
from hexgate.langchain.gating import GatedTool

__all__ = ["gated_in_place", "ready", "tool_nodes"]

Graph = CompiledStateGraph[Any, Any, Any, Any]


def ready(graph: object, *, pauses: bool) -> Graph:
    """The graph, when it can be gated at all."""
    if not isinstance(graph, CompiledStateGraph):
        kind = type(graph).__name__
        raise TypeError(f"a compiled LangGraph graph is wanted, such as `create_agent` makes, and not a `{kind}`")
    if pauses and not graph.checkpointer:
        raise DoorError(
            "HX954",
            f"`{graph.get_name()}` is to pause for approvals, and has no checkpointer to keep it meanwhile",
            help="pass `checkpointer=` where the graph is made, or leave `approvals` as it is",
        )
    return graph


def tool_nodes(graph: Graph) -> Iterator[ToolNode]:
    """The nodes of a graph, and of the graphs within it, that run tools."""
    for part in (graph, *(sub for _, sub in graph.get_subgraphs(recurse=True))):
        for node in part.get_graph().nodes.values():
            if isinstance(node.data, ToolNode):
                yield node.data


def gated_in_place(graph: Graph, tools: list[Any] | None) -> None:
    """Puts the gate before each tool of a graph, and of a list that its own nodes may read."""
    for node in tool_nodes(graph):
        held = node.tools_by_name
        for name, tool in list(held.items()):
            held[name] = GatedTool.of(tool)
    if tools is not None:
        tools[:] = [GatedTool.of(tool) if isinstance(tool, BaseTool) else tool for tool in tools]
