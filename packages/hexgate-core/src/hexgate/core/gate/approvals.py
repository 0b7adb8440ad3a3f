"""What a human said about one call: an approval is bound to everything that it was asked about, expires, and counts once.

# INVARIANT: an approval stands for one call with these very arguments by this user under this policy, and for no other.
# INVARIANT: only the exact value True is a yes, and who must not approve cannot.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import orjson

from hexgate.core.call import ToolCall
from hexgate.core.identity import User

__all__ = [
    "ANSWER_SECONDS",
    "PENDING_SECONDS",
    "Action",
    "Approval",
    "ApprovalHandler",
    "ApprovalStore",
    "Approver",
    "Binding",
    "Pending",
    "binding_of",
    "may_approve",
]

# How long a handler may take, and how long a request that waits in a store can be answered.
ANSWER_SECONDS = 300.0
PENDING_SECONDS = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Binding:
    """All that an approval is bound to. Two calls with one binding are the same call, asked twice."""

    project: str | None
    user_id: str | None
    session_id: str | None
    agent: str
    tool: str
    arguments: str
    # None for a call that nobody named: then the same call by the same user is the same request.
    call_id: str | None
    policy: str

    @property
    def digest(self) -> str:
        """The name of the binding: `sha256:` and the hash of every part of it."""
        return digest_of(orjson.dumps(list(asdict(self).values())))


@dataclass(frozen=True, slots=True)
class Approval:
    """A yes: to what, by whom, when."""

    binding: str
    approved_by: str
    approved_at: float

    def as_dict(self) -> dict[str, Any]:
        """The approval as JSON knows it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Action:
    """What a handler is asked about. It is shown to a person, who has to see the arguments."""

    tool_name: str
    arguments: Mapping[str, Any]
    agent_name: str
    reason: str
    role: str | None
    user_id: str | None
    call_digest: str
    expires_at: float


# `(action, context)`; the context is None.
ApprovalHandler = bool | Callable[[Action, None], bool | Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Approver:
    """A handler that is known to speak for one person, as a rule with `approvers` demands."""

    handler: ApprovalHandler
    user_id: str
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pending:
    """A request for an approval, as a store keeps it. `state` is waiting, approved, denied, used or expired."""

    id: str
    binding: Binding
    arguments: Mapping[str, Any]
    reason: str
    roles: tuple[str, ...]
    approvers: Mapping[str, str] | None
    asked_at: float
    expires_at: float
    state: str = "waiting"
    answered_by: str | None = None
    answered_at: float | None = None


class ApprovalStore(Protocol):
    """Keeps requests where another process can answer them. Any of its methods may raise what its storage raises."""

    def ask(self, pending: Pending) -> Pending:
        """Keeps a request, unless one for the same binding waits or was answered; the one that is kept."""
        ...

    def use(self, binding: str, now: float) -> Approval | None:
        """Takes the approval of a binding, in one step and for ever: the second who asks gets nothing."""
        ...

    def find(self, id: str, now: float) -> Pending | None:
        """A request by its id."""
        ...

    def every(self, now: float) -> Sequence[Pending]:
        """All requests, the oldest first."""
        ...

    def answer(self, id: str, *, yes: bool, by: str, roles: Sequence[str] = (), now: float) -> Pending:
        """A human's answer to a request that waits. Raises ApprovalError for any other, and for who may not answer."""
        ...


def binding_of(call: ToolCall, user: User, call_id: str | None, policy: str, *, project: str | None) -> Binding:
    """What an approval of this call, by this user, under this policy is bound to."""
    return Binding(
        project, user.user_id, user.session_id, call.agent, call.tool, digest_of(call.encoded), call_id, policy
    )


def digest_of(encoded: bytes) -> str:
    """`sha256:` and the hash."""
    return f"sha256:{hashlib.sha256(encoded).hexdigest()}"


def may_approve(
    approvers: Mapping[str, str] | None, *, caller: str | None, user_id: str | None, roles: Sequence[str]
) -> bool:
    """Whether somebody may approve what a rule asks about; nobody in particular only where the rule names nobody in particular."""
    if not approvers:
        return True
    if user_id is None or ("role" in approvers and approvers["role"] not in roles):
        return False
    # Where the caller has no id, nobody can be told apart from the caller.
    return "not" not in approvers or (caller is not None and user_id != caller)
