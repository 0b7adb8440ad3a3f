"""`hexgate audit`: the record for people and for machines, and whether it is as it was written."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hexgate.cli.commands.audit import tail as tails
from hexgate.core import Audit, Hexgate, Spool, User
from hexgate.core.audit.event import Event

Run = Callable[..., Any]
NOON = 1_800_000_000.0
POLICY = {
    "roles": {
        "billing": {
            "tools": {
                "refund": {"mode": "allow", "constraints": ["args.amount <= 500"]},
                "wire": {"mode": "approval_required"},
                "old": {"mode": "deny", "enforce": False},
            }
        }
    }
}


@pytest.fixture
def record(folder: Path) -> Path:
    """A record of some calls in the directory of the environment."""
    spool = Spool(folder / "record", now=lambda: NOON)
    make(spool)
    spool.close()
    return folder / "record"


def make(spool: Spool) -> None:
    """Makes some calls."""
    hexgate = Hexgate.from_policy(POLICY, agent="shop", audit=Audit(spool, now=lambda: NOON))
    alice, bob = User("alice", "billing"), User("bob\x1b[2J", "billing")
    hexgate.call("refund", {"amount": 400}, lambda **_: 1, user=alice)
    hexgate.call("refund", {"amount": 700}, lambda **_: 1, user=bob)
    hexgate.call("wire", {}, lambda: 1, user=alice)
    hexgate.call("old", {}, lambda: 1, user=alice)
    with pytest.raises(ZeroDivisionError):
        hexgate.call("refund", {"amount": 1}, lambda **_: 1 / 0, user=alice)


def test_a_record_that_is_whole_is_a_yes(record: Path, hexgate: Run) -> None:
    run = hexgate("audit", "verify")
    assert (run.code, run.err) == (0, "")
    assert run.out.splitlines()[-1] == f"✓ {record}: 12 records in 1 stream"
    assert "ended         12 records · 5 decisions" in run.out
    found = hexgate("audit", "verify", str(record), "--json").json
    assert (found["clean"], found["streams"][0]["decided"]) == (True, 5)


def test_a_record_that_was_changed_is_a_no_with_the_place(record: Path, hexgate: Run) -> None:
    [path] = record.glob("*.jsonl")
    path.write_bytes(path.read_bytes().replace(b'"amount":400', b'"amount":300'))
    run = hexgate("audit", "verify")
    assert run.code == 1
    assert run.out.startswith(f"fault: record 2 was changed\n  at {path.name}:2\n")
    assert run.out.splitlines()[-1] == f"✗ {record}: 12 records in 1 stream · 1 fault"
    assert hexgate("audit", "verify", "--json").json["findings"][0]["line"] == 2


def test_notes_are_told_and_are_no_fault(folder: Path, hexgate: Run) -> None:
    spool = Spool(folder / "record", now=lambda: NOON)
    make(spool)
    spool.leave()
    run = hexgate("audit", "verify")
    assert run.code == 0
    assert run.out.startswith("note: its process ended without sealing it; the next process that writes here does so\n")
    assert run.out.endswith("in 1 stream · 1 note\n")


def test_many_findings_are_counted(record: Path, hexgate: Run) -> None:
    [path] = record.glob("*.jsonl")
    path.write_bytes(b"?\n" * 200)
    run = hexgate("audit", "verify")
    assert "… and 152 more\n" in run.out


def test_calls_without_an_outcome_are_counted(folder: Path, hexgate: Run) -> None:
    spool = Spool(folder / "record", now=lambda: NOON)
    make(spool)
    spool.close()
    [path] = (folder / "record").glob("*.jsonl")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-2]))
    assert "5 decisions, 1 without an outcome" in hexgate("audit", "verify").out


def test_a_directory_that_is_not_there_is_a_mistake(folder: Path, hexgate: Run) -> None:
    for command in ("verify", "tail"):
        run = hexgate("audit", command, "nothing")
        assert run.code == 2
        assert run.err.startswith(
            "the audit directory `nothing` cannot be read: No such file or directory [HX911]\nhelp: "
        )


def test_the_newest_records_are_shown_a_line_each(record: Path, hexgate: Run) -> None:
    took = re.compile(r" in \d+\.\d ms$", re.MULTILINE)
    assert took.sub(" in 1 ms", hexgate("audit", "tail").out).splitlines() == [
        '08:00:00.000 ✓ alice (billing) → refund({"amount": 400}): allowed',
        "08:00:00.000   refund: ran in 1 ms",
        '08:00:00.000 ✗ bob·[2J (billing) → refund({"amount": 700}): constraint_failed; args.amount…',
        "08:00:00.000   refund: refused",
        "08:00:00.000 ? alice (billing) → wire({}): approval_required",
        "08:00:00.000   wire: waiting",
        "08:00:00.000 ✗ alice (billing) → old({}): tool_denied, only noted",
        "08:00:00.000   old: ran in 1 ms",
        '08:00:00.000 ✓ alice (billing) → refund({"amount": 1}): allowed',
        "08:00:00.000   refund: failed with ZeroDivisionError in 1 ms",
    ]


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ([], 10),
        (["-n", "3"], 3),
        (["-n", "0"], 0),
        (["--user", "alice"], 8),
        (["--tool", "refund"], 6),
        (["--outcome", "deny"], 4),
        (["--outcome", "deny", "--user", "alice"], 2),
        (["--user", "nobody"], 0),
    ],
)
def test_what_is_shown_can_be_chosen(record: Path, hexgate: Run, options: list[str], count: int) -> None:
    assert len(hexgate("audit", "tail", *options).out.splitlines()) == count
    lines = hexgate("audit", "tail", "--json", *options).out.splitlines()
    assert len([json.loads(line) for line in lines]) == count


def test_an_outcome_that_there_is_not_is_a_mistake(record: Path, hexgate: Run) -> None:
    run = hexgate("audit", "tail", "--outcome", "maybe")
    assert run.code == 2
    assert "`maybe` is none of allow, deny, approval_required" in run.err


def test_an_outcome_before_the_first_line_is_shown_as_one(record: Path, hexgate: Run) -> None:
    assert hexgate("audit", "tail", "-n", "1").out.startswith("08:00:00.000   a call before these: failed")


def test_what_comes_is_shown_until_it_is_interrupted(
    folder: Path, hexgate: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = Spool(folder / "record", now=lambda: NOON)
    spool.check()
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            raise KeyboardInterrupt
        make(spool)

    monkeypatch.setattr(tails, "wait", wait)
    run = hexgate("audit", "tail", "--follow")
    assert run.code == 0
    assert len(run.out.splitlines()) == 10
    spool.close()


def test_calls_whose_outcome_never_comes_are_forgotten(
    record: Path, hexgate: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tails, "MOST_OPEN", 0)
    assert "a call before these: ran" in hexgate("audit", "tail").out


def test_a_record_with_strange_values_is_shown_and_breaks_nothing(folder: Path, hexgate: Run) -> None:
    spool = Spool(folder / "record")
    spool.write(
        Event("decided", "1", {"kind": "decided", "id": 5, "tool": "\x1b[31m", "violations": None, "arguments": [1]})
    )
    spool.write(Event("settled", "1", {"kind": "settled", "milliseconds": "soon"}))
    spool.close()
    out = hexgate("audit", "tail").out
    assert "\x1b" not in out
    assert len(out.splitlines()) == 2
    assert "\x1b" not in hexgate("audit", "tail", "--json").out
