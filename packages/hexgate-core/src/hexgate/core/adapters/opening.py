"""What a user passes to a door in, the `Hexgate` that stands behind it out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hexgate.core.gate.approval_file import ApprovalFile
from hexgate.core.gate.approvals import ApprovalHandler, ApprovalStore, Approver
from hexgate.core.gate.guards import Guard
from hexgate.core.hexgate import Hexgate, PolicySource

__all__ = ["APPROVALS", "Approvals", "Parts", "opened"]

# Where requests for approval are kept when a run may pause; `hexgate approvals` looks there as well.
APPROVALS = Path(".hexgate/approvals.db")
# `tell` says to the model that an approval is needed, `pause` lets the framework pause; a store does that and keeps the requests.
Approvals = Literal["tell", "pause"] | ApprovalStore


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """What every door takes beside the agent: who decides, who is asked, what is kept.

    `policy` is a `Hexgate`, or whatever `Hexgate.from_policy` takes; without it the environment says where the policy is.
    """

    policy: PolicySource | Hexgate | None = None
    approval_handler: ApprovalHandler | Approver | None = None
    approvals: Approvals = "tell"
    guards: Iterable[Guard] = ()

    @property
    def pauses(self) -> bool:
        """Whether a run is paused where a human has to be waited for."""
        return self.approvals != "tell" and self.approval_handler is None


def opened(parts: Parts, agent: str) -> Hexgate:
    """The gate of an agent. A `Hexgate` that was given stays as its owner set it up; its mistakes are raised all at once."""
    if isinstance(parts.policy, Hexgate):
        return parts.policy
    policy = parts.policy
    hexgate = Hexgate.from_env(agent=agent) if policy is None else Hexgate.from_policy(policy, agent=agent)
    return hexgate.using(
        guards=parts.guards, approval_handler=parts.approval_handler, approvals=store_of(parts.approvals)
    )


def store_of(approvals: Approvals) -> ApprovalStore | None:
    """Where requests for approval are kept."""
    if approvals == "tell":
        return None
    if approvals == "pause":
        APPROVALS.parent.mkdir(parents=True, exist_ok=True)
        return ApprovalFile(APPROVALS)
    return approvals
