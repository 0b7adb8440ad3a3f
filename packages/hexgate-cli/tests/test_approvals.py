"""Calls that wait for a human are looked at and answered from a terminal, and the answer counts where the agent runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import hexgate.core
from hexgate.core import ApprovalFile, User

Hexgate = Callable[..., Any]
ALICE = User("alice", "support")


@pytest.fixture
def agent(folder: Path) -> hexgate.core.Hexgate:
    """An agent that keeps its requests where the command looks for them."""
    return hexgate.core.Hexgate.from_policy("policy.yaml").using(approvals=ApprovalFile(".hexgate/approvals.db"))


def asks(agent: hexgate.core.Hexgate, tool: str = "wire", **arguments: Any) -> str:
    """The id of a request that waits."""
    result = agent.call(tool, arguments, lambda **_: "sent", user=ALICE)
    assert result.approval_id is not None
    return result.approval_id


def test_a_request_is_listed_shown_approved_and_used(hexgate: Hexgate, agent: hexgate.core.Hexgate) -> None:
    id = asks(agent, amount=5)
    assert hexgate("approvals", "list").out == f'{id}  waiting   alice → wire({{"amount": 5}})\n'
    shown = hexgate("approvals", "show", id[:14])
    assert shown.code == 0
    assert '  arguments {"amount": 5}\n' in shown.out
    assert "  approvers the role finance and not the caller\n" in shown.out
    assert "answered" not in shown.out
    approved = hexgate("approvals", "approve", id, "--as", "bob", "--roles", "finance, staff")
    assert (approved.code, approved.out.splitlines()[0]) == (0, f"{id} · approved")
    assert "  answered  bob, 20" in approved.out
    assert agent.call("wire", {"amount": 5}, lambda **_: "sent", user=ALICE).value == "sent"
    assert hexgate("approvals", "list").out == "nothing waits\n"
    assert hexgate("approvals", "list", "--all", "--json").json["requests"][0]["state"] == "used"


def test_a_no_denies_the_call(hexgate: Hexgate, agent: hexgate.core.Hexgate) -> None:
    id = asks(agent, "page")
    assert hexgate("approvals", "deny", id, "--as", "bob", "--json").json["state"] == "denied"
    assert agent.call("page", {}, lambda: "sent", user=ALICE).decision.code == "approval_refused"


def test_who_may_not_answer_is_told_who_may(hexgate: Hexgate, agent: hexgate.core.Hexgate) -> None:
    id = asks(agent, amount=5)
    run = hexgate("approvals", "approve", id, "--as", "alice", "--roles", "finance")
    assert (run.code, "[HX805]" in run.err, "help: somebody with the role `finance`" in run.err) == (1, True, True)


def test_a_request_that_is_not_there_or_not_one_is_told(hexgate: Hexgate, agent: hexgate.core.Hexgate) -> None:
    asks(agent, amount=5)
    asks(agent, amount=6)
    for id, words in (("nothing", "there is no request `nothing`"), ("approval-", "is the beginning of 2 requests")):
        run = hexgate("approvals", "show", id)
        assert (run.code, words in run.err, "[HX803]" in run.err) == (1, True, True)


def test_nothing_is_made_by_looking(hexgate: Hexgate, folder: Path) -> None:
    run = hexgate("approvals", "list")
    assert (run.code, "there is no file `.hexgate/approvals.db`" in run.err) == (2, True)
    assert not (folder / ".hexgate").exists()


def test_a_file_without_requests_says_so(hexgate: Hexgate, agent: hexgate.core.Hexgate) -> None:
    assert hexgate("approvals", "list", "--all").out == "there are no requests\n"
