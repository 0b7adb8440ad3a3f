"""Streams of processes that were killed are sealed by the next one, and nothing that was written whole is taken away."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from hexgate.core.audit import Spool, verify
from hexgate.core.audit.event import Event
from hexgate.core.audit.files import StreamFiles, streams_in
from hexgate.core.audit.mark import Mark
from hexgate.core.audit.recovery import recover, recovered
from hexgate.core.audit.report import Report

EVENT = Event("decided", "1", {"kind": "decided", "id": "1"})
Killed = Callable[..., StreamFiles]


@pytest.fixture
def killed(tmp_path: Path) -> Killed:
    """A stream whose process let go of it without a seal."""

    def made(records: int = 3, segment_bytes: int = 2**20) -> StreamFiles:
        spool = Spool(tmp_path, segment_bytes=segment_bytes)
        for _ in range(records):
            spool.write(EVENT)
        spool.leave()
        [files] = streams_in(tmp_path).values()
        return files

    return made


def set_back(files: StreamFiles, number: int) -> None:
    """Makes a stream one that did not end, and whose mark knows that many records."""
    for path in files.directory.glob("*.ended"):
        path.unlink()
    mark = Mark(files.path("mark"), new=not files.path("mark").exists())
    mark.set(number, "0" * 64)
    mark.close()


def faults(report: Report) -> list[str]:
    """The words of all faults."""
    return [finding.message for finding in report.findings if finding.fault]


def test_a_stream_that_was_left_is_sealed(killed: Killed, tmp_path: Path) -> None:
    killed()
    assert verify(tmp_path).streams[0].state == "abandoned"
    assert recover(tmp_path, 0) == 1
    report = verify(tmp_path)
    assert (report.clean, report.streams[0].state, report.streams[0].records) == (True, "ended", 5)
    assert recover(tmp_path, 0) == 0


def test_a_stream_that_is_cut_off_in_the_middle_of_a_record_keeps_all_others(killed: Killed, tmp_path: Path) -> None:
    files = killed()
    whole = files.segments[1].read_bytes()
    for size in range(len(whole)):
        files.segments[1].write_bytes(whole[:size])
        records = whole[:size].count(b"\n")
        set_back(files, records)
        recover(tmp_path, 0)
        kept = files.segments[1].read_bytes() if files.segments[1].exists() else b""
        assert kept.startswith(whole[:size].rpartition(b"\n")[0]), size
        assert kept.count(b"\n") == (records + 1 if records else 0), size
        assert verify(tmp_path).clean, size


def test_records_that_were_cut_off_before_recovery_are_not_covered_up(killed: Killed, tmp_path: Path) -> None:
    files = killed()
    lines = files.segments[1].read_bytes().splitlines(keepends=True)
    files.segments[1].write_bytes(b"".join(lines[:-2]))
    recover(tmp_path, 0)
    assert faults(verify(tmp_path)) == ["2 records were missing at the end when the stream was recovered"]


def test_a_stream_all_of_which_is_gone_is_not_covered_up(killed: Killed, tmp_path: Path) -> None:
    files = killed()
    files.segments[1].unlink()
    assert recover(tmp_path, 0) == 1
    assert "all of its segments are missing" in faults(verify(tmp_path))


@pytest.mark.parametrize("content", [None, b"", b'{"stream":"x'])
def test_a_stream_that_was_killed_before_its_first_record_leaves_nothing(tmp_path: Path, content: bytes | None) -> None:
    stream = "20270115T080000Z-0123456789abcdef"
    Mark(tmp_path / f"{stream}.mark").close()
    if content is not None:
        (tmp_path / f"{stream}.000001.jsonl").write_bytes(content)
    assert recover(tmp_path, 0) == 0
    assert list(tmp_path.iterdir()) == []


def test_a_stream_that_was_killed_between_two_segments_is_sealed(killed: Killed, tmp_path: Path) -> None:
    files = killed(8, segment_bytes=1800)
    last = files.segments[files.last]
    for content in (None, b"", b'{"stream"'):
        if content is None:
            last.unlink()
        else:
            last.write_bytes(content)
        before = files.segments[files.last - 1].read_bytes()
        number = int(before.splitlines()[-1].split(b'"seq":')[1].split(b",")[0])
        set_back(files, number)
        assert recover(tmp_path, 0) == 1
        assert verify(tmp_path).clean


def test_a_stream_that_was_killed_behind_its_last_seal_is_only_renamed(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.write(EVENT)
    spool.close()
    [files] = streams_in(tmp_path).values()
    before = files.segments[1].read_bytes()
    set_back(files, 2)
    assert recover(tmp_path, 0) == 1
    assert files.segments[1].read_bytes() == before
    assert verify(tmp_path).findings == []


def test_a_stream_that_somebody_writes_is_left_alone(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.write(EVENT)
    assert recover(tmp_path, 0) == 0
    spool.write(EVENT)
    spool.close()
    assert verify(tmp_path).findings == []


def test_a_stream_that_ended_a_moment_ago_is_left_alone(tmp_path: Path, killed: Killed) -> None:
    files = killed()
    recover(tmp_path, 0)
    before = sorted(path.name for path in tmp_path.iterdir())
    assert not recovered(files, 0)
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_a_stream_without_a_mark_is_sealed_with_a_new_one(killed: Killed, tmp_path: Path) -> None:
    files = killed()
    files.path("mark").unlink()
    assert recover(tmp_path, 0) == 1
    assert verify(tmp_path).clean


def test_a_stream_that_ends_with_no_record_of_ours_is_left_for_people(killed: Killed, tmp_path: Path) -> None:
    files = killed()
    files.segments[1].write_bytes(b"something else\n")
    assert recover(tmp_path, 0) == 0
    assert files.segments[1].read_bytes() == b"something else\n"
    assert "the line is no record" in faults(verify(tmp_path))


def test_a_directory_that_is_read_only_is_left_as_it_is(
    killed: Killed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed()

    def read_only(path: object, flags: int, *rest: object) -> int:
        raise PermissionError(13, "Permission denied")

    before = os.open
    monkeypatch.setattr("hexgate.core.audit.mark.os.open", read_only)
    assert recover(tmp_path, 0) == 0
    monkeypatch.setattr("hexgate.core.audit.mark.os.open", before)
    assert recover(tmp_path, 0) == 1
