"""A run in, the capability that puts the gate before every tool of it out, the innermost of all.

The framework asks a capability for a toolset around all others, and calls each tool through it with the arguments that the tool
gets. Output functions run the user's code as well; they pass the gate by their names. Tools that run with the provider are refused
before the model is asked.

# INVARIANT: nothing of the user's runs in a gated run but through the gate, and no tool is offered that would run elsewhere, but
# for what `allow_ungated` names; and that is in the record.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic_ai import ModelResponse, RunContext
from pydantic_ai.capabilities import AbstractCapability, CapabilityOrdering, WrapModelRequestHandler
from pydantic_ai.models import ModelRequestContext
from pydantic_ai.output import OutputContext
from pydantic_ai.toolsets import AbstractToolset, ToolsetTool, WrapperToolset

from hexgate.core import NotRunError
from hexgate.core.adapters import Run, ungated
from hexgate.pydantic_ai.calls import agent_name, call_of, values_for
from hexgate.pydantic_ai.refusals import paused, refused

__all__ = ["GateCapability", "GatedToolset"]


@dataclass
class GateCapability(AbstractCapability[Any]):
    """Stands before every tool of one run."""

    run: Run
    pauses: bool = False
    allow_ungated: frozenset[str] = frozenset()

    def get_ordering(self) -> CapabilityOrdering:
        """Nobody stands between the gate and the tool."""
        return CapabilityOrdering(position="innermost")

    def get_wrapper_toolset(self, toolset: AbstractToolset[Any]) -> AbstractToolset[Any]:
        """All tools of the run, behind the gate."""
        return GatedToolset(toolset, self.run, self.pauses)

    async def wrap_model_request(
        self, ctx: RunContext[Any], *, request_context: ModelRequestContext, handler: WrapModelRequestHandler
    ) -> ModelResponse:
        """Looks at what a request offers, before it is made."""
        self.look(ctx, request_context)
        return await handler(request_context)

    async def prepare_model_request(
        self, ctx: RunContext[Any], request_context: ModelRequestContext
    ) -> ModelRequestContext:
        """Looks again where a release of the framework lets others change the request after `wrap_model_request`."""
        self.look(ctx, request_context)
        return request_context

    def look(self, ctx: RunContext[Any], request_context: ModelRequestContext) -> None:
        """Refuses a request that offers the model what would run with the provider."""
        for tool in request_context.model_request_parameters.native_tools:
            if tool.kind not in self.allow_ungated:
                raise ungated(tool.kind, agent_name(ctx), f"is a `{type(tool).__name__}`, which runs with the provider")
            self.run.note_ungated(tool.kind, agent_name(ctx))

    async def wrap_output_process(
        self, ctx: RunContext[Any], *, output_context: OutputContext, output: Any, handler: Callable[[Any], Any]
    ) -> Any:
        """An output function is a call of its name. One that may not run ends the run: there is nobody to tell."""
        if not output_context.has_function:
            return await handler(output)
        name = output_context.function_name or (output_context.tool_def.name if output_context.tool_def else "output")

        async def process(_: dict[str, Any]) -> Any:
            return await handler(output)

        call_id = output_context.tool_call.tool_call_id if output_context.tool_call else None
        call = call_of(name, output_arguments(output, output_context), ctx)
        result = await self.run.acall(call, process, call_id=call_id, whole=True)
        if not result.ran:
            raise NotRunError(result)
        return result.value


def output_arguments(output: Any, output_context: OutputContext) -> dict[str, Any]:
    """The arguments of an output function by name; the framework unwraps a single one."""
    if isinstance(output, dict):
        return output
    schema = output_context.object_def.json_schema if output_context.object_def else {}
    names = list(schema.get("properties", {}))
    return {names[0] if len(names) == 1 else "output": output}


@dataclass
class GatedToolset(WrapperToolset[Any]):
    """A toolset whose calls pass the gate."""

    run: Run
    pauses: bool = False

    async def call_tool(
        self, name: str, tool_args: dict[str, Any], ctx: RunContext[Any], tool: ToolsetTool[Any]
    ) -> Any:
        """The tool's answer; raises what the framework knows for one that did not run."""
        call = call_of(name, tool_args, ctx)
        if self.pauses and ctx.tool_call_id is not None:
            pending = await self.run.waits(call, ctx.tool_call_id)
            if pending is not None:
                raise paused(pending)
        asked = call.arguments

        async def invoke(decided: dict[str, Any]) -> Any:
            with self.run.around():
                return await self.wrapped.call_tool(name, values_for(decided, asked, tool_args, tool), ctx, tool)

        result = await self.run.acall(call, invoke, call_id=ctx.tool_call_id, whole=True)
        if not result.ran:
            raise refused(result)
        return result.value
