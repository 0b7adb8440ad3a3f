"""A decision that asks for a human in, an approval or a denial out.

A yes that was given elsewhere is looked for first. Then the handler is asked, if there is one; else the request is kept where
somebody can answer it, and the call ends with the words that an approval is needed.

# INVARIANT: after any yes the policy is asked again; its answer then counts, and the yes only if it still asks for the same one.
"""

from __future__ import annotations

import uuid
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import orjson

from hexgate.core.decision import Decision, Outcome
from hexgate.core.gate.approvals import (
    PENDING_SECONDS,
    Action,
    Approval,
    ApprovalStore,
    Approver,
    Binding,
    Pending,
    binding_of,
    may_approve,
)
from hexgate.core.gate.drivers import Answer, Ask, OutOfTimeError
from hexgate.core.gate.passage import Passage
from hexgate.core.gate.setting import Setting
from hexgate.core.gate.trying import attempt
from hexgate.core.identity import User

__all__ = ["approving", "question_of"]

# Who approved where a handler does not say for whom it speaks.
HANDLER = "approval_handler"
Asks = Generator[Ask, Answer, None]


def question_of(setting: Setting, passage: Passage) -> Question | None:
    """What a human has to be asked about a passage that was decided; None where nobody has to."""
    decision, user = passage.decision, passage.user
    if decision is None or user is None or not passage.needs_approval:
        return None
    binding = binding_of(passage.call, user, passage.named, decision.policy, project=setting.project)
    return Question(setting, passage, decision, user, binding)


def approving(setting: Setting, passage: Passage) -> Asks:
    """Looks for a yes to what the decision asks; on none the passage is refused, or waits."""
    question = question_of(setting, passage)
    if question is None:
        return
    if setting.store is not None:
        yield from question.look(setting.store)
    if not passage.needs_approval:
        return
    if setting.handler is not None:
        yield from question.handle(setting.handler)
    elif setting.store is not None:
        yield from question.keep(setting.store)


@dataclass(frozen=True, slots=True)
class Question:
    """One request for an approval."""

    setting: Setting
    passage: Passage
    decision: Decision
    user: User
    binding: Binding

    def look(self, store: ApprovalStore) -> Asks:
        """Uses a yes that was given elsewhere."""
        approval, fault = yield from attempt(Ask(store.use, (self.binding.digest, self.setting.now()), slow=True))
        if fault is not None:
            self.passage.refuse("approval_failed")
        elif approval is not None:
            self.again(approval)

    def keep(self, store: ApprovalStore) -> Generator[Ask, Answer, Pending | None]:
        """Keeps the request; a no that was given to it elsewhere is one. The request as it is kept, unless that failed."""
        now = self.setting.now()
        pending = Pending(
            id=f"approval-{uuid.uuid4().hex}",
            binding=self.binding,
            arguments=self.arguments,
            reason=self.reason,
            roles=self.user.roles,
            approvers=self.decision.approvers,
            asked_at=now,
            expires_at=now + PENDING_SECONDS,
        )
        kept, fault = yield from attempt(Ask(store.ask, (pending,), slow=True))
        if fault is not None:
            self.passage.refuse("approval_failed")
            return None
        self.passage.approval_id = kept.id
        if kept.state == "denied":
            self.passage.refuse("approval_refused")
        return kept  # type: ignore[no-any-return]

    def handle(self, approver: Any) -> Asks:
        """Asks the handler, unless it must not answer."""
        known = approver if isinstance(approver, Approver) else None
        handler = known.handler if known else approver
        name, roles = (known.user_id, known.roles) if known else (None, ())
        if not may_approve(self.decision.approvers, caller=self.user.user_id, user_id=name, roles=roles):
            self.passage.refuse("approver_not_allowed")
            return
        answer, fault = handler, None
        if callable(handler):
            seconds = self.setting.answer_seconds
            answer, fault = yield from attempt(Ask(handler, (self.action(), None), slow=True, seconds=seconds))
        if fault is not None:
            self.passage.refuse("approval_timed_out" if isinstance(fault, OutOfTimeError) else "approval_failed")
        elif answer is not True:
            self.passage.refuse("approval_refused")
        else:
            self.again(Approval(self.binding.digest, name or HANDLER, self.setting.now()))

    def again(self, approval: Approval) -> None:
        """Asks the policy once more: much may have happened while a human thought."""
        decision = self.setting.decide(self.passage.call, self.passage.user)
        self.passage.decision = decision
        if decision.outcome is not Outcome.APPROVAL_REQUIRED:
            return
        if decision.policy != self.decision.policy:
            self.passage.refuse("approval_outdated")
        else:
            self.passage.approval = approval

    def action(self) -> Action:
        """What a handler sees."""
        return Action(
            tool_name=self.passage.call.tool,
            arguments=self.arguments,
            agent_name=self.passage.call.agent,
            reason=self.reason,
            role=self.decision.deciding_role,
            user_id=self.user.user_id,
            call_digest=self.binding.digest,
            expires_at=self.setting.now() + self.setting.answer_seconds,
        )

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments for a person to look at, apart from those that were decided about."""
        return orjson.loads(self.passage.call.encoded)  # type: ignore[no-any-return]

    @property
    def reason(self) -> str:
        """Why a human is asked: the author's own words where there are some."""
        return self.decision.note or self.decision.reason
