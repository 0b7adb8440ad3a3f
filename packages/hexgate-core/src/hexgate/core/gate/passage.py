"""One call on its way through the gate, and what comes of it.

# INVARIANT: the tool is given the arguments that were decided about. The passage has a call of its own, whose arguments nobody
# else holds, so nothing that happens while a human thinks can change them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from hexgate.core.call import ToolCall
from hexgate.core.decision import Decision, Outcome
from hexgate.core.gate.approvals import Approval
from hexgate.core.identity import User

__all__ = ["Passage", "Result", "Status"]


class Status(StrEnum):
    """What happened to a call."""

    RAN = "ran"
    FAILED = "failed"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    WAITING = "waiting"
    # Something that runs elsewhere, where nobody stands in front of it, as somebody chose.
    UNGATED = "ungated"


@dataclass(slots=True, eq=False)
class Passage:
    """A call between the moment it is asked for and the moment its outcome is recorded."""

    call_id: str = field(init=False)

    call: ToolCall
    user: User | None
    tool: Callable[..., Any]
    # The name that the caller gave the call; without one, each call has a name of its own in the record.
    named: str | None
    policy: str
    spread: Callable[[dict[str, Any]], tuple[tuple[Any, ...], dict[str, Any]]]
    decision: Decision | None = None
    monitored: bool = False
    approval: Approval | None = None
    approval_id: str | None = None
    rewritten_by: tuple[str, ...] = ()
    value: Any = None
    replaced_by: tuple[str, ...] = ()
    error: BaseException | None = None
    status: Status = Status.REFUSED
    milliseconds: float | None = None
    ticket: Any = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self.call = self.call.apart()
        self.call_id = f"call-{os.urandom(16).hex()}" if self.named is None else self.named

    def of_the_gate(self, outcome: Outcome, code: str, detail: str | None) -> Decision:
        """An answer that no rule gave."""
        names = () if self.user is None else self.user.roles
        return Decision(
            *(outcome, code, self.call.tool, self.call.agent, names, None, None, (), False, None),
            *(self.policy, "gate", detail),
        )

    def let_by(self, code: str) -> None:
        """Notes what is not asked about, since it does not run here."""
        self.decision, self.status = self.of_the_gate(Outcome.ALLOW, code, None), Status.UNGATED

    def refuse(self, code: str, detail: str | None = None) -> None:
        """Makes the answer a no of the gate, which nothing notes only."""
        empty = self.of_the_gate(Outcome.DENY, code, detail)
        before = empty if self.decision is None else self.decision
        self.decision = empty._replace(deciding_role=before.deciding_role, rule=before.rule, policy=before.policy)
        self.monitored, self.approval, self.status = False, None, Status.REFUSED

    @property
    def needs_approval(self) -> bool:
        """A human has to say yes first, and nobody did."""
        asks = self.decision is not None and self.decision.outcome is Outcome.APPROVAL_REQUIRED
        return asks and not self.monitored and self.approval is None

    @property
    def decided(self) -> Decision:
        """The decision, when there is one for sure."""
        if self.decision is None:
            raise LookupError("the call was not decided")
        return self.decision

    @property
    def open(self) -> bool:
        """Nothing has refused the call so far."""
        return self.decision is None or self.monitored or self.decision.outcome is not Outcome.DENY

    @property
    def may_run(self) -> bool:
        """The call was decided, and the answer is a yes: by the rule, by a human, or because the no is only noted."""
        if self.decision is None:
            return False
        return self.monitored or self.decision.outcome is Outcome.ALLOW or self.approval is not None


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a call: the decision, what happened, and what the tool returned if it ran."""

    decision: Decision
    status: Status
    value: Any = None
    call_id: str = ""
    approval_id: str | None = None
    approval: Approval | None = None
    replaced_by: tuple[str, ...] = ()

    @property
    def ran(self) -> bool:
        """The tool ran to its end; `value` is what it returned, or what a guard put in its place."""
        return self.status is Status.RAN

    def for_model(self) -> Any:
        """What the model is told: the tool's value, or why there is none."""
        return self.value if self.ran else self.decision.for_model()

    def as_dict(self) -> Mapping[str, Any]:
        """The result without the tool's value, which JSON may not know."""
        return {
            "decision": self.decision.as_dict(),
            "status": str(self.status),
            "call_id": self.call_id,
            "approval_id": self.approval_id,
            "approval": self.approval.as_dict() if self.approval else None,
            "replaced_by": list(self.replaced_by),
        }
