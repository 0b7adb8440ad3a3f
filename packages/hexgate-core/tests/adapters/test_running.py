"""A run carries its user to the calls: the same one as the scope, or the call is denied; and it begins once."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from hexgate.core import BanGate, BannedError, Hexgate, ToolCall, User, current_user
from hexgate.core.adapters import Run, current_run
from hexgate.core.gate.bans import Ban
from hexgate.core.gate.passage import Passage

POLICY = {
    "roles": {"support": {"tools": {"view": {"mode": "allow"}, "wire": {"mode": "approval_required"}}}},
}
ALICE = User("alice", "support")
VIEW = ToolCall("view", {"order": 7})


def hexgate() -> Hexgate:
    return Hexgate.from_policy(POLICY, audit="off")


def view(order: int) -> str:
    """A tool, called with its arguments by name."""
    return f"order {order}"


def test_a_call_of_a_run_is_decided_for_its_user_and_its_scope_ends_with_it() -> None:
    with Run.here(hexgate(), ALICE) as run:
        assert (current_run(), current_user()) == (run, ALICE)
        assert run.call(VIEW, view).value == "order 7"
        assert asyncio.run(run.acall(VIEW, view)).value == "order 7"
    assert (current_run(), current_user()) == (None, None)
    # The run is still known where a framework carried it out of the scope.
    assert run.call(VIEW, view).value == "order 7"


def test_the_user_of_the_scope_around_counts_where_none_is_named() -> None:
    with ALICE.sync_scope(), Run.here(hexgate(), None) as run:
        assert run.user is ALICE
    with Run.here(hexgate(), None) as run:
        assert (run.user_id, run.call(VIEW, view).decision.code) == (None, "no_user")


def test_a_call_in_the_scope_of_another_user_is_denied_before_anybody_is_asked() -> None:
    with Run.here(hexgate(), ALICE) as run, User("alice", "support").sync_scope():
        result = run.call(VIEW, view)
    assert (result.ran, result.decision.code, result.decision.engine) == (False, "user_unclear", "gate")


def test_the_time_of_a_user_begins_with_the_run() -> None:
    user = User("alice", "support", ttl_seconds=60)
    with Run.here(hexgate(), user) as run:
        assert run.user is not user
        assert run.call(VIEW, view).ran


def test_a_tool_can_take_its_arguments_as_one() -> None:
    with Run.here(hexgate(), ALICE) as run:
        assert run.call(VIEW, lambda given: given["order"], whole=True).value == 7


def test_a_run_within_a_run_knows_it() -> None:
    with Run.here(hexgate(), ALICE) as outer:
        with Run.here(hexgate(), ALICE) as inner:
            assert (inner.parent, current_run()) == (outer, inner)
        assert (current_run(), outer.parent) == (outer, None)


def test_a_scope_that_is_left_in_another_context_changes_nothing_there() -> None:
    run = Run(hexgate(), ALICE)
    scope = run.around()
    thread = threading.Thread(target=scope.__enter__)
    thread.start()
    thread.join()
    scope.__exit__(None, None, None)
    assert current_run() is None


class Feed:
    """A feed that counts how often it is read."""

    def __init__(self) -> None:
        self.read_count = 0

    def read(self) -> list[Ban]:
        self.read_count += 1
        return [Ban("user", "mallory")]


def test_a_run_begins_once_with_the_policy_taken_anew(tmp_path: Path) -> None:
    policy = tmp_path / "p.yaml"
    policy.write_text("tools: {view: {mode: allow}}")
    gate = Hexgate.from_policy(policy, audit="off")
    for begin in (Run.begin_here, lambda run: asyncio.run(run.begin())):
        policy.write_text("tools: {view: {mode: allow}}")
        gate.refresh()
        with Run.here(gate, ALICE) as run:
            policy.write_text("tools: {view: {mode: deny}}")
            assert run.call(VIEW, view).ran
            begin(run)
            assert not run.call(VIEW, view).ran
            policy.write_text("tools: {view: {mode: allow}}")
            begin(run)
            assert not run.call(VIEW, view).ran


def test_who_is_banned_begins_no_run() -> None:
    feed = Feed()
    gate = hexgate().using(bans=BanGate(feed))
    with Run.here(gate, User("mallory", "support")) as run, pytest.raises(BannedError, match="HX802"):
        run.begin_here()

    async def main() -> None:
        async with Run.of(gate, ALICE):
            pass
        with pytest.raises(BannedError, match="HX802"):
            async with Run.of(gate, User("mallory", "support")):
                pass

    asyncio.run(main())
    assert feed.read_count == 4


class Kept:
    """A recorder that remembers."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def reserve(self, passage: Passage) -> int:
        self.seen.append((passage.call.tool, passage.call.agent, passage.decided.code))
        return 7

    def settle(self, ticket: Any, passage: Passage) -> None:
        self.seen.append((ticket, str(passage.status)))


def test_what_runs_without_the_gate_is_in_the_record() -> None:
    kept = Kept()
    with Run.here(hexgate().using(recorder=kept), ALICE) as run:
        run.note_ungated("web_search", "bot")
    assert kept.seen == [("web_search", "bot", "ungated"), (7, "ungated")]
