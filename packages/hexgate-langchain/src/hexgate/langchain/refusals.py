"""A call that did not run in, what the framework makes of it out: the message of a tool that failed, or the pause of a graph."""

from __future__ import annotations

import json
from typing import Any

from langchain_core.messages import ToolMessage
from langgraph.types import interrupt

from hexgate.core import Outcome, Result
from hexgate.core.gate.approvals import Pending

__all__ = ["denial", "pause", "refused"]


def denial(result: Result) -> dict[str, Any]:
    """What the model is told of a call that did not run: never the arguments, nor what is known of the user."""
    decision = result.decision
    asks = decision.outcome is Outcome.APPROVAL_REQUIRED
    error: dict[str, Any] = {
        "type": "approval_required" if asks else "policy_denied",
        "message": decision.for_model(),
        "tool_name": decision.tool,
        "agent_name": decision.agent,
        "retryable": False,
    }
    if decision.violations:
        error["violations"] = list(decision.violations)
    if asks:
        error["hint"] = "Somebody has to approve this call first. Do not call the tool again until then."
    return {"ok": False, "error": error}


def refused(result: Result, call_id: str | None) -> ToolMessage | str:
    """The message in the place of the tool's; its words alone where a tool is called by hand, without an id."""
    words = json.dumps(denial(result), ensure_ascii=False)
    if call_id is None:
        return words
    return ToolMessage(words, name=result.decision.tool, tool_call_id=call_id, status="error")


def pause(pending: Pending) -> None:
    """Pauses the graph. What it is resumed with is nobody's proof, and so it is not looked at."""
    interrupt(
        {
            "type": "approval_required",
            "approval_id": pending.id,
            "tool_name": pending.binding.tool,
            "reason": pending.reason,
        }
    )
