"""Whether a call will have to wait for a human is found out before it is made, and decides nothing."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

from hexgate.core import ApprovalFile, Halt, Hexgate, ToolCall, User, before_tool
from hexgate.core.adapters import Run
from hexgate.core.gate.approvals import Pending
from hexgate.core.gate.passage import Passage

POLICY = {
    "roles": {
        "support": {
            "tools": {
                "view": {"mode": "allow"},
                "wire": {"mode": "approval_required", "reason": "money"},
                "noted": {"mode": "approval_required", "enforce": False},
                "drop": {"mode": "deny"},
            }
        }
    }
}
ALICE = User("alice", "support")


class Kept:
    """A recorder that remembers what was decided and what came of it."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def reserve(self, passage: Passage) -> None:
        self.seen.append(passage.decided.code)

    def settle(self, ticket: Any, passage: Passage) -> None:
        self.seen.append(str(passage.status))


def waits(gate: Hexgate, tool: str, *, user: User | None = ALICE) -> Pending | None:
    with Run.here(gate, user) as run:
        return asyncio.run(run.waits(ToolCall(tool, {"amount": 5}), "call-1"))


@pytest.mark.parametrize(("tool", "user"), [("view", ALICE), ("wire", ALICE), ("drop", ALICE), ("wire", None)])
def test_in_sync_code_the_same_is_found_out(tool: str, user: User | None, tmp_path: Path) -> None:
    gate = Hexgate.from_policy(POLICY).using(approvals=ApprovalFile(tmp_path / "a.db"))
    found = waits(gate, tool, user=user)
    with Run.here(gate, user) as run:
        assert run.waits_here(ToolCall(tool, {"amount": 5}), "call-1") == found


def test_a_call_that_needs_a_human_is_kept_and_recorded_as_waiting(tmp_path: Path) -> None:
    store, kept = ApprovalFile(tmp_path / "a.db"), Kept()
    gate = Hexgate.from_policy(POLICY).using(approvals=store, recorder=kept)
    first, again = waits(gate, "wire"), waits(gate, "wire")
    assert first is not None
    assert first == again
    assert (first.binding.tool, first.binding.call_id, first.reason, first.state) == (
        "wire",
        "call-1",
        "money",
        "waiting",
    )
    assert kept.seen == ["approval_required", "waiting"] * 2


@pytest.mark.parametrize("tool", ["view", "noted", "drop", "unknown"])
def test_a_call_that_needs_no_human_waits_for_none(tmp_path: Path, tool: str) -> None:
    kept = Kept()
    gate = Hexgate.from_policy(POLICY).using(approvals=ApprovalFile(tmp_path / "a.db"), recorder=kept)
    assert (waits(gate, tool), kept.seen) == (None, [])


@pytest.mark.parametrize("yes", [True, False])
def test_an_answer_ends_the_waiting_whatever_it_is_and_is_used_by_the_call_alone(tmp_path: Path, yes: bool) -> None:
    store = ApprovalFile(tmp_path / "a.db")
    gate = Hexgate.from_policy(POLICY, audit="off").using(approvals=store)
    pending = waits(gate, "wire")
    assert pending is not None
    store.answer(pending.id, yes=yes, by="bob", now=time.time())
    assert (waits(gate, "wire"), waits(gate, "wire")) == (None, None)
    with Run.here(gate, ALICE) as run:
        result = run.call(ToolCall("wire", {"amount": 5}), lambda amount: "sent", call_id="call-1")
    assert result.ran is yes


def test_without_a_store_a_user_or_a_halting_guard_nobody_is_waited_for(tmp_path: Path) -> None:
    @before_tool
    def halt(call: Any, user: Any) -> Halt:
        return Halt("no")

    store = ApprovalFile(tmp_path / "a.db")
    gate = Hexgate.from_policy(POLICY, audit="off")
    assert waits(gate.using(), "wire") is None
    assert waits(gate.using(approvals=store, guards=[halt]), "wire") is None
    assert waits(gate.using(approvals=store), "wire", user=None) is None
    with Run.here(gate, ALICE) as run, User("bob", "support").sync_scope():
        assert asyncio.run(run.waits(ToolCall("wire", {}), "call-1")) is None
    assert store.every(0) == []


class Broken(ApprovalFile):
    """A store that cannot be written."""

    def ask(self, pending: Pending) -> Pending:
        raise sqlite3.OperationalError("disk I/O error")

    __slots__ = ()


def test_a_store_that_fails_lets_the_call_go_to_the_gate_which_denies_it(tmp_path: Path) -> None:
    gate = Hexgate.from_policy(POLICY, audit="off").using(approvals=Broken(tmp_path / "a.db"))
    assert waits(gate, "wire") is None
    with Run.here(gate, ALICE) as run:
        assert run.call(ToolCall("wire", {}), lambda: "sent").decision.code == "approval_failed"
