"""Engines that are wrong in one way each, in ways that no program has: they misread values, or put answers together wrongly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from hexgate.core.call import ToolCall
from hexgate.core.decision import Decision, Outcome
from hexgate.core.engine import NativeEngine
from hexgate.core.identity import User
from hexgate.core.program import Program

__all__ = ["WRONG_ENGINES", "WrongEngine"]


@dataclass(frozen=True)
class WrongEngine:
    """The native engine, asked about another call, by another caller, or with its answer changed."""

    program: Program
    call: Callable[[ToolCall], ToolCall] = lambda call: call
    user: Callable[[User, Program], User] = lambda user, program: user
    answer: Callable[[Decision], Decision] = lambda decision: decision

    @cached_property
    def native(self) -> NativeEngine:
        return NativeEngine(self.program)

    @property
    def digest(self) -> str:
        return self.program.digest

    def decide(self, call: ToolCall, user: User | None) -> Decision:
        assert user is not None
        return self.answer(self.native.decide(self.call(call), self.user(user, self.program)))


def values_as(change: Callable[[Any], Any]) -> Callable[[ToolCall], ToolCall]:
    """Reads every value of the arguments in another way."""

    def inner(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: inner(item) for name, item in value.items()}
        if isinstance(value, list):
            return [inner(item) for item in value]
        return change(value)

    return lambda call: ToolCall(call.tool, inner(call.arguments), call.agent)


def as_float(value: Any) -> Any:
    """Numbers as JavaScript reads them; what is beyond them is the largest."""
    if type(value) is not int:
        return value
    return float(value) if abs(value) < 10**300 else 1.7976931348623157e308


def as_64_bits(value: Any) -> Any:
    """Numbers in a machine's word."""
    return ((value + 2**63) % 2**64) - 2**63 if type(value) is int else value


def of_user(user: User, roles: tuple[str, ...], *, user_id: str | None = None, session_id: str | None = None) -> User:
    return User(user_id, session_id=session_id, roles=roles, attributes=user.facts)


def with_roles(choose: Callable[[tuple[str, ...]], tuple[str, ...]]) -> Callable[[User, Program], User]:
    return lambda user, program: of_user(user, choose(user.roles), user_id=user.user_id, session_id=user.session_id)


def without_fallback(user: User, program: Program) -> User:
    """Leaves out roles that the policy does not know, instead of taking them for `default`."""
    known = tuple(role for role in user.roles if role in program.roles)
    return of_user(user, known or user.roles, user_id=user.user_id, session_id=user.session_id)


def first_violation(decision: Decision) -> Decision:
    return decision._replace(violations=decision.violations[:1])


def sorted_violations(decision: Decision) -> Decision:
    return decision._replace(violations=tuple(sorted(decision.violations)))


def without_rule(decision: Decision) -> Decision:
    return decision._replace(rule=None)


def first_role_decides(decision: Decision) -> Decision:
    return decision._replace(deciding_role=decision.roles[0]) if decision.deciding_role and decision.roles else decision


def denied_is_default(decision: Decision) -> Decision:
    return decision._replace(code="default_denied") if decision.code == "tool_denied" else decision


def never_monitored(decision: Decision) -> Decision:
    return decision._replace(monitor=False)


def monitored_for_ever(decision: Decision) -> Decision:
    return decision._replace(monitor=bool(decision.monitor))


def without_approvers(decision: Decision) -> Decision:
    return decision._replace(approvers=None)


def approval_passes(decision: Decision) -> Decision:
    return decision._replace(outcome=Outcome.ALLOW) if decision.needs_approval else decision


Change = dict[str, Callable[..., Any]]
WRONG_ENGINES: dict[str, Change] = {
    "numbers are floats": {"call": values_as(as_float)},
    "integers are words": {"call": values_as(as_64_bits)},
    "texts are lowered": {"call": values_as(lambda value: value.lower() if isinstance(value, str) else value)},
    "texts are stripped": {"call": values_as(lambda value: value.strip() if isinstance(value, str) else value)},
    "texts end at a line": {"call": values_as(lambda value: value.split("\n")[0] if isinstance(value, str) else value)},
    "booleans are numbers": {"call": values_as(lambda value: int(value) if isinstance(value, bool) else value)},
    "numbers in texts are numbers": {
        "call": values_as(lambda value: int(value) if isinstance(value, str) and value.isdecimal() else value)
    },
    "null is missing": {
        "call": lambda call: ToolCall(
            call.tool, {name: value for name, value in call.arguments.items() if value is not None}
        )
    },
    "missing is null": {
        "call": lambda call: ToolCall(
            call.tool, {**dict.fromkeys(["amount", "note", "force", "big"]), **call.arguments}
        )
    },
    "characters are at most 16 bits": {
        "call": values_as(lambda value: value.replace("\U0001f600", "??") if isinstance(value, str) else value)
    },
    "tools are lowered": {"call": lambda call: ToolCall(call.tool.lower(), call.arguments)},
    "only the first role counts": {"user": with_roles(lambda roles: roles[:1])},
    "only the last role counts": {"user": with_roles(lambda roles: roles[-1:])},
    "roles are sorted": {"user": with_roles(lambda roles: tuple(sorted(roles)))},
    "roles backwards": {"user": with_roles(lambda roles: roles[::-1])},
    "16 roles count": {"user": with_roles(lambda roles: roles[:16])},
    "unknown roles are left out": {"user": without_fallback},
    "no user": {"user": lambda user, program: of_user(user, user.roles, session_id=user.session_id)},
    "no attributes": {"user": lambda user, program: User(user.user_id, roles=user.roles, session_id=user.session_id)},
    "the first violation only": {"answer": first_violation},
    "violations sorted": {"answer": sorted_violations},
    "no rule": {"answer": without_rule},
    "the first role decides": {"answer": first_role_decides},
    "an explicit denial is a plain one": {"answer": denied_is_default},
    "never monitored": {"answer": never_monitored},
    "monitored for ever": {"answer": monitored_for_ever},
    "no approvers": {"answer": without_approvers},
    "an approval is a yes": {"answer": approval_passes},
}
