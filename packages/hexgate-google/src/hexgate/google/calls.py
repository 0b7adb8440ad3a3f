"""What the framework knows of a call in, the `ToolCall` that the policy is asked about out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.adk.tools.base_tool import BaseTool
from google.adk.tools.tool_context import ToolContext

from hexgate.core import ToolCall

__all__ = ["call_of"]


def call_of(tool: BaseTool, arguments: Mapping[str, Any], context: ToolContext) -> ToolCall:
    """The question about a call."""
    return ToolCall(tool.name, dict(arguments), context.agent_name)
