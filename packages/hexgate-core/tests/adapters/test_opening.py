"""What a user passes to a door becomes one gate; a `Hexgate` that was set up stays as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from hexgate.core import ApprovalFile, Halt, Hexgate, PolicyError, User, before_tool
from hexgate.core.adapters import Parts, opened

POLICY = {"tools": {"wire": {"mode": "approval_required"}}}
ALICE = User("alice")


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HEXGATE_LOCAL_POLICY", raising=False)


def test_a_policy_and_what_stands_around_it_become_a_gate() -> None:
    @before_tool(tool_names=["mail"])
    def halt(call: object, user: object) -> Halt:
        return Halt("no mail")

    gate = opened(Parts(policy=POLICY, approval_handler=True, guards=[halt]), "bot")
    assert (gate.agent, gate.gate.setting.guards) == ("bot", (halt,))
    assert gate.call("wire", {}, lambda: "sent", user=ALICE).value == "sent"


def test_a_gate_that_was_set_up_is_taken_as_it_is() -> None:
    gate = Hexgate.from_policy(POLICY, agent="mine").using(approval_handler=True)
    setting = gate.gate.setting
    assert opened(Parts(policy=gate, approval_handler=False), "bot") is gate
    assert gate.gate.setting is setting


def test_without_a_policy_the_environment_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PolicyError, match="HX720"):
        opened(Parts(), "bot")
    (tmp_path / "p.yaml").write_text("tools: {view: {mode: allow}}")
    monkeypatch.setenv("HEXGATE_LOCAL_POLICY", str(tmp_path / "p.yaml"))
    assert opened(Parts(), "bot").decide("view", user=ALICE).allowed


def test_requests_for_approval_are_kept_where_it_is_said_or_where_the_command_looks(tmp_path: Path) -> None:
    assert opened(Parts(policy=POLICY), "bot").gate.setting.store is None
    assert not Path(".hexgate").exists()
    opened(Parts(policy=POLICY, approvals="pause"), "bot").call("wire", {}, lambda: "sent", user=ALICE)
    assert len(ApprovalFile(".hexgate/approvals.db").every(0)) == 1
    store = ApprovalFile(tmp_path / "mine.db")
    assert opened(Parts(policy=POLICY, approvals=store), "bot").gate.setting.store is store


@pytest.mark.parametrize(
    ("parts", "pauses"),
    [
        (Parts(), False),
        (Parts(approvals="pause"), True),
        (Parts(approvals="pause", approval_handler=False), False),
    ],
)
def test_a_run_pauses_where_it_may_and_nobody_is_there_to_be_asked(parts: Parts, pauses: bool) -> None:
    assert parts.pauses is pauses


def test_what_is_given_by_name_becomes_the_parts_of_a_door_and_what_is_not_has_its_default() -> None:
    assert Parts.of({}) == Parts(allow_ungated=frozenset())
    assert Parts.of({"approvals": "pause"}).pauses
    assert Parts.of({"allow_ungated": ["web_search"]}).allow_ungated == frozenset({"web_search"})
