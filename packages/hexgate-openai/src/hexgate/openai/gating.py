"""An agent in, the same agent with the gate in front of every tool and every handoff out. The agent that was given stays as it is.

The SDK asks an agent for its tools before each turn and when a run is resumed; a gated agent answers with copies of them. What
runs where nothing can stand in front of it is refused then, which is before the model is called.

# INVARIANT: a gated agent hands out nothing that runs ungated, but for what `allow_ungated` names, and that is in the record.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any, TypeVar

from agents import Agent, FunctionTool, Handoff, RunContextWrapper, Tool
from agents.sandbox import SandboxAgent
from agents.tool import ToolOriginType, get_function_tool_origin

from hexgate.core.adapters import Run, UngatedError, current_run, ungated
from hexgate.openai.handoffs import gated_handoff
from hexgate.openai.invoking import gated_tool

__all__ = ["AgentTool", "GatedAgent", "Gating", "agent_tool"]

T = TypeVar("T")
# What `allow_ungated` calls a prompt that is stored on the provider's side.
PROMPT = "prompt"


class GatedAgent(Agent[T]):
    """An agent whose tools are behind the gate. Only `Gating.agent` makes one."""

    original: Agent[T]
    gating: Gating

    async def get_all_tools(self, run_context: RunContextWrapper[T]) -> list[Tool]:
        """The tools of the agent, MCP servers included, each behind the gate."""
        run = self.gating.run_now()
        await run.begin()
        self.gating.check(self.original)
        return self.gating.tools(self, await super().get_all_tools(run_context), run)

    def clone(self, **changes: Any) -> Agent[T]:
        """A gated agent that differs in some parts."""
        return self.gating.agent(self.original.clone(**changes))


KINDS: dict[type[Agent[Any]], type[GatedAgent[Any]]] = {Agent: GatedAgent}


class AgentTool(FunctionTool):
    """A tool that runs an agent, which is behind the gate as well."""


class Gating:
    """Gates the agents of one run, or, without a run, of whichever run they are called in."""

    def __init__(self, run: Run | None = None, *, allow_ungated: Iterable[str] = (), pauses: bool = False) -> None:
        self.run = run
        self.allow_ungated = frozenset(allow_ungated)
        self.pauses = pauses
        # By the id of the original, which is kept so that no other object gets that id.
        self.agents: dict[int, tuple[Agent[Any], GatedAgent[Any]]] = {}
        self.copies: dict[tuple[int, int], tuple[FunctionTool, FunctionTool]] = {}

    def run_now(self) -> Run:
        """The run in which a call is made."""
        run = self.run or current_run()
        if run is None:
            raise UngatedError(
                "HX953",
                "a gated agent is run outside of a run of Hexgate",
                help="run it with `HexgateRunner`, or let a tool of an agent that is run so call it",
            )
        return run

    def agent(self, agent: Agent[Any]) -> GatedAgent[Any]:
        """The agent behind the gate."""
        original: Agent[Any] = agent.original if isinstance(agent, GatedAgent) else agent
        known = self.agents.get(id(original))
        if known is not None:
            return known[1]
        self.check(original)
        gated = object.__new__(mixed(type(original)))
        gated.__dict__.update(original.__dict__)
        gated.original, gated.gating = original, self
        self.agents[id(original)] = (original, gated)
        gated.handoffs = [self.handoff(item, gated) for item in original.handoffs]
        return gated

    def handoff(self, item: Agent[Any] | Handoff[Any, Any], owner: GatedAgent[Any]) -> Handoff[Any, Any]:
        """A handoff that is decided about, and leads to an agent behind the gate."""
        return gated_handoff(item, owner, gate=self.agent, run_now=self.run_now)

    def check(self, agent: Agent[Any]) -> None:
        """Refuses what can bring in tools that never come by."""
        if not isinstance(agent, Agent):
            raise TypeError(f"`{type(agent).__name__}` is no `agents.Agent`")
        if isinstance(agent, SandboxAgent):
            way = "use an `Agent` with tools of yours"
            raise ungated(agent.name, agent.name, "runs commands in a sandbox of its own", way)
        if agent.prompt is not None and PROMPT not in self.allow_ungated:
            why = "is stored with the provider, who may add tools to it"
            raise ungated(PROMPT, agent.name, why, "use `instructions`")

    def tools(self, owner: GatedAgent[Any], tools: list[Tool], run: Run) -> list[Tool]:
        """The tools of one turn behind the gate. A tool that was there in the turn before keeps its copy."""
        found: list[Tool] = []
        for tool in tools:
            if isinstance(tool, FunctionTool) and not runs_an_ungated_agent(tool):
                found.append(self.copy_of(tool, owner))
            elif tool.name in self.allow_ungated:
                run.note_ungated(tool.name, owner.name)
                found.append(tool)
            elif isinstance(tool, FunctionTool):
                way = f"write `hexgate.openai.agent_tool(agent, …)` in place of `agent.as_tool(…)` for `{tool.name}`"
                raise ungated(tool.name, owner.name, "runs an agent that is not behind the gate", way)
            else:
                raise ungated(tool.name, owner.name, f"is a `{type(tool).__name__}`, which runs elsewhere")
        kept = {id(tool) for tool in tools}
        self.copies = {key: pair for key, pair in self.copies.items() if key[0] != id(owner) or key[1] in kept}
        return found

    def copy_of(self, tool: FunctionTool, owner: GatedAgent[Any]) -> FunctionTool:
        """The gated copy of a tool; the SDK compares tools by identity within a turn."""
        key = (id(owner), id(tool))
        if key not in self.copies:
            self.copies[key] = (tool, gated_tool(tool, owner.name, run_now=self.run_now, pauses=self.pauses))
        return self.copies[key][1]


def mixed(kind: type[Agent[Any]]) -> type[GatedAgent[Any]]:
    """The class of gated agents of a kind: whoever asks whether it is one of that kind is told yes."""
    if kind not in KINDS:
        KINDS[kind] = type(kind.__name__, (GatedAgent, kind), {})
    return KINDS[kind]


def runs_an_ungated_agent(tool: FunctionTool) -> bool:
    """Whether a tool runs an agent of which nobody knows that it is behind the gate."""
    origin = get_function_tool_origin(tool)
    agent = origin is not None and origin.type is ToolOriginType.AGENT_AS_TOOL
    return agent and not isinstance(tool, AgentTool)


def agent_tool(
    agent: Agent[Any], tool_name: str | None = None, tool_description: str | None = None, **more: Any
) -> FunctionTool:
    """`agent.as_tool(…)` whose agent is behind the gate of the run in which it is called, for the user of that run."""
    gated = Gating().agent(agent)
    made = gated.as_tool(tool_name, tool_description, **more)
    tool = object.__new__(AgentTool)
    tool.__dict__.update(made.__dict__)
    return copy.copy(tool)
