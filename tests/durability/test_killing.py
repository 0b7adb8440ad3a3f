"""A process may be killed at any moment: what it did is in its record, and the record reaches the receiver."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from hexgate.core.audit import Shipper, Spool, verify
from hexgate.core.audit.recovery import recover
from tests.durability.receiver import HttpTransport, received, serving
from tests.end_to_end.pages import ROOT

KILLS = 200


def kill(folder: Path, port: int, count: int, seed: int) -> list[str]:
    """Runs and kills so many processes; what their tools did."""
    command = [sys.executable, "-m", "tests.durability.killed", str(folder), str(port), str(count), str(seed)]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert made.returncode == 0, made.stderr
    return (folder / "acted").read_text().split()


def records(lines: Iterable[bytes]) -> list[dict[str, Any]]:
    """The lines, read."""
    return [orjson.loads(line) for line in lines]


def decided_calls(lines: Iterable[bytes]) -> dict[str, str]:
    """What was decided about each call."""
    found = records(lines)
    return {record["call_id"]: record["outcome"] for record in found if record["kind"] == "decided"}


def test_whatever_was_done_before_a_kill_is_in_the_record_and_the_record_is_whole(tmp_path: Path) -> None:
    acted = kill(tmp_path, 0, KILLS, seed=1)
    recover(tmp_path / "record", 0)
    report = verify(tmp_path / "record")
    assert report.clean, report.findings
    assert len(report.streams) > KILLS / 2
    assert {stream.state for stream in report.streams} == {"ended"}
    lines = [line for path in (tmp_path / "record").glob("*.jsonl") for line in path.read_bytes().splitlines()]
    decided = decided_calls(lines)
    assert len(acted) > KILLS
    assert len(acted) == len(set(acted))
    assert {id for id in acted if decided.get(id) not in ("allow", "approval_required")} == set()
    # A process has one call at a time, so there is one at most whose outcome was not written.
    assert max(stream.without_outcome for stream in report.streams) == 1


def test_a_receiver_gets_every_record_of_processes_that_were_killed_while_they_shipped(tmp_path: Path) -> None:
    with serving() as receiver:
        acted = kill(tmp_path, receiver.address[1], 60, seed=2)
        shipper = Shipper(tmp_path / "record", HttpTransport(receiver.address, seconds=10))
        Spool(tmp_path / "record").check()
        while shipper.round() == 0 or list((tmp_path / "record").glob("*.ended")):
            pass
    streams = received(receiver.lines)
    assert len(streams) > 30
    for numbers in streams.values():
        assert sorted(numbers) == list(range(1, len(numbers) + 1))
    decided = decided_calls(receiver.lines)
    assert {id for id in acted if id not in decided} == set()
