"""A call of a tool in, its answer out by way of the gate: as middleware of an agent that is built here, as a tool in a ready graph.

# INVARIANT: what the tool gets is what was decided about; the framework adds its own arguments after that.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from langchain.agents.middleware import AgentMiddleware
from langchain.agents.middleware.types import ModelRequest, ModelResponse
from langchain.tools.tool_node import ToolCallRequest
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import BaseTool

from hexgate.core import Result, ToolCall
from hexgate.langchain.backstop import look_at, passing
from hexgate.langchain.calls import Asked, added_to, arguments_of, can_pause, going
from hexgate.langchain.refusals import pause, refused
from hexgate.langchain.values import HandledError, content_of, told_instead

__all__ = ["GateMiddleware", "GatedTool"]


def called(call: Asked, act: Callable[[dict[str, Any]], Any], config: RunnableConfig | None) -> Any:
    """The answer of a tool, or why there is none."""
    now, raw = going(config), list[Any]()
    question = ToolCall(call.tool, call.arguments, now.agent)

    def invoke(decided: dict[str, Any]) -> Any:
        with now.run.inside(), passing(call.tool):
            raw.append(act(decided))
        return content_of(raw[0])

    if now.pauses and call.id is not None and can_pause(config):
        while (pending := now.run.waits_here(question, call.id)) is not None:
            pause(pending)
    try:
        return answer(now.run.call(question, invoke, call_id=call.id, whole=True), raw, call.id)
    except HandledError:
        return raw[0]


async def acalled(call: Asked, act: Callable[[dict[str, Any]], Awaitable[Any]], config: RunnableConfig | None) -> Any:
    """The same in async code."""
    now, raw = going(config), list[Any]()
    question = ToolCall(call.tool, call.arguments, now.agent)

    async def invoke(decided: dict[str, Any]) -> Any:
        with now.run.inside(), passing(call.tool):
            raw.append(await act(decided))
        return content_of(raw[0])

    if now.pauses and call.id is not None and can_pause(config):
        while (pending := await now.run.waits(question, call.id)) is not None:
            pause(pending)
    try:
        return answer(await now.run.acall(question, invoke, call_id=call.id, whole=True), raw, call.id)
    except HandledError:
        return raw[0]


def answer(result: Result, raw: list[Any], call_id: str | None) -> Any:
    """What takes the place of a tool's answer: the answer, what a guard made of it, or why there is none."""
    if not result.ran:
        return refused(result, call_id)
    return told_instead(result, raw[0], call_id) if result.replaced_by else raw[0]


class GateMiddleware(AgentMiddleware[Any, Any, Any]):
    """The gate as the last middleware of an agent: nobody stands between it and the tools."""

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
        look_at({**request.model_settings, "tools": request.tools}, going(None))

    def wrap_tool_call(self, request: ToolCallRequest, handler: Callable[[ToolCallRequest], Any]) -> Any:
        """A call of a tool."""

        def act(decided: dict[str, Any]) -> Any:
            return handler(with_arguments(request, decided))

        return called(asked(request), act, request.runtime.config)

    async def awrap_tool_call(
        self, request: ToolCallRequest, handler: Callable[[ToolCallRequest], Awaitable[Any]]
    ) -> Any:
        """The same in async code."""

        async def act(decided: dict[str, Any]) -> Any:
            return await handler(with_arguments(request, decided))

        return await acalled(asked(request), act, request.runtime.config)


def asked(request: ToolCallRequest) -> Asked:
    """What the model asks for."""
    return Asked(request.tool_call["name"], request.tool_call["args"], request.tool_call["id"])


def with_arguments(request: ToolCallRequest, decided: dict[str, Any]) -> ToolCallRequest:
    """The call with the arguments that were decided about."""
    return request.override(tool_call={**request.tool_call, "args": decided})


class GatedTool(BaseTool):
    """A tool of a ready-made graph behind the gate, in the place of the tool itself."""

    inner: BaseTool
    # Found once, since the framework makes a schema anew each time that it is asked for one.
    added: frozenset[str] = frozenset()

    @classmethod
    def of(cls, tool: BaseTool) -> GatedTool:
        """The tool behind the gate; one that is there already is as it should be."""
        if isinstance(tool, GatedTool):
            return tool
        told = {name: getattr(tool, name) for name in ("args_schema", "return_direct", "tags", "metadata")}
        return cls(name=tool.name, description=tool.description, inner=tool, added=added_to(tool), **told)

    def invoke(self, input: Any, config: RunnableConfig | None = None, **more: Any) -> Any:
        """Calls the tool."""
        call, act = self.prepared(input, self.inner.invoke, config, more)
        return called(call, act, config)

    async def ainvoke(self, input: Any, config: RunnableConfig | None = None, **more: Any) -> Any:
        """The same in async code."""
        call, act = self.prepared(input, self.inner.ainvoke, config, more)
        return await acalled(call, act, config)

    def run(self, tool_input: str | dict[str, Any], *_: Any, **more: Any) -> Any:
        """The older way to call a tool."""
        return self.invoke(tool_input, more.get("config"))

    async def arun(self, tool_input: str | dict[str, Any], *_: Any, **more: Any) -> Any:
        """The same in async code."""
        return await self.ainvoke(tool_input, more.get("config"))

    def _run(self, *_: Any, **named: Any) -> Any:
        """What the framework wants every tool to have; the tool within has its own."""
        return self.invoke(named)

    def prepared(
        self, input: Any, function: Callable[..., Any], config: RunnableConfig | None, more: Mapping[str, Any]
    ) -> tuple[Asked, Callable[[dict[str, Any]], Any]]:
        """What is asked for, and how the tool is called then."""
        whole = input if isinstance(input, Mapping) and input.get("type") == "tool_call" else None
        given = arguments_of(self.inner, input if whole is None else whole["args"])
        said = {name: value for name, value in given.items() if name not in self.added}
        added = {name: value for name, value in given.items() if name in self.added}

        def act(decided: dict[str, Any]) -> Any:
            joined = {**decided, **added}
            return function(joined if whole is None else {**whole, "args": joined}, config, **more)

        return Asked(self.inner.name, said, None if whole is None else whole["id"]), act
