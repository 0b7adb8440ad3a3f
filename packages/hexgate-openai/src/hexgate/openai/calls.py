"""What the SDK knows of a call in, the `ToolCall` that the policy is asked about out, and the way back to the SDK's context.

# INVARIANT: the tool gets the JSON of what was decided about; where a guard rewrote that, the SDK's context shows it as well.
"""

from __future__ import annotations

import copy
from typing import Any

from agents import FunctionTool
from agents.tool_context import ToolContext

from hexgate.core import ToolCall

__all__ = ["call_of", "context_for", "text_of"]


def call_of(tool: FunctionTool, arguments: str, agent: str) -> ToolCall:
    """The question about a call. The model may leave the arguments of a tool without parameters empty."""
    return ToolCall(tool.qualified_name, arguments or "{}", agent)


def text_of(call: ToolCall) -> str:
    """The arguments as the tool gets them."""
    return call.encoded.decode()


def context_for(context: ToolContext[Any], arguments: str) -> ToolContext[Any]:
    """The context in which the tool runs with other arguments than those that the model sent."""
    own = copy.copy(context)
    own.tool_arguments = arguments
    if context.tool_call is not None:
        own.tool_call = context.tool_call.model_copy(update={"arguments": arguments})
    return own
