"""A call of a tool in, its answer out by way of the gate: as middleware of an agent that is built here, as a tool in a ready graph.

# INVARIANT: what the tool gets is what was decided about; the framework adds its own arguments after that.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from langchain.agents.middleware import AgentMiddleware
from langchain.agents.middleware.types import ModelRequest, ModelResponse
from langchain.tools.tool_node import ToolCallRequest
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import BaseTool

from hexgate.core import Result, ToolCall
from hexgate.langchain.backstop import look_at, passing
from hexgate.langchain.calls import arguments_of, asked_of, can_pause, run_of
from hexgate.langchain.refusals import pause, refused
from hexgate.langchain.values import HandledError, content_of, told_instead

__all__ = ["GateMiddleware", "GatedTool", "Gating"]


class Gating:
    """How the tools of one agent pass the gate."""

    def __init__(self, agent: str, *, allow_ungated: Iterable[str] = (), pauses: bool = False) -> None:
        self.agent = agent
        self.allow_ungated = frozenset(allow_ungated)
        self.pauses = pauses

    def call(
        self, call: ToolCall, act: Callable[[dict[str, Any]], Any], call_id: str | None, config: RunnableConfig | None
    ) -> Any:
        """The answer of a tool, or why there is none."""
        run, raw = run_of(config), list[Any]()

        def invoke(decided: dict[str, Any]) -> Any:
            with run.inside(), passing(call.tool):
                raw.append(act(decided))
            return content_of(raw[0])

        if self.pauses and call_id is not None and can_pause(config):
            while (pending := run.waits_here(call, call_id)) is not None:
                pause(pending)
        try:
            return answer(run.call(call, invoke, call_id=call_id, whole=True), raw, call_id)
        except HandledError:
            return raw[0]

    async def acall(
        self,
        call: ToolCall,
        act: Callable[[dict[str, Any]], Awaitable[Any]],
        call_id: str | None,
        config: RunnableConfig | None,
    ) -> Any:
        """The same in async code."""
        run, raw = run_of(config), list[Any]()

        async def invoke(decided: dict[str, Any]) -> Any:
            with run.inside(), passing(call.tool):
                raw.append(await act(decided))
            return content_of(raw[0])

        if self.pauses and call_id is not None and can_pause(config):
            while (pending := await run.waits(call, call_id)) is not None:
                pause(pending)
        try:
            return answer(await run.acall(call, invoke, call_id=call_id, whole=True), raw, call_id)
        except HandledError:
            return raw[0]


def answer(result: Result, raw: list[Any], call_id: str | None) -> Any:
    """What takes the place of a tool's answer: the answer, what a guard made of it, or why there is none."""
    if not result.ran:
        return refused(result, call_id)
    return told_instead(result, raw[0], call_id) if result.replaced_by else raw[0]


class GateMiddleware(AgentMiddleware[Any, Any, Any]):
    """The gate as the last middleware of an agent: nobody stands between it and the tools."""

    def __init__(self, gating: Gating) -> None:
        super().__init__()
        self.gating = gating

    def wrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], ModelResponse[Any]]
    ) -> ModelResponse[Any]:
        """Looks at what the model is offered, before it is asked."""
        self.look(request)
        return handler(request)

    async def awrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], Awaitable[ModelResponse[Any]]]
    ) -> ModelResponse[Any]:
        """The same in async code."""
        self.look(request)
        return await handler(request)

    def look(self, request: ModelRequest[Any]) -> None:
        """Refuses a request outside of a run, and one that offers what would run elsewhere."""
        offered = {**request.model_settings, "tools": request.tools}
        look_at(offered, run_of(None), self.gating.agent, self.gating.allow_ungated)

    def wrap_tool_call(self, request: ToolCallRequest, handler: Callable[[ToolCallRequest], Any]) -> Any:
        """A call of a tool."""

        def act(decided: dict[str, Any]) -> Any:
            return handler(with_arguments(request, decided))

        return self.gating.call(self.question(request), act, request.tool_call["id"], request.runtime.config)

    async def awrap_tool_call(
        self, request: ToolCallRequest, handler: Callable[[ToolCallRequest], Awaitable[Any]]
    ) -> Any:
        """The same in async code."""

        async def act(decided: dict[str, Any]) -> Any:
            return await handler(with_arguments(request, decided))

        return await self.gating.acall(self.question(request), act, request.tool_call["id"], request.runtime.config)

    def question(self, request: ToolCallRequest) -> ToolCall:
        """What the policy is asked."""
        return ToolCall(request.tool_call["name"], request.tool_call["args"], self.gating.agent)


def with_arguments(request: ToolCallRequest, decided: dict[str, Any]) -> ToolCallRequest:
    """The call with the arguments that were decided about."""
    return request.override(tool_call={**request.tool_call, "args": decided})


class GatedTool(BaseTool):
    """A tool of a ready-made graph behind the gate, in the place of the tool itself."""

    inner: BaseTool
    gating: Any

    @classmethod
    def of(cls, tool: BaseTool, gating: Gating) -> GatedTool:
        """The tool behind the gate. One that is there already is put behind this gate instead."""
        inner = tool.inner if isinstance(tool, GatedTool) else tool
        told = {name: getattr(inner, name) for name in ("args_schema", "return_direct", "tags", "metadata")}
        return cls(name=inner.name, description=inner.description, inner=inner, gating=gating, **told)

    def invoke(self, input: str | dict[str, Any], config: RunnableConfig | None = None, **more: Any) -> Any:
        """Calls the tool."""
        call, act, call_id = self.prepared(input, self.inner.invoke, config, more)
        return self.gating.call(call, act, call_id, config)

    async def ainvoke(self, input: str | dict[str, Any], config: RunnableConfig | None = None, **more: Any) -> Any:
        """The same in async code."""
        call, act, call_id = self.prepared(input, self.inner.ainvoke, config, more)
        return await self.gating.acall(call, act, call_id, config)

    def run(self, tool_input: str | dict[str, Any], *given: Any, **more: Any) -> Any:
        """The older way to call a tool."""
        return self.invoke(tool_input, more.get("config"))

    async def arun(self, tool_input: str | dict[str, Any], *given: Any, **more: Any) -> Any:
        """The same in async code."""
        return await self.ainvoke(tool_input, more.get("config"))

    def _run(self, *given: Any, **named: Any) -> Any:
        """What the framework wants every tool to have; the tool within has its own."""
        return self.invoke(named)

    def prepared(
        self, input: Any, function: Callable[..., Any], config: RunnableConfig | None, more: Mapping[str, Any]
    ) -> tuple[ToolCall, Callable[[dict[str, Any]], Any], str | None]:
        """What the policy is asked, how the tool is called then, and the id of the call."""
        whole = input if isinstance(input, Mapping) and input.get("type") == "tool_call" else None
        arguments = arguments_of(self.inner, input if whole is None else whole["args"])
        call, added = asked_of(self.inner, arguments, self.gating.agent)

        def act(decided: dict[str, Any]) -> Any:
            joined = {**decided, **added}
            return function(joined if whole is None else {**whole, "args": joined}, config, **more)

        return call, act, None if whole is None else whole["id"]
