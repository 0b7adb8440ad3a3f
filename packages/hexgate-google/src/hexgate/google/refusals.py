"""A call that did not run in, what the framework makes of it out: an error that the model is told, or a question to the user.

The framework's confirmations carry the pause and nothing else: whoever writes a message may confirm. What runs is what the gate
finds an approval for in its store.
"""

from __future__ import annotations

from typing import Any

from google.adk.tools.tool_context import ToolContext

from hexgate.core import Result
from hexgate.core.gate.approvals import Pending

__all__ = ["declined", "paused", "refused"]


def refused(result: Result) -> dict[str, Any]:
    """What the model is told of a call that did not run."""
    return {"error": result.decision.for_model()}


def paused(pending: Pending, context: ToolContext) -> dict[str, Any]:
    """Asks the user to confirm, which pauses the run, and says what it waits for.

    The framework asks once. Who confirms before there is an approval has the model told that there is none.
    """
    if context.tool_confirmation is None:
        context.request_confirmation(hint=pending.reason, payload={"approval_id": pending.id})
        context.actions.skip_summarization = True
    return {
        "error": f"[approval_required] This call waits for an approval: {pending.reason}. The tool was not executed."
    }


def declined(context: ToolContext) -> dict[str, Any] | None:
    """What the model is told when the user said no to a call that paused. A yes is nobody's proof, and so it is not looked at."""
    answer = context.tool_confirmation
    return (
        None if answer is None or answer.confirmed else {"error": "The user declined this call. It was not executed."}
    )
