"""A function tool in, a copy of it whose calls pass the gate out.

The copy that the SDK sees asks the gate, and the gate runs another copy: the tool as it was, with its own way of handling its
errors and its time limit. The limit counts the tool alone, not the time in which a human thinks. What the tool handles itself is
told to the model as always, and to the record as the failure that it is.
"""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import fields
from inspect import Parameter, Signature, isawaitable
from typing import Any

from agents import FunctionTool, RunContextWrapper
from agents.run_config import ToolErrorFormatterArgs
from agents.tool import (
    default_tool_error_function,
    default_tool_timeout_error_message,
    invoke_function_tool,
    resolve_function_tool_failure_error_function,
    set_function_tool_failure_error_function,
)
from agents.tool_context import ToolContext

from hexgate.core import ToolCall
from hexgate.core.adapters import Run
from hexgate.openai.calls import call_of, context_for, text_of

__all__ = ["gated_tool"]

# Earlier releases ask the formatter of a run about approvals only.
FORMATS_ERRORS = "error" in {field.name for field in fields(ToolErrorFormatterArgs)}
# What the call at hand made of errors of its own: each of them, and what is told of it.
errors: ContextVar[list[tuple[BaseException, Any]]] = ContextVar("hexgate_handled")


def gated_tool(tool: FunctionTool, agent: str, *, run_now: Callable[[], Run], pauses: bool) -> FunctionTool:
    """The tool behind the gate."""
    outer = copy.copy(tool)
    outer.on_invoke_tool = Invocation(tool, agent, run_now)
    outer.timeout_seconds = None
    if pauses:
        outer.needs_approval = Needs(tool, agent, run_now)
    return outer


class Invocation:
    """What the SDK calls in place of the tool."""

    # The SDK looks at each call whether an invoker wants less than the whole context; this one does not, and says so at once.
    __signature__ = Signature([Parameter(name, Parameter.POSITIONAL_OR_KEYWORD) for name in ("context", "arguments")])

    def __init__(self, tool: FunctionTool, agent: str, run_now: Callable[[], Run]) -> None:
        self.tool = tool
        # Made once, since the SDK looks through the whole schema of a tool that is copied.
        self.inner = watched(tool)
        self.agent = agent
        self.run_now = run_now

    async def __call__(self, context: ToolContext[Any], arguments: str) -> Any:
        """The tool's answer, or why there is none."""
        run, handled = self.run_now(), list[tuple[BaseException, Any]]()

        async def invoke(decided: dict[str, Any]) -> Any:
            own, text = context, text_of(call)
            if decided != call.arguments:
                text = text_of(ToolCall(call.tool, decided, self.agent))
                own = context_for(context, text)
            errors.set(handled)
            with run.around():
                value = await invoke_function_tool(function_tool=self.inner, context=own, arguments=text)
            if handled:
                # The record is told the error itself.
                raise handled[0][0]
            return value

        call = call_of(self.tool, arguments, self.agent)
        try:
            result = await run.acall(call, invoke, call_id=context.tool_call_id, whole=True)
        except Exception as error:
            if handled and error is handled[0][0]:
                return handled[0][1]
            raise
        return result.for_model()


class Needs:
    """Whether the SDK has to pause: as the tool itself wants, or since the policy asks for a human."""

    def __init__(self, tool: FunctionTool, agent: str, run_now: Callable[[], Run]) -> None:
        self.tool = tool
        self.agent = agent
        self.run_now = run_now

    async def __call__(self, context: RunContextWrapper[Any], arguments: dict[str, Any], call_id: str) -> bool:
        """Whether to pause before this call."""
        own = self.tool.needs_approval
        if own is True or (callable(own) and await own(context, arguments, call_id)):
            return True
        call = ToolCall(self.tool.qualified_name, arguments, self.agent)
        return await self.run_now().waits(call, call_id) is not None


def watched(tool: FunctionTool) -> FunctionTool:
    """The tool as it was, with the errors that it handles itself put into the list of the call at hand."""
    inner = copy.copy(tool)

    async def failed(context: RunContextWrapper[Any], error: Exception) -> Any:
        handler = resolve_function_tool_failure_error_function(tool, context)
        if handler is None:
            return None
        told = await awaited(handler(context, error))
        if handler is default_tool_error_function:
            told = await formatted(context, error, told)
        errors.get().append((error, told))
        return told

    async def too_late(context: RunContextWrapper[Any], error: Exception) -> str:
        own = tool.timeout_error_function
        default = default_tool_timeout_error_message(tool_name=tool.name, timeout_seconds=tool.timeout_seconds or 0)
        told = default if own is None else await awaited(own(context, error))
        errors.get().append((error, told))
        return str(told)

    if resolve_function_tool_failure_error_function(tool) is not None:
        set_function_tool_failure_error_function(inner, failed)
    inner.timeout_error_function = too_late
    return inner


async def formatted(context: RunContextWrapper[Any], error: Exception, told: str) -> str:
    """What the formatter of the run makes of the default words, as the SDK has it."""
    if not FORMATS_ERRORS or not isinstance(context, ToolContext) or context.run_config is None:
        return told
    formatter = context.run_config.tool_error_formatter
    if formatter is None:
        return told
    words = await awaited(
        formatter(
            ToolErrorFormatterArgs(
                kind="tool_exception",
                tool_type="function",
                tool_name=context.qualified_tool_name,
                call_id=context.tool_call_id,
                default_message=told,
                run_context=context,
                error=error,
            )
        )
    )
    return words if isinstance(words, str) else told


async def awaited(value: Awaitable[Any] | Any) -> Any:
    """The value, awaited where it can be."""
    return await value if isawaitable(value) else value
