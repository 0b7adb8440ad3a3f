"""A narrowed user may do what it could do before, less what was taken from it, and carries a token that says the same."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexgate.core import Hexgate, TokenError, ToolCall, User, UserError, current_user, verify_caller
from hexgate.core.identity import user as module
from hexgate.core.identity.tokens import Claims, Token, mint, public_key_of, verify
from hexgate.core.wasm.assemble import assemble
from hexgate.core.wasm.engine import WasmEngine

PRIVATE = bytes(range(32))
PUBLIC = public_key_of(PRIVATE)
KEY = mint(PRIVATE, Claims("shop", "test", "t1", "n"))
GATE = Hexgate.from_policy(
    {
        "roles": {
            "billing": {
                "tools": {
                    "refund_order": {"mode": "allow", "constraints": ["args.amount <= 500"]},
                    "mcp-*": {"mode": "allow"},
                    "mcp-shell": {"mode": "deny"},
                    "send_mail": {"mode": "approval_required"},
                }
            },
            "support": {"tools": {"look_up": {"mode": "allow"}, "mcp-mail": {"mode": "deny"}}},
        }
    }
)
TOOLS = ["refund_order", "mcp-mail", "mcp-shell", "mcp-files", "send_mail", "look_up", "other"]
ENTRIES = st.lists(st.sampled_from([*TOOLS, "mcp-*", "mcp-m*", "re*", "z*"]), min_size=1, max_size=4)
ROLES = st.lists(st.sampled_from(["billing", "support", "unknown"]), max_size=3)


class Clock:
    """A time that passes only when it is told to."""

    now = 1_800_000_000.5

    def time(self) -> float:
        return self.now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def answers(user: User) -> dict[str, str]:
    return {tool: GATE.decide(tool, {"amount": 400}, user=user).code for tool in TOOLS}


def read_again(user: User) -> User:
    """The user as another process reads it from the token."""
    assert user.token is not None
    return verify_caller(user.token.text, PUBLIC)


def test_a_narrowed_user_has_the_listed_tools_alone() -> None:
    for parent in (User("alice", "billing"), KEY.for_user(User("alice", "billing")).user):
        child = parent.narrowed(tools=["refund_order", "mcp-*"])

        assert (child.user_id, child.roles, child.attributes) == (parent.user_id, parent.roles, parent.attributes)
        assert answers(child) == {
            "refund_order": "allowed",
            "mcp-mail": "allowed",
            "mcp-shell": "tool_denied",
            "mcp-files": "allowed",
            "send_mail": "tool_not_delegated",
            "look_up": "tool_not_delegated",
            "other": "tool_not_delegated",
        }
        assert answers(parent) == answers(User("alice", "billing"))


def test_the_denial_of_a_tool_that_was_not_handed_out_says_so() -> None:
    user = User("alice", "billing").narrowed(tools=["look_up"])
    decision = GATE.decide("refund_order", {"amount": 400}, user=user)

    assert (decision.outcome, decision.code, decision.roles) == ("deny", "tool_not_delegated", ("billing",))
    assert (decision.deciding_role, decision.rule, decision.violations) == (None, None, ())
    assert decision.for_model() == (
        "[policy_denied] Tool 'refund_order' is denied by the agent policy: the caller was not handed the tool. "
        "The tool was not executed."
    )
    assert GATE.explain("refund_order", user=user).roles == ()
    assert GATE.decide(ToolCall("refund_order", "[1]"), user=user).code == "call_refused"


def test_a_compiled_policy_keeps_the_same_limits(clock: Clock) -> None:
    engine = WasmEngine(assemble(GATE.program), program=GATE.program)
    alice = User("alice", "billing")
    both = User("alice", roles=["billing", "support"]).narrowed(tools=["mcp-*", "look_up"], ttl_seconds=20)
    users = [
        alice,
        alice.narrowed(tools=["mcp-*", "refund_order"]),
        both,
        alice.narrowed(ttl_seconds=10),
        both.narrowed(ttl_seconds=5),
    ]
    for _ in range(5):
        clock.now += 5
        for user in users:
            for tool in TOOLS:
                call = ToolCall(tool, {"amount": 400})
                native = GATE.engine.decide(call, user)
                assert engine.decide(call, user) == native._replace(engine="wasm")
    assert {GATE.decide("look_up", user=user).code for user in users[2:]} == {"user_expired"}


def test_who_is_late_and_without_the_tool_is_late(clock: Clock) -> None:
    user = User("alice", "billing").narrowed(tools=["look_up"], ttl_seconds=5)
    clock.now += 5

    assert set(answers(user).values()) == {"user_expired"}


def test_a_clock_that_is_set_back_while_a_call_is_refused_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Wavering:
        def __init__(self) -> None:
            self.times = iter([100.0, 200.0, 100.0, 100.0])

        def time(self) -> float:
            return next(self.times)

    monkeypatch.setattr(module, "time", Wavering())
    user = User("alice", "billing").narrowed(ttl_seconds=50)

    assert GATE.decide("refund_order", {"amount": 1}, user=user).code == "user_expired"


@given(ROLES, st.lists(ENTRIES, min_size=1, max_size=3))
def test_a_narrowed_user_is_never_allowed_what_its_parent_is_denied(roles: list[str], lists: list[list[str]]) -> None:
    plain = User("alice", roles=roles)
    vouched = KEY.for_user(plain).user
    for entries in lists:
        parents = answers(plain), answers(vouched)
        plain, vouched = plain.narrowed(tools=entries), vouched.narrowed(tools=entries)
        for before, after in zip(parents, (answers(plain), answers(vouched)), strict=True):
            assert all(after[tool] in {before[tool], "tool_not_delegated"} for tool in TOOLS)
    again = read_again(vouched)

    assert answers(again) == answers(vouched) == answers(plain)
    assert (again.tools, again.roles, again.user_id) == (vouched.tools, vouched.roles, "alice")


@given(st.lists(st.tuples(st.none() | ENTRIES, st.integers(3600, 10**6)), min_size=1, max_size=4))
def test_each_block_leaves_no_more_than_the_token_before_it(steps: list[tuple[list[str] | None, int]]) -> None:
    user = KEY.for_user(User("alice", "billing")).user
    tokens = [user]
    for tools, ttl in steps:
        user = user.narrowed(tools=tools, ttl_seconds=ttl)
        tokens.append(user)
    read = [read_again(user) for user in tokens]
    for parent, child in pairwise(read):
        assert child.expires_at is not None
        assert parent.expires_at is None or child.expires_at <= parent.expires_at
        assert not any(admits(child, tool) for tool in TOOLS if not admits(parent, tool))


def admits(user: User, tool: str) -> bool:
    return user.tools is None or user.tools.admit(tool)


def test_narrowing_twice_keeps_the_earlier_end(clock: Clock) -> None:
    user = User("alice", "billing", ttl_seconds=60)
    with user.sync_scope() as inside:
        child = inside.narrowed(ttl_seconds=600)
        assert child.expires_at == inside.expires_at == clock.now + 60
        assert child.narrowed(ttl_seconds=6).narrowed(tools=["look_up"]).expires_at == clock.now + 6
        clock.now += 60
        assert GATE.decide("mcp-files", user=child).code == "user_expired"


def test_no_scope_renews_the_time_of_a_narrowed_user(clock: Clock) -> None:
    child = User("alice", "billing", ttl_seconds=600).narrowed(ttl_seconds=60)
    clock.now += 50
    with child.sync_scope() as inside:
        assert inside is child is current_user()
        assert GATE.decide("mcp-files").allowed
        clock.now += 10
        assert GATE.decide("mcp-files").code == "user_expired"


def test_a_token_of_a_narrowed_user_ends_with_it_and_no_later(clock: Clock) -> None:
    child = KEY.for_user(User("alice", "billing"), ttl_seconds=600).user.narrowed(ttl_seconds=60.75)
    assert child.token is not None
    clock.now += 59
    again = verify(child.token.text, PUBLIC, clock=clock).user

    assert child.expires_at == 1_800_000_061.25
    assert again.expires_at == 1_800_000_061


def test_a_user_that_is_narrowed_already_can_be_put_into_a_token() -> None:
    child = User("alice", "billing").narrowed(tools=["mcp-*"], ttl_seconds=60)
    assert child.token is None
    made = KEY.for_user(child)
    read = verify_caller(made.text, PUBLIC)

    assert read.tools == made.user.tools == child.tools
    assert read.expires_at is not None
    assert child.expires_at is not None
    assert child.expires_at - 1 < read.expires_at <= child.expires_at
    assert answers(read) == answers(child)


def test_lists_without_a_tool_in_common_leave_no_tool() -> None:
    child = KEY.for_user(User("alice", "billing")).user.narrowed(tools=["mcp-*"]).narrowed(tools=["send_mail"])
    again = read_again(child)

    assert list(again.tools or ["all"]) == list(child.tools or ["all"]) == []
    assert set(answers(again).values()) == {"tool_not_delegated"}
    assert set(answers(read_again(again.narrowed(ttl_seconds=60))).values()) == {"tool_not_delegated"}


def test_a_kind_of_user_stays_of_its_kind() -> None:
    class Employee(User):
        __slots__ = ()

    assert type(Employee("e", "billing").narrowed(tools=["mcp-*"])) is Employee


@pytest.mark.parametrize("ttl", [0, -1, float("nan"), True, "60"])
def test_a_time_that_is_none_is_an_error(ttl: Any) -> None:
    with pytest.raises(UserError) as caught:
        User("alice").narrowed(ttl_seconds=ttl)
    assert caught.value.code == "HX502"


def test_narrowing_nothing_is_an_error() -> None:
    with pytest.raises(UserError, match="nothing is narrowed") as caught:
        User("alice").narrowed()
    assert caught.value.code == "HX521"


def test_a_chain_ends_where_the_token_would_grow_too_long() -> None:
    user = KEY.for_user(User("alice", "billing")).user
    for _ in range(30):
        user = user.narrowed(tools=["mcp-*"])
    assert read_again(user).user_id == "alice"

    with pytest.raises(TokenError, match="more than 32 blocks") as caught:
        user.narrowed(tools=["mcp-*"])
    assert caught.value.code == "HX523"


def test_a_token_shows_what_it_was_narrowed_to() -> None:
    token = KEY.for_user(User("alice")).user.narrowed(tools=["a", "b*"]).token
    assert isinstance(token, Token)
    assert list(token.tools or []) == ["a", "b*"]
    assert len(token.revocation_ids) == 3
