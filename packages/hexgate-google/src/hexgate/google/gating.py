"""The plugin that stands before every tool of an app, and refuses what nothing can stand before.

The framework asks a plugin before a tool runs and tells it afterwards; plugins reach the agents that tools run as well. Callbacks
of an agent come after plugins and may change a call, so an agent that has some is gated by a last one of its own.

# INVARIANT: nothing runs but what was decided about, with those arguments, but for what `allow_ungated` names; and that is in the
# record.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from google.adk.agents import BaseAgent, InvocationContext, LlmAgent
from google.adk.agents.callback_context import CallbackContext
from google.adk.models.llm_request import LlmRequest
from google.adk.plugins import BasePlugin
from google.adk.tools.agent_tool import AgentTool
from google.adk.tools.base_tool import BaseTool
from google.adk.tools.set_model_response_tool import SetModelResponseTool
from google.adk.tools.tool_context import ToolContext
from google.adk.workflow import BaseNode

from hexgate.core.adapters import Held, Run, UngatedError, current_run, ungated
from hexgate.core.gate.passage import Result
from hexgate.google.calls import call_of
from hexgate.google.refusals import declined, paused, refused

__all__ = ["GatePlugin", "gated_agent"]

# What a request offers that is called here; all else runs with the provider.
HERE = "function_declarations"


class GatePlugin(BasePlugin):
    """Stands before every tool of the runs of one runner."""

    def __init__(self, *, pauses: bool = False, allow_ungated: Iterable[str] = ()) -> None:
        super().__init__("hexgate")
        self.pauses = pauses
        self.allow_ungated = frozenset(allow_ungated)
        # By the id of an invocation: its run, and the agents that were seen in it.
        self.runs: dict[str, Run] = {}
        self.agents: dict[tuple[str, str], BaseAgent] = {}
        # By the id of the context of a call, which is kept so that it stays its own: ids of calls are the words of a model.
        self.held: dict[int, tuple[ToolContext, Held]] = {}

    async def before_run_callback(self, *, invocation_context: InvocationContext) -> None:
        """An invocation begins: that of a run, or one of an agent that a tool of the run runs."""
        run = current_run()
        if run is not None:
            self.runs[invocation_context.invocation_id] = run

    async def before_agent_callback(self, *, agent: BaseAgent, callback_context: CallbackContext) -> None:
        """An agent begins: it is refused when some of it would run past the gate."""
        run = self.run_of(callback_context)
        self.agents[callback_context.invocation_id, agent.name] = agent
        if not isinstance(agent, LlmAgent):
            return
        if agent.code_executor is not None:
            why = f"is a `{type(agent.code_executor).__name__}`, which runs what the model writes"
            self.check("code_executor", agent.name, run, why)
        for callbacks in (agent.canonical_before_tool_callbacks, agent.canonical_before_model_callbacks):
            if callbacks and not isinstance(callbacks[-1], LastCallback):
                why = "has callbacks that come after the gate, and may change what was decided"
                raise ungated(agent.name, agent.name, why, "put it into `sub_agents`, or its callbacks into plugins")

    async def before_model_callback(self, *, callback_context: CallbackContext, llm_request: LlmRequest) -> None:
        """A model is about to be asked; with callbacks of the agent still to come, they are waited for."""
        agent = self.agent_of(callback_context)
        if not isinstance(agent, LlmAgent) or not agent.canonical_before_model_callbacks:
            self.look(callback_context, llm_request)

    def look(self, context: CallbackContext, request: LlmRequest) -> None:
        """Refuses a request that offers the model what would run elsewhere."""
        run = self.run_of(context)
        for offered in request.config.tools or ():
            for name in getattr(offered, "model_fields_set", {"a tool"}):
                if name != HERE and getattr(offered, name, True) is not None:
                    self.check(name, context.agent_name, run, "runs with the provider")
        for name, tool in request.tools_dict.items():
            if isinstance(tool, AgentTool) and not tool.include_plugins:
                self.check(name, context.agent_name, run, "runs an agent without plugins, and so without the gate")

    async def before_tool_callback(
        self, *, tool: BaseTool, tool_args: dict[str, Any], tool_context: ToolContext
    ) -> dict[str, Any] | None:
        """A tool is about to run; with callbacks of the agent still to come, they are waited for."""
        agent = self.agent_of(tool_context)
        if isinstance(agent, LlmAgent) and agent.canonical_before_tool_callbacks:
            return None
        return await self.decide(tool, tool_args, tool_context)

    async def decide(self, tool: BaseTool, arguments: dict[str, Any], context: ToolContext) -> dict[str, Any] | None:
        """None for a call that may run, whose arguments are those that were decided about; else what the model is told."""
        if type(tool) is SetModelResponseTool:
            # The framework's own way to a structured answer; nothing of anybody runs in it.
            return None
        run, call = self.run_of(context), call_of(tool, arguments, context)
        if self.pauses and context.function_call_id is not None and not self.nested(context, run):
            if (no := declined(context)) is not None:
                return no
            pending = await run.waits(call, context.function_call_id)
            if pending is not None:
                return paused(pending, context)
        held = Held(run, call, context.function_call_id)
        decided = await held.begin()
        if isinstance(decided, Result):
            return refused(decided)
        self.held[id(context)] = context, held
        arguments.clear()
        arguments.update(decided)
        return None

    async def after_tool_callback(
        self, *, tool: BaseTool, tool_args: dict[str, Any], tool_context: ToolContext, result: Any
    ) -> dict[str, Any] | None:
        """A tool ran, or something else answered in its place."""
        del tool, tool_args
        _, held = self.held.pop(id(tool_context), (None, None))
        if held is None:
            return None
        ended = await held.end(result)
        if not ended.replaced_by:
            return None
        return ended.value if isinstance(ended.value, dict) else {"result": ended.value}

    async def on_tool_error_callback(
        self, *, tool: BaseTool, tool_args: dict[str, Any], tool_context: ToolContext, error: BaseException
    ) -> None:
        """A tool raised."""
        del tool, tool_args
        _, held = self.held.pop(id(tool_context), (None, None))
        if held is not None:
            await held.fail(error)

    def run_of(self, context: CallbackContext) -> Run:
        """The run of an invocation."""
        run = current_run() or self.runs.get(context.invocation_id)
        if run is None:
            raise UngatedError(
                "HX953",
                "a gated agent is run outside of a run of Hexgate",
                help="run it with `HexgateRunner`, or by an `AgentTool` of an agent that is run so",
            )
        return run

    def agent_of(self, context: CallbackContext) -> BaseAgent | None:
        """The agent that is at work."""
        return self.agents.get((context.invocation_id, context.agent_name))

    def nested(self, context: CallbackContext, run: Run) -> bool:
        """Whether an agent is run by a tool: there the framework cannot pause."""
        return next((id for id, of in self.runs.items() if of is run), None) != context.invocation_id

    def check(self, name: str, agent: str, run: Run, why: str) -> None:
        """Refuses what cannot be gated, unless it was named; that is in the record."""
        if name not in self.allow_ungated:
            raise ungated(name, agent, why)
        run.note_ungated(name, agent)

    def forget(self, run: Run) -> list[Held]:
        """Forgets a run that ended; what it left open."""
        ids = {invocation for invocation, of in self.runs.items() if of is run}
        self.agents = {key: agent for key, agent in self.agents.items() if key[0] not in ids}
        for invocation in ids:
            del self.runs[invocation]
        open_still = [key for key, (_, held) in self.held.items() if held.run is run]
        return [self.held.pop(key)[1] for key in open_still]


class LastCallback:
    """The gate as the last of an agent's own callbacks, before a tool or before a model."""

    def __init__(self, plugin: GatePlugin) -> None:
        self.plugin = plugin


class LastBeforeTool(LastCallback):
    """Before a tool, as the framework calls it."""

    async def __call__(self, tool: BaseTool, args: dict[str, Any], tool_context: ToolContext) -> dict[str, Any] | None:
        return await self.plugin.decide(tool, args, tool_context)


class LastBeforeModel(LastCallback):
    """Before a model, as the framework calls it."""

    def __call__(self, callback_context: CallbackContext, llm_request: LlmRequest) -> None:
        self.plugin.look(callback_context, llm_request)


def gated_agent(agent: BaseNode, plugin: GatePlugin) -> BaseNode:
    """A copy of an agent and of those below it, in which the gate comes after all callbacks.

    A workflow stays as it is: its nodes pass the plugin, which refuses an agent with callbacks of its own.
    """
    if not isinstance(agent, BaseAgent):
        return agent
    copy = agent.clone()
    below = [copy]
    while below:
        each = below.pop()
        below.extend(each.sub_agents)
        if isinstance(each, LlmAgent):
            add_last(each, plugin)
    return copy


def add_last(agent: LlmAgent, plugin: GatePlugin) -> None:
    """Puts the gate after the callbacks that an agent has."""
    if agent.canonical_before_tool_callbacks:
        agent.before_tool_callback = [*agent.canonical_before_tool_callbacks, LastBeforeTool(plugin)]
    if agent.canonical_before_model_callbacks:
        agent.before_model_callback = [*agent.canonical_before_model_callbacks, LastBeforeModel(plugin)]
