"""A policy and an agent's name in, decisions about its tool calls out: the one place where the parts are joined."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hexgate.core.call import ToolCall
from hexgate.core.decision import Decision
from hexgate.core.engine import Explanation, NativeEngine, explain
from hexgate.core.identity import User, current_user
from hexgate.core.identity.user import scope
from hexgate.core.policy import Policy
from hexgate.core.program import Program, compile_policy

__all__ = ["Hexgate", "PolicySource"]

PolicySource = str | Path | Mapping[str, Any] | Policy


class Hexgate:
    """Decides about the tool calls of one agent.

    >>> hexgate = Hexgate.from_policy("policy.yaml", agent="support-bot")
    >>> with User("alice", "billing").sync_scope():
    ...     hexgate.decide("refund_order", {"amount": 400}).allowed
    True
    """

    __slots__ = ("agent", "engine", "program")

    def __init__(self, program: Program, *, agent: str = "agent") -> None:
        if not isinstance(program, Program):
            raise TypeError(
                "`Hexgate` takes a Program; for a file, a directory, data or a Policy write `Hexgate.from_policy(…)`"
            )
        self.program = program
        self.agent = agent
        self.engine = NativeEngine(program)

    @classmethod
    def from_policy(cls, policy: PolicySource, *, agent: str = "agent") -> Hexgate:
        """A gate for a policy: the path of a file or a directory, plain data, or a `Policy`. Mistakes are raised, all at once."""
        return cls(compile_policy(loaded(policy)), agent=agent)

    def decide(
        self, tool: str | ToolCall, arguments: Mapping[str, Any] | str | bytes = b"{}", *, user: User | None = None
    ) -> Decision:
        """Whether the user of the scope around, or `user`, may run the tool so. Nothing runs, nothing is raised."""
        call = tool if type(tool) is ToolCall else ToolCall(tool, arguments, self.agent)  # type: ignore[arg-type]
        return self.engine.decide(call, scope.get().caller if user is None else user)

    def explain(
        self, tool: str | ToolCall, arguments: Mapping[str, Any] | str | bytes = b"{}", *, user: User | None = None
    ) -> Explanation:
        """The decision and the way to it: which rules were found and why, what each constraint read and what it made of that."""
        call = tool if type(tool) is ToolCall else ToolCall(tool, arguments, self.agent)  # type: ignore[arg-type]
        caller = current_user() if user is None else user
        if caller is None:
            return Explanation(self.engine.decide(call, None), ())
        return explain(self.engine, call, caller)


def loaded(policy: PolicySource) -> Policy:
    """The policy that was meant."""
    if isinstance(policy, Policy):
        return policy
    if isinstance(policy, Mapping):
        return Policy.model_validate(policy)
    return Policy.load(policy)
