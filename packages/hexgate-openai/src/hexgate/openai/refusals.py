"""A run that was paused in, the same run behind the gate out, with the answers that humans gave meanwhile.

The SDK's own approvals carry the pause and nothing else: they say who called `approve`, not whether anybody may. What runs is what
the gate finds an approval for in the store, bound to the user, the tool and the arguments.

# INVARIANT: nothing of a saved run is believed about who may do what; who resumes it says for whom, and the gate asks again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents import Agent, FunctionTool, RunContextWrapper, RunState, Tool, ToolApprovalItem

from hexgate.core import ToolCall
from hexgate.core.adapters import Run, ungated
from hexgate.openai.gating import GatedAgent

__all__ = ["Saved", "resumed"]

# As the SDK has it, or as its `to_json` gives it.
Saved = RunState[Any, Any] | Mapping[str, Any]


async def resumed(agent: GatedAgent[Any], saved: Saved, run: Run, context: Any = None) -> RunState[Any, Agent[Any]]:
    """The state of a paused run, with gated agents in it, and its calls let through to the gate where they have their answer."""
    data = saved.to_json() if isinstance(saved, RunState) else saved
    override = RunContextWrapper(context) if context is not None else None
    state = await RunState.from_json(agent, dict(data), context_override=override)
    # By the id of an agent, since to list them may be a question to a server.
    tools: dict[int, list[Tool]] = {}
    with run.inside():
        for item in state.get_interruptions():
            owner = item.agent
            if not isinstance(owner, GatedAgent):
                way = "put the agent itself into `handoffs`, and not `handoff(agent)`"
                why = "belongs to an agent that the saved run names only"
                raise ungated(item.tool_name or "a tool", owner.name, why, way)
            if id(owner) not in tools:
                tools[id(owner)] = await owner.original.get_all_tools(RunContextWrapper(context))
            if await answered(item, tools[id(owner)], run):
                state.approve(item)
    return state


async def answered(item: ToolApprovalItem, tools: list[Tool], run: Run) -> bool:
    """Whether the gate has an answer to a call for which the run was paused, whatever it is."""
    tool = next((tool for tool in tools if isinstance(tool, FunctionTool) and tool.name == item.tool_name), None)
    if tool is None or tool.needs_approval is not False:
        # The tool itself wants to be approved, by whoever runs the agent.
        return False
    call = ToolCall(tool.qualified_name, item.arguments or "{}", item.agent.name)
    return await run.waits(call, str(item.call_id)) is None
