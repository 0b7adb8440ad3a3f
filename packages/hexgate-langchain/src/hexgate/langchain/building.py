"""An agent of LangChain built with the gate as its last middleware, and the short ways to run one."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Sequence
from typing import Any

from langchain.agents import create_agent as create_ungated
from langchain.agents.middleware import AgentMiddleware
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import SystemMessage
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import BaseTool, StructuredTool

from hexgate.core import Hexgate, User
from hexgate.core.adapters import Approvals, Parts, RunEvent, opened
from hexgate.core.gate.approvals import ApprovalHandler, Approver
from hexgate.core.gate.guards import Guard
from hexgate.core.hexgate import PolicySource
from hexgate.langchain.backstop import Backstop
from hexgate.langchain.events import text_of
from hexgate.langchain.gating import GateMiddleware, Gating
from hexgate.langchain.graphs import ready
from hexgate.langchain.runner import GatedAgent

__all__ = ["BuiltAgent", "agent_tool", "create_agent", "invoke_agent", "stream_agent", "stream_agent_raw"]


class BuiltAgent(GatedAgent):
    """A gated agent that was built here, so that its model and its prompt are known."""

    model: str | BaseChatModel
    system_prompt: str | None


def create_agent(
    model: str | BaseChatModel,
    tools: Sequence[BaseTool | Callable[..., Any] | dict[str, Any]] | None = None,
    system_prompt: str | SystemMessage | None = None,
    *,
    policy: PolicySource | Hexgate | None = None,
    approval_handler: ApprovalHandler | Approver | None = None,
    approvals: Approvals = "tell",
    guards: Iterable[Guard] = (),
    allow_ungated: Iterable[str] = (),
    middleware: Sequence[AgentMiddleware[Any, Any]] = (),
    name: str | None = None,
    **more: Any,
) -> tuple[BuiltAgent, Backstop]:
    """LangChain's `create_agent` with every tool behind a policy, and the handler that stops what comes by no gate.

    The agent has the handler already; give it to other graphs that are run beside it, as `config={"callbacks": [handler]}`.
    Without `policy` the environment says where it is. With `approvals="pause"` a run that needs a human is interrupted, for
    which `checkpointer=` is needed. What this function does not name is passed on to LangChain's.
    """
    parts = Parts(policy=policy, approval_handler=approval_handler, approvals=approvals, guards=tuple(guards))
    agent = name or "agent"
    gating = Gating(agent, allow_ungated=allow_ungated, pauses=parts.pauses)
    graph = create_ungated(
        model,
        tools,
        system_prompt=system_prompt,
        middleware=[*middleware, GateMiddleware(gating)],
        name=name,
        **more,
    )
    built = BuiltAgent(ready(graph, pauses=parts.pauses), opened(parts, agent), gating)
    built.model = model
    built.system_prompt = system_prompt.text if isinstance(system_prompt, SystemMessage) else system_prompt
    return built, built.handler


def agent_tool(
    function: Callable[..., Any] | None = None, *, name: str | None = None, description: str | None = None, **more: Any
) -> Any:
    """A function as a tool, bare or with a name: `@agent_tool`, `@agent_tool(name="refund_order")`. It may be async."""

    def made(function: Callable[..., Any]) -> StructuredTool:
        given = {"coroutine": function} if is_async(function) else {"func": function}
        return StructuredTool.from_function(**given, name=name, description=description, **more)

    return made if function is None else made(function)
