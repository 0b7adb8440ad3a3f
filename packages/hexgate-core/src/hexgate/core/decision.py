"""The answer to a tool call: an outcome, the role and the rule that gave it, and why, for the model and for people.

A `Decision` is a named tuple and not a dataclass: making a frozen dataclass of this size costs more than all the checks
together. It has no truth value, so that `if decision:` cannot take a denial for a yes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple, NoReturn

from hexgate.core.text.render import visible

__all__ = ["ENGINE_MEANINGS", "MEANINGS", "Decision", "Meaning", "Outcome", "RuleReference"]


class Outcome(StrEnum):
    """What may happen to a call."""

    ALLOW = "allow"
    DENY = "deny"
    APPROVAL_REQUIRED = "approval_required"


@dataclass(frozen=True, slots=True)
class RuleReference:
    """The rule that decided, as people find it: role, tool or prefix, document, line, and the author's own reason."""

    role: str
    tool: str
    document: str | None = None
    line: int | None = None
    note: str | None = None

    @property
    def place(self) -> str:
        """The document and the line, as editors understand them; empty when the policy came from no text."""
        return ":".join(str(part) for part in (self.document, self.line) if part is not None)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code means, and what whoever made the call can do about it."""

    reason: str
    hint: str | None = None


# What an engine can answer.
ENGINE_MEANINGS: Mapping[str, Meaning] = {
    "allowed": Meaning("the rule allows it"),
    "approval_required": Meaning("the rule asks for a human decision", "wait for the approval; do not try another way"),
    "constraint_failed": Meaning("constraint failed", "change the arguments so that every listed constraint holds"),
    "tool_denied": Meaning("the tool is denied", "do not try again: no arguments change this"),
    "default_denied": Meaning("no rule allows the tool", "do not try again: no arguments change this"),
    "no_role": Meaning("no role of the caller is known to the policy", "do not try again: no arguments change this"),
    "no_user": Meaning("nobody is known to be calling", "run the call inside the scope of a `User`"),
    "user_expired": Meaning("the time of the caller's identity is over", "let the user sign in again"),
    "tool_not_delegated": Meaning("the caller was not handed the tool", "do not try again: no arguments change this"),
    "call_refused": Meaning("the call cannot be decided about", "send the arguments as one valid JSON object"),
    "work_exceeded": Meaning("the call asks for too much work", "send fewer elements in the lists of the arguments"),
    "module_fault": Meaning("the policy module gave no answer", "ask the operator to look at the log"),
    "engine_fault": Meaning("the policy could not be evaluated", "ask the operator to look at the log"),
}
# What the gate makes of an answer when something around the policy says no.
GATE_MEANINGS: Mapping[str, Meaning] = {
    "banned": Meaning("the agent or the user is banned", "do not try again: no arguments change this"),
    "user_unclear": Meaning("the run was begun for one user, and the call is made in the scope of another"),
    "ungated": Meaning("nothing stands in front of the tool, as `allow_ungated` says"),
    "guard_halted": Meaning("a check halted the call"),
    "guard_failed": Meaning("a check of the call failed", "ask the operator to look at the log"),
    "approval_refused": Meaning("a human refused it", "do not try again: no arguments change this"),
    "approval_timed_out": Meaning("nobody answered in time", "ask again when somebody can answer"),
    "approval_failed": Meaning("nobody could be asked", "ask the operator to look at the log"),
    "approval_outdated": Meaning("the policy changed while a human was asked", "ask again"),
    "approver_not_allowed": Meaning("who was asked may not approve it", "let somebody approve whom the rule admits"),
    "not_recorded": Meaning("the record of calls cannot be written", "ask the operator to look at the log"),
}
MEANINGS = {**ENGINE_MEANINGS, **GATE_MEANINGS}
MOST_VIOLATIONS_SHOWN = 10


class Decision(NamedTuple):
    """The answer. Fields are what happened; `reason`, `hint` and `note` are what can be said about it."""

    outcome: Outcome
    code: str
    tool: str
    agent: str
    roles: tuple[str, ...]
    deciding_role: str | None
    rule: RuleReference | None
    violations: tuple[str, ...]
    monitor: bool | str
    approvers: Mapping[str, str] | None
    policy: str
    engine: str
    detail: str | None = None

    def __bool__(self) -> NoReturn:
        """A decision is no yes or no by itself."""
        raise TypeError("a decision has no truth value: ask `.allowed`, `.denied` or `.needs_approval`")

    @property
    def allowed(self) -> bool:
        """The tool may run."""
        return self.outcome is Outcome.ALLOW

    @property
    def denied(self) -> bool:
        """The tool must not run."""
        return self.outcome is Outcome.DENY

    @property
    def needs_approval(self) -> bool:
        """A human has to say yes first."""
        return self.outcome is Outcome.APPROVAL_REQUIRED

    @property
    def reason(self) -> str:
        """Why, in one clause; it names no argument, attribute or role."""
        reason = MEANINGS[self.code].reason
        return f"{reason}: {self.detail}" if self.detail else reason

    @property
    def hint(self) -> str | None:
        """What to do about it."""
        return MEANINGS[self.code].hint

    @property
    def note(self) -> str | None:
        """The `reason` that the author wrote beside the rule: for people, never for the model."""
        return self.rule.note if self.rule else None

    def as_dict(self) -> dict[str, Any]:
        """The decision as JSON knows it."""
        rule = self.rule
        return {
            "outcome": str(self.outcome),
            "code": self.code,
            "tool": self.tool,
            "agent": self.agent,
            "roles": list(self.roles),
            "deciding_role": self.deciding_role,
            "rule": {"role": rule.role, "tool": rule.tool, "document": rule.document, "line": rule.line}
            if rule
            else None,
            "reason": self.reason,
            "note": self.note,
            "violations": list(self.violations),
            "hint": self.hint,
            "monitor": self.monitor,
            "approvers": dict(self.approvers) if self.approvers else None,
            "policy": self.policy,
            "engine": self.engine,
        }

    def for_model(self) -> str:
        """What the model is told instead of a result: the tool and the constraints that failed, nothing else."""
        tool = visible(self.tool)
        why = visible(self.reason)
        if self.violations:
            shown = "; ".join(visible(violation) for violation in self.violations[:MOST_VIOLATIONS_SHOWN])
            why = f"{why} ({shown})"
        if self.outcome is Outcome.APPROVAL_REQUIRED:
            return f"[approval_required] Tool '{tool}' requires human approval before execution: {why}. The tool was not executed."
        if self.outcome is Outcome.DENY:
            return f"[policy_denied] Tool '{tool}' is denied by the agent policy: {why}. The tool was not executed."
        return f"Tool '{tool}' is allowed by the agent policy."

    def for_operator(self) -> str:
        """One line for a log: who may what, which rule said so, why."""
        who = visible(self.deciding_role or ", ".join(self.roles) or "nobody")
        place = f" ({visible(self.rule.place)})" if self.rule and self.rule.place else ""
        why = "".join(f"; {visible(violation)}" for violation in self.violations)
        return f"{self.outcome.upper()} {who} → {visible(self.tool)}: {visible(self.reason)}{why}{place} [{self.code}]"
