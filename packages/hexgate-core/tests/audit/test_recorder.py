"""What the record says of a call, when it is required, and what the sinks beside the spool may do."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from hexgate.core import ApprovalFile, Audit, AuditError, Hexgate, Spool, User, after_tool, before_tool
from hexgate.core.audit import CallableSink, JsonLines
from hexgate.core.audit.event import Event
from hexgate.core.audit.place import default_directory, recorder_of, spool_of
from hexgate.core.gate.guards import Halt, Replace
from hexgate.core.gate.passage import Passage, Status
from hexgate.core.gate.records import NoRecord

NOON = 1_800_000_000.0
ALICE = User("alice", "billing", session_id="s-1")
MakePassage = Callable[..., Passage]
POLICY = {
    "roles": {
        "billing": {
            "tools": {
                "refund": {"mode": "allow", "constraints": ["args.amount <= 500"]},
                "wire": {"mode": "approval_required"},
                "noted": {"mode": "deny", "enforce": False},
            }
        }
    }
}


def gate(events: list[dict[str, Any]], **around: Any) -> Hexgate:
    """A gate whose events are put into a list."""
    audit = Audit(sinks=[events.append], project="shop", now=lambda: NOON)
    return Hexgate.from_policy(POLICY, agent="support-bot", audit=audit).using(**around)


def test_a_call_is_two_records_of_one_id() -> None:
    events: list[dict[str, Any]] = []
    gate(events).call("refund", {"amount": 400}, lambda **_: "done", user=ALICE, call_id="call-7")
    decided, settled = events
    assert decided == {
        "kind": "decided",
        "id": decided["id"],
        "at": "2027-01-15T08:00:00+00:00",
        "call_id": "call-7",
        "project": "shop",
        "agent": "support-bot",
        "user_id": "alice",
        "session_id": "s-1",
        "roles": ["billing"],
        "tool": "refund",
        "arguments": {"amount": 400},
        "outcome": "allow",
        "code": "allowed",
        "deciding_role": "billing",
        "rule": {"role": "billing", "tool": "refund", "document": None, "line": None},
        "violations": [],
        "monitored": False,
        "policy": decided["policy"],
        "engine": "native",
    }
    assert (settled["kind"], settled["id"], settled["status"]) == ("settled", decided["id"], "ran")
    assert settled["milliseconds"] >= 0
    assert "done" not in str(events)


def test_a_tool_that_fails_is_recorded_by_the_type_of_its_exception_and_not_by_its_words() -> None:
    events: list[dict[str, Any]] = []

    def fails(**_: Any) -> None:
        raise ValueError("hunter2")

    with pytest.raises(ValueError, match="hunter2"):
        gate(events).call("refund", {"amount": 4}, fails, user=ALICE)
    assert (events[1]["status"], events[1]["error"]) == ("failed", "ValueError")
    assert "hunter2" not in str(events)


def test_who_approved_is_in_the_record() -> None:
    events: list[dict[str, Any]] = []
    gate(events, approval_handler=True).call("wire", {}, lambda: 1, user=ALICE)
    assert events[0]["outcome"] == "approval_required"
    assert set(events[0]["approved"]) == {"by", "at"}
    assert events[1]["status"] == "ran"


def test_what_waits_for_an_approval_names_the_request(tmp_path: Path) -> None:
    events: list[dict[str, Any]] = []
    result = gate(events, approvals=ApprovalFile(tmp_path / "a.db")).call("wire", {}, lambda: 1, user=ALICE)
    assert events[0]["approval_id"] == result.approval_id
    assert events[1]["status"] == "waiting"


def test_guards_are_in_the_record_and_their_words_without_secrets() -> None:
    events: list[dict[str, Any]] = []

    @before_tool
    def rewrite(call: Any, _: Any) -> dict[str, Any]:
        return {**call.arguments, "amount": 5}

    @before_tool(tool_names=["wire"])
    def halt(_: Any, __: Any) -> Halt:
        return Halt("the key AKIAABCDEFGHIJKLMNOP is in it")

    @after_tool
    def replaced(_: Any, __: Any, ___: Any) -> Replace:
        return Replace("another")

    guarded = gate(events, guards=[rewrite, halt, replaced])
    guarded.call("refund", {"amount": 900}, lambda **_: 1, user=ALICE)
    guarded.call("wire", {}, lambda **_: 1, user=ALICE)
    assert (events[0]["arguments"], events[0]["rewritten_by"]) == ({"amount": 5}, ["rewrite"])
    assert events[1]["replaced_by"] == ["replaced"]
    assert (events[2]["code"], events[2]["detail"]) == ("guard_halted", "the key [secret:aws_access_key] is in it")


def test_monitor_mode_and_nobody_are_recorded_as_what_they_are() -> None:
    events: list[dict[str, Any]] = []
    noted = gate(events)
    noted.call("noted", {}, lambda: 1, user=ALICE)
    noted.call("refund", {}, lambda: 1)
    assert (events[0]["outcome"], events[0]["monitored"], events[1]["status"]) == ("deny", True, "ran")
    assert (events[2]["user_id"], events[2]["code"], events[3]["status"]) == (None, "no_user", "refused")


def test_names_and_details_in_a_record_are_no_longer_than_they_may_be(passage: MakePassage) -> None:
    events: list[dict[str, Any]] = []
    audit = Audit(sinks=[events.append])
    one = passage(call_id="c" * 5000)
    one.refuse("guard_halted", "d" * 5000)
    one.decision = replace_decision(one, violations=("v",) * 500, roles=("r",) * 500)
    audit.reserve(one)
    assert len(events[0]["call_id"]) == 256
    assert len(events[0]["detail"]) == 1024
    assert len(events[0]["violations"]) == len(events[0]["roles"]) == 50


def replace_decision(passage: Passage, **changes: Any) -> Any:
    """The decision of a passage with some parts changed."""
    return passage.decided._replace(**changes)


class FullDisk(Spool):
    """A spool that takes nothing."""

    def write(self, event: Event) -> None:
        raise AuditError("HX902", "the disk is full")


def test_where_the_record_is_required_a_full_disk_denies(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    audit = Audit(FullDisk(tmp_path), mode="required")
    ran: list[int] = []
    result = Hexgate.from_policy(POLICY, audit=audit).call(
        "refund", {"amount": 4}, lambda **_: ran.append(1), user=ALICE
    )
    assert (result.decision.code, result.status, ran) == ("not_recorded", Status.REFUSED, [])
    assert "the disk is full" in caplog.text


def test_where_it_is_kept_at_best_effort_the_tool_runs_and_the_loss_is_counted_and_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    seconds = [NOON]
    audit = Audit(FullDisk(tmp_path), now=lambda: seconds[0])
    hexgate = Hexgate.from_policy(POLICY, audit=audit)
    for _ in range(5):
        assert hexgate.call("refund", {"amount": 4}, lambda **_: 1, user=ALICE).ran
    assert audit.failed == 10
    assert len(caplog.records) == 1
    seconds[0] += 61
    hexgate.call("refund", {"amount": 4}, lambda **_: 1, user=ALICE)
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2


def test_a_sink_that_fails_takes_nothing_from_the_others(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    events: list[dict[str, Any]] = []

    def broken(_: dict[str, Any]) -> None:
        raise RuntimeError("no")

    spool = Spool(tmp_path)
    audit = Audit(spool, [broken, events.append], mode="required")
    assert Hexgate.from_policy(POLICY, audit=audit).call("refund", {"amount": 4}, lambda **_: 1, user=ALICE).ran
    assert len(events) == 2
    assert caplog.text.count("did not take an event") == 1
    audit.close()
    [path] = tmp_path.glob("*.jsonl")
    assert path.read_bytes().count(b"\n") == 4


def test_lines_of_json_go_to_a_stream(passage: MakePassage, capsys: pytest.CaptureFixture[str]) -> None:
    text = io.StringIO()
    audit = Audit(sinks=[JsonLines(text), JsonLines()])
    one = passage()
    audit.settle(audit.reserve(one), one)
    lines = [orjson.loads(line) for line in text.getvalue().splitlines()]
    assert [line["kind"] for line in lines] == ["decided", "settled"]
    assert capsys.readouterr().out == text.getvalue()


def test_an_outcome_without_a_ticket_is_no_record(passage: MakePassage) -> None:
    events: list[dict[str, Any]] = []
    audit = Audit(sinks=[CallableSink(events.append)])
    audit.settle(None, passage())
    audit.close()
    assert events == []


def test_an_event_shows_no_arguments(passage: MakePassage) -> None:
    assert repr(Event("decided", "1", {"kind": "decided", "secret": 1})) == "Event(kind='decided', id='1')"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Audit(mode="required"), "needs a spool"),
        (lambda: Audit(mode="sometimes"), "not `sometimes`"),  # type: ignore[arg-type]
        (lambda: Hexgate.from_policy(POLICY, audit="sometimes"), "not `sometimes`"),  # type: ignore[arg-type]
        (lambda: Hexgate.from_policy(POLICY, audit=True), "not `True`"),  # type: ignore[arg-type]
    ],
)
def test_a_record_that_cannot_be_kept_so_is_a_mistake(make: Callable[[], object], said: str) -> None:
    with pytest.raises(AuditError, match=said) as caught:
        make()
    assert caught.value.code == "HX903"


def test_the_record_lies_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    home = str(Path.home())
    monkeypatch.setattr("hexgate.core.audit.place.sys.platform", "linux")
    assert default_directory({"HEXGATE_AUDIT_DIR": "/var/audit"}) == Path("/var/audit")
    assert default_directory({"XDG_STATE_HOME": "/state"}) == Path("/state/hexgate/audit")
    assert default_directory({"XDG_STATE_HOME": "relative"}) == Path(f"{home}/.local/state/hexgate/audit")
    assert default_directory({"HEXGATE_AUDIT_DIR": ""}) == Path(f"{home}/.local/state/hexgate/audit")
    monkeypatch.setattr("hexgate.core.audit.place.sys.platform", "darwin")
    assert default_directory({}) == Path(f"{home}/Library/Application Support/hexgate/audit")


def test_the_record_is_required_where_a_live_key_says_that_this_is_production() -> None:
    def mode(choice: Any, key: str) -> str:
        recorder = recorder_of(choice, None, {"HEXGATE_API_KEY": key, "HEXGATE_AUDIT_DIR": "x"})
        assert isinstance(recorder, Audit)
        return recorder.mode

    assert [mode(None, key) for key in ("", "fty_test_a_b", "fty_live_a_b")] == [
        "best_effort",
        "best_effort",
        "required",
    ]
    assert mode("best_effort", "fty_live_a_b") == "best_effort"
    assert isinstance(recorder_of("off", None, {}), NoRecord)


def test_all_gates_of_a_process_write_one_stream(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXGATE_AUDIT_DIR", str(tmp_path))
    for _ in range(3):
        Hexgate.from_policy(POLICY).call("refund", {"amount": 4}, lambda **_: 1, user=ALICE)
    assert len(list(tmp_path.glob("*.jsonl"))) == 1
    assert spool_of(tmp_path) is spool_of(tmp_path)
    spool_of(tmp_path).close()
