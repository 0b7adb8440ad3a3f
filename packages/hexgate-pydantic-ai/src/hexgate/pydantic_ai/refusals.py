"""A call that did not run in, what the framework makes of it out: a failure that the model is told and that spends no retry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic_ai import ApprovalRequired, DeferredToolRequests
from pydantic_ai.exceptions import ToolFailed

from hexgate.core import Result
from hexgate.core.gate.approvals import Pending

__all__ = ["paused", "refused", "with_requests"]


def refused(result: Result) -> ToolFailed:
    """What the model is told of a call that did not run."""
    return ToolFailed(result.decision.for_model())


def paused(pending: Pending) -> ApprovalRequired:
    """The pause of a run, with the request that it waits for."""
    return ApprovalRequired(metadata={"approval_id": pending.id, "reason": pending.reason})


def with_requests(output_type: Any) -> Any:
    """An output type that also takes a run that paused."""
    several = (
        list(output_type) if isinstance(output_type, Sequence) and not isinstance(output_type, str) else [output_type]
    )
    return several if DeferredToolRequests in several else [*several, DeferredToolRequests]
