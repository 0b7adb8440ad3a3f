"""What the framework knows of a call in, the `ToolCall` that the policy is asked about out, and the way back to values.

The framework has validated the arguments by then: they may be models, dates, paths. The policy sees them as JSON.

# INVARIANT: the tool gets the very values whose JSON was decided about; where a guard rewrote that, what the tool's own validator
# makes of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from pydantic_ai import RunContext
from pydantic_ai.toolsets import ToolsetTool
from pydantic_core import PydanticSerializationError, to_jsonable_python

from hexgate.core import ToolCall

__all__ = ["agent_name", "call_of", "values_for"]


def call_of(name: str, arguments: Mapping[str, Any], context: RunContext[Any]) -> ToolCall:
    """The question about a call. What has no JSON cannot be decided about, and is refused as such."""
    given = dict(arguments)
    # Left as it is where that fails, for the call to say what is wrong with it.
    with suppress(PydanticSerializationError):
        given = to_jsonable_python(given)
    return ToolCall(name, given, agent_name(context))


def agent_name(context: RunContext[Any]) -> str:
    """The name of the agent that calls."""
    agent = context.agent
    return (agent.name if agent is not None else None) or "agent"


def values_for(
    decided: Mapping[str, Any], asked: Mapping[str, Any], arguments: dict[str, Any], tool: ToolsetTool[Any]
) -> dict[str, Any]:
    """The values with which the tool runs: those it was called with, unless a guard changed what they are in JSON."""
    if decided == asked:
        return arguments
    validated: dict[str, Any] = tool.args_validator.validate_python(dict(decided))
    return validated
