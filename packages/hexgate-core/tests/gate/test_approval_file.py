"""Requests for approvals in a file survive, are answered by another process, and count once."""

from __future__ import annotations

import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from hexgate.core.gate.approval_file import ApprovalError, ApprovalFile
from hexgate.core.gate.approvals import Approval, Binding, Pending

BINDING = Binding("shop", "alice", "s-1", "agent", "wire", "sha256:0", "call-1", "sha256:1")
ASKED = 1000.0
PENDING = Pending(
    "approval-1",
    BINDING,
    {"amount": 5},
    "finance limit",
    ("support",),
    {"role": "finance", "not": "caller"},
    ASKED,
    2000.0,
)


@pytest.fixture
def store(tmp_path: Path) -> ApprovalFile:
    return ApprovalFile(tmp_path / "there" / "approvals.db")


def test_a_request_is_kept_as_it_was_asked(store: ApprovalFile) -> None:
    assert store.ask(PENDING) == PENDING
    assert ApprovalFile(store.path).find("approval-1", ASKED) == PENDING
    assert store.every(ASKED) == [PENDING]
    assert store.find("approval-2", ASKED) is None


def test_the_file_is_for_its_owner_only(store: ApprovalFile) -> None:
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600


def test_the_same_call_asks_once_while_its_request_waits_or_was_denied(store: ApprovalFile) -> None:
    store.ask(PENDING)
    assert store.ask(replace(PENDING, id="approval-2")).id == "approval-1"
    store.answer("approval-1", yes=False, by="bob", roles=["finance"], now=ASKED)
    assert store.ask(replace(PENDING, id="approval-2")).state == "denied"
    assert store.use(BINDING.digest, ASKED) is None


@pytest.mark.parametrize(
    "change", [{"user_id": "mallory"}, {"arguments": "sha256:2"}, {"call_id": None}, {"policy": "sha256:2"}]
)
def test_an_approval_is_for_its_binding_alone(store: ApprovalFile, change: dict[str, str]) -> None:
    store.ask(PENDING)
    store.answer("approval-1", yes=True, by="bob", roles=["finance"], now=ASKED)
    assert store.use(replace(BINDING, **change).digest, ASKED) is None
    assert store.use(BINDING.digest, ASKED) == Approval(BINDING.digest, "bob", ASKED)


def test_an_approval_is_used_once_however_many_ask_at_once(store: ApprovalFile) -> None:
    store.ask(PENDING)
    store.answer("approval-1", yes=True, by="bob", roles=["finance"], now=ASKED)
    with ThreadPoolExecutor(8) as pool:
        used = list(pool.map(lambda _: store.use(BINDING.digest, ASKED), range(16)))
    assert sum(approval is not None for approval in used) == 1
    assert store.ask(replace(PENDING, id="approval-2")).id == "approval-2"


def test_what_is_not_answered_or_used_in_time_has_expired(store: ApprovalFile) -> None:
    store.ask(PENDING)
    assert store.every(2000.0)[0].state == "expired"
    with pytest.raises(ApprovalError, match="is expired") as caught:
        store.answer("approval-1", yes=True, by="bob", roles=["finance"], now=2000.0)
    assert caught.value.code == "HX804"
    store.answer("approval-1", yes=True, by="bob", roles=["finance"], now=1999.0)
    assert store.use(BINDING.digest, 2000.0) is None
    assert store.ask(replace(PENDING, id="approval-2", asked_at=2000.0, expires_at=3000.0)).state == "waiting"


@pytest.mark.parametrize(("by", "roles"), [("bob", []), ("bob", ["support"]), ("alice", ["finance"])])
def test_only_who_the_rule_names_may_answer(store: ApprovalFile, by: str, roles: list[str]) -> None:
    store.ask(PENDING)
    for yes in (True, False):
        with pytest.raises(ApprovalError, match="may not answer") as caught:
            store.answer("approval-1", yes=yes, by=by, roles=roles, now=ASKED)
    assert (caught.value.code, caught.value.help) == (
        "HX805",
        "somebody with the role `finance` has to, and not the caller",
    )
    assert store.every(ASKED)[0].state == "waiting"


def test_a_rule_that_excludes_the_caller_alone_says_so(store: ApprovalFile) -> None:
    store.ask(replace(PENDING, approvers={"not": "caller"}))
    with pytest.raises(ApprovalError, match="help: somebody else has to, and not the caller"):
        store.answer("approval-1", yes=True, by="alice", now=ASKED)


def test_an_answer_to_nothing_is_told(store: ApprovalFile) -> None:
    with pytest.raises(ApprovalError, match="there is no request `approval-9`"):
        store.answer("approval-9", yes=True, by="bob", now=ASKED)


def test_what_is_long_over_is_forgotten(store: ApprovalFile) -> None:
    store.ask(PENDING)
    later = 2000.0 + 31 * 24 * 3600
    store.ask(
        replace(
            PENDING, id="approval-2", binding=replace(BINDING, call_id="call-2"), asked_at=later, expires_at=later + 1
        )
    )
    assert [pending.id for pending in store.every(later)] == ["approval-2"]


def test_another_process_answers(store: ApprovalFile) -> None:
    store.ask(PENDING)
    script = (
        "import sys; from hexgate.core.gate.approval_file import ApprovalFile\n"
        "ApprovalFile(sys.argv[1]).answer('approval-1', yes=True, by='bob', roles=['finance'], now=1500.0)"
    )
    subprocess.run([sys.executable, "-c", script, str(store.path)], check=True)
    assert store.use(BINDING.digest, 1600.0) == Approval(BINDING.digest, "bob", 1500.0)
