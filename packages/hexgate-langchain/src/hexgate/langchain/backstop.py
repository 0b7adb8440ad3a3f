"""A handler of callbacks that stops what comes by no gate: tools of an agent that nobody gated, and tools of the provider.

The framework hands callbacks on to whatever is run inside of a run, so they see what neither middleware nor tools see: an agent
that a tool runs by hand, a model with tools bound to it beforehand. A refusal here ends the run, since there is nobody to tell.

# INVARIANT: in a run, a tool starts only in a call that passed the gate, and once for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.tools import BaseTool
from pydantic import BaseModel

from hexgate.core.adapters import ungated
from hexgate.langchain.calls import Going, going

__all__ = ["Backstop", "look_at", "passing"]

# What tells a model of tools that run with the provider, beside the list of tools.
ELSEWHERE = ("mcp_servers", "web_search_options", "code_execution")


class Permit:
    """Lets one tool start once."""

    __slots__ = ("run_id", "tool")

    def __init__(self, tool: str) -> None:
        self.tool = tool
        self.run_id: UUID | None = None

    def takes(self, tool: str, run_id: UUID) -> bool:
        """Whether this is the start that was let through. A handler that is registered twice asks twice."""
        if self.run_id is None and tool == self.tool:
            self.run_id = run_id
        return self.run_id == run_id


permit: ContextVar[Permit | None] = ContextVar("hexgate_permit", default=None)


@contextmanager
def passing(tool: str) -> Iterator[None]:
    """The time in which a call that passed the gate is made."""
    token = permit.set(Permit(tool))
    try:
        yield
    finally:
        permit.reset(token)


class Backstop(BaseCallbackHandler):
    """Ends a run in which something comes by no gate. Other graphs take it as well, by `config={"callbacks": [handler]}`."""

    raise_error = True
    run_inline = True

    def on_tool_start(self, serialized: dict[str, Any], input_str: str, *, run_id: UUID, **_: Any) -> None:
        """A tool starts."""
        del input_str
        tool, let = str((serialized or {}).get("name") or "a tool"), permit.get()
        if let is not None and let.takes(tool, run_id):
            return
        why = "is called by an agent, or by code, that is not behind the gate"
        check(tool, going(None), why)

    def on_chat_model_start(self, serialized: dict[str, Any], messages: list[Any], **more: Any) -> None:
        """A model is about to be asked, with all that it is offered."""
        del serialized, messages
        look_at(more.get("invocation_params") or {}, going(None))


def look_at(offered: Mapping[str, Any], now: Going) -> None:
    """Refuses what a model is offered when some of it would run elsewhere."""
    for tool in offered.get("tools") or ():
        name = elsewhere(tool)
        if name is not None:
            check(name, now, "runs with the provider")
    for name in ELSEWHERE:
        if offered.get(name):
            check(name, now, "lets the provider run tools")


def check(tool: str, now: Going, why: str) -> None:
    """Refuses what is not behind the gate, unless it was named; that is in the record."""
    if tool not in now.allow_ungated:
        raise ungated(tool, now.agent, why, "build its agent with `create_agent`, or use a tool of yours")
    now.run.note_ungated(tool, now.agent)


def elsewhere(tool: Any) -> str | None:
    """The name of a tool that would run with the provider; None for one that is called here, in any provider's words."""
    if callable(tool) or isinstance(tool, BaseTool):
        return None
    if isinstance(tool, BaseModel):
        # The provider's own words, as an object.
        tool = tool.model_dump(exclude_none=True)
    if not isinstance(tool, Mapping):
        return type(tool).__name__
    kind = tool.get("type")
    here = kind in ("function", "custom") or (kind is None and ("input_schema" in tool or "parameters" in tool))
    if here or set(tool) in ({"function_declarations"}, {"functionDeclarations"}, {"toolSpec"}, {"cachePoint"}):
        return None
    return str(kind or next(iter(tool), "a tool"))
