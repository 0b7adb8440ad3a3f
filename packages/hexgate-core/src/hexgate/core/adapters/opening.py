"""What a user passes to a door in, the `Hexgate` that stands behind it out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypedDict

from hexgate import core
from hexgate.core.gate.approvals import ApprovalHandler, ApprovalStore, Approver
from hexgate.core.gate.guards import Guard

__all__ = ["APPROVALS", "Approvals", "GateOptions", "Parts", "opened"]

# Where requests for approval are kept when a run may pause; `hexgate approvals` looks there as well.
APPROVALS = Path(".hexgate/approvals.db")
# `tell` says to the model that an approval is needed, `pause` lets the framework pause; a store does that and keeps the requests.
Approvals = Literal["tell", "pause"] | ApprovalStore


class GateOptions(TypedDict, total=False):
    """What a door is given beside the agent, by name.

    `policy` is a `Hexgate`, which keeps its guards, bans and record, or whatever `Hexgate.from_policy` takes; without it the
    environment says where the policy is. `allow_ungated` names tools that run where nothing can stand in front of them.
    """

    policy: core.PolicySource | core.Hexgate | None
    approval_handler: ApprovalHandler | Approver | None
    approvals: Approvals
    guards: Iterable[Guard]
    allow_ungated: Iterable[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """What every door takes beside the agent, each with its default: who decides, who is asked, what is let by."""

    policy: core.PolicySource | core.Hexgate | None = None
    approval_handler: ApprovalHandler | Approver | None = None
    approvals: Approvals = "tell"
    guards: Iterable[Guard] = ()
    allow_ungated: Iterable[str] = ()

    @classmethod
    def of(cls, options: GateOptions) -> Parts:
        """The parts that were given by name."""
        return cls(
            policy=options.get("policy"),
            approval_handler=options.get("approval_handler"),
            approvals=options.get("approvals", "tell"),
            guards=tuple(options.get("guards", ())),
            allow_ungated=frozenset(options.get("allow_ungated", ())),
        )

    @property
    def pauses(self) -> bool:
        """Whether a run is paused where a human has to be waited for."""
        return self.approvals != "tell" and self.approval_handler is None


def opened(parts: Parts, agent: str) -> core.Hexgate:
    """The gate of an agent. A `Hexgate` that was given stays as its owner set it up; its mistakes are raised all at once."""
    if isinstance(parts.policy, core.Hexgate):
        return parts.policy
    policy = parts.policy
    hexgate = core.Hexgate.from_env(agent=agent) if policy is None else core.Hexgate.from_policy(policy, agent=agent)
    return hexgate.using(
        guards=parts.guards, approval_handler=parts.approval_handler, approvals=store_of(parts.approvals)
    )


def store_of(approvals: Approvals) -> ApprovalStore | None:
    """Where requests for approval are kept."""
    if approvals == "tell":
        return None
    if approvals == "pause":
        APPROVALS.parent.mkdir(parents=True, exist_ok=True)
        return core.ApprovalFile(APPROVALS)
    return approvals
