"""Every answer says who asked what, under which policy and of which engine, whichever way it was found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hexgate.core import Policy, ToolCall, User, compile_policy
from hexgate.core.engine import NativeEngine

POLICY = Policy.model_validate(
    {
        "roles": {
            "open": {"tools": {"t": {"mode": "allow"}, "x-*": {"mode": "deny"}}},
            "asks": {"tools": {"t": {"mode": "approval_required"}}},
            "fails": {"tools": {"t": {"mode": "allow", "constraints": ["args.n == 1", "args.n == 1", "args.m == 1"]}}},
            "busy": {"tools": {"t": {"mode": "allow", "constraints": ["every(args.a, . in args.b)"]}}},
        }
    }
)
PROGRAM = compile_policy(POLICY)
EXPIRED = User("u", "open", ttl_seconds=60)
object.__setattr__(EXPIRED, "expires_at", 0.0)
LARGE = {"a": [1] * 10_000, "b": [2] * 9_999 + [1]}

WAYS: dict[str, tuple[Callable[[], User | None], Any, str, tuple[str, ...]]] = {
    "one role allows": (lambda: User("u", "open"), {}, "allowed", ("open",)),
    "one role fails": (lambda: User("u", "fails"), {}, "constraint_failed", ("fails",)),
    "one role has no rule": (lambda: User("u", "asks"), "elsewhere", "default_denied", ("asks",)),
    "several roles allow": (lambda: User("u", roles=["asks", "open"]), {}, "allowed", ("asks", "open")),
    "several roles deny": (lambda: User("u", roles=["fails", "ghost"]), {}, "constraint_failed", ("fails", "ghost")),
    "no role is known": (lambda: User("u", "ghost"), {}, "no_role", ("ghost",)),
    "the call is refused": (lambda: User("u", "open"), {"n": float("nan")}, "call_refused", ("open",)),
    "nobody asks": (lambda: None, {}, "no_user", ()),
    "the time is over": (lambda: EXPIRED, {}, "user_expired", ("open",)),
    "the work is too much": (lambda: User("u", "busy"), LARGE, "work_exceeded", ("busy",)),
}


@pytest.mark.parametrize("way", WAYS)
def test_an_answer_carries_the_question_the_policy_and_the_engine(way: str) -> None:
    user, arguments, code, roles = WAYS[way]
    tool = arguments if isinstance(arguments, str) else "t"
    call = ToolCall(tool, {} if isinstance(arguments, str) else arguments, "shop-assistant")
    found = NativeEngine(PROGRAM).decide(call, user())
    assert (found.code, found.tool, found.agent, found.roles) == (code, tool, "shop-assistant", roles)
    assert (found.policy, found.engine) == (PROGRAM.digest, "native")


def test_a_fault_answers_for_a_call_that_is_none(caplog: pytest.LogCaptureFixture) -> None:
    found = NativeEngine(PROGRAM).decide("t", User("u", "open"))  # type: ignore[arg-type]
    assert (found.code, found.tool, found.agent, found.roles) == ("engine_fault", "(no call)", "agent", ("open",))
    assert (found.policy, found.engine) == (PROGRAM.digest, "native")
    assert "the engine failed; the call is denied" in caplog.text


def test_a_constraint_that_is_written_twice_fails_once() -> None:
    found = NativeEngine(PROGRAM).decide(ToolCall("t", {"m": 1}), User("u", "fails"))
    assert found.violations == ("args.n == 1",)
