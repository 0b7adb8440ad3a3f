"""What is written is on the disk when `write` returns, whole and chained, whatever happens around it."""

from __future__ import annotations

import errno
import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from hexgate.core import AuditError, Spool
from hexgate.core.audit import spool as spools
from hexgate.core.audit import writer as writers
from hexgate.core.audit.checking import verify
from hexgate.core.audit.event import Event
from hexgate.core.audit.files import streams_in
from hexgate.core.audit.lines import LONGEST_LINE
from hexgate.core.audit.mark import Mark, is_held, reached

EVENT = Event("decided", "1", {"kind": "decided", "id": "1"})
NOON = 1_800_000_000.0
FORK = multiprocessing.get_context("fork")


def said(directory: Path) -> list[dict[str, Any]]:
    """All records of a directory."""
    paths = sorted(directory.glob("*.jsonl"))
    return [orjson.loads(line) for path in paths for line in path.read_bytes().splitlines()]


def kinds(directory: Path) -> list[str]:
    """The kinds of all records of a directory."""
    return [record["kind"] for record in said(directory)]


def write(spool: Spool, times: int) -> None:
    """Writes so many records, or as many of them as can be written."""
    for _ in range(times):
        spool.write(EVENT)


def test_nothing_is_made_before_the_first_record(tmp_path: Path) -> None:
    Spool(tmp_path / "record").close()
    assert not (tmp_path / "record").exists()


def test_a_record_is_on_the_disk_when_write_returns(tmp_path: Path) -> None:
    spool = Spool(tmp_path, now=lambda: NOON)
    spool.write(EVENT)
    opened, decided = said(tmp_path)
    assert (opened["kind"], opened["segment"], opened["process"], opened["seq"]) == ("opened", 1, os.getpid(), 1)
    assert (decided["id"], decided["seq"], decided["stream"]) == ("1", 2, opened["stream"])
    assert opened["stream"].startswith("20270115T080000Z-")
    spool.close()


def test_the_record_is_for_its_owner_only(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "a/record")
    spool.write(EVENT)
    assert (tmp_path / "a/record").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "a/record").iterdir()} == {0o600}
    spool.close()


def test_a_closed_stream_is_sealed_and_a_later_record_begins_another_one(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.write(EVENT)
    spool.close()
    spool.close()
    assert kinds(tmp_path) == ["opened", "decided", "sealed"]
    spool.write(EVENT)
    assert len(streams_in(tmp_path)) == 2
    spool.close()
    assert verify(tmp_path).clean


def test_segments_are_no_larger_than_they_may_be(tmp_path: Path) -> None:
    spool = Spool(tmp_path, segment_bytes=3000)
    for _ in range(50):
        spool.write(EVENT)
    spool.close()
    sizes = [path.stat().st_size for path in tmp_path.glob("*.jsonl")]
    assert len(sizes) > 3
    assert max(sizes) <= 3000
    assert verify(tmp_path).findings == []


def test_threads_write_one_stream_and_no_record_is_lost(tmp_path: Path) -> None:
    spool = Spool(tmp_path, segment_bytes=20_000)
    threads = [threading.Thread(target=write, args=(spool, 200)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spool.close()
    report = verify(tmp_path)
    assert (report.findings, len(report.streams), report.streams[0].decided) == ([], 1, 1600)


def test_a_child_of_a_fork_has_a_stream_of_its_own(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.write(EVENT)

    def work() -> None:
        spool.write(EVENT)
        spool.close()

    child = FORK.Process(target=work)
    child.start()
    child.join()
    assert child.exitcode == 0
    spool.write(EVENT)
    spool.close()
    report = verify(tmp_path)
    assert report.findings == []
    assert sorted(stream.decided for stream in report.streams) == [1, 2]


def test_a_fork_waits_for_the_record_that_another_thread_is_writing(tmp_path: Path) -> None:
    spool = Spool(tmp_path, segment_bytes=5000)
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            spool.write(EVENT)

    thread = threading.Thread(target=write)
    thread.start()
    children = [FORK.Process(target=spool.write, args=(EVENT,)) for _ in range(10)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    stop.set()
    thread.join()
    spool.close()
    assert [child.exitcode for child in children] == [0] * 10
    assert verify(tmp_path).clean


def test_the_parent_keeps_its_stream_while_a_child_lives(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.write(EVENT)
    [files] = streams_in(tmp_path).values()
    read, send = os.pipe()
    child = FORK.Process(target=os.read, args=(read, 1))
    child.start()
    assert is_held(files.path("mark"))
    spool.close()
    os.write(send, b"x")
    child.join()
    assert verify(tmp_path).findings == []


def test_a_spool_that_is_made_while_a_fork_goes_on_is_not_let_go(tmp_path: Path) -> None:
    spools.hold()
    late = Spool(tmp_path)
    spools.go_on()
    late.write(EVENT)
    late.close()


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    """A disk that can be told to fail."""
    found = Disk()
    monkeypatch.setattr("hexgate.core.audit.writer.os.write", found.write)
    monkeypatch.setattr("hexgate.core.audit.writer.os.ftruncate", found.ftruncate)
    return found


class Disk:
    """Writes as the system does, until it is told otherwise."""

    def __init__(self) -> None:
        self.room: int | None = None
        self.error: BaseException | None = None
        self.after = False
        self.refused: bytes | None = None
        self.truncates = True
        self.real_write, self.real_truncate = os.write, os.ftruncate

    def write(self, handle: int, data: bytes) -> int:
        if self.error is not None:
            error, self.error = self.error, None
            if self.after:
                self.real_write(handle, data)
            raise error
        if self.refused is not None and self.refused in data:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        if self.room is None:
            return self.real_write(handle, data)
        if self.room == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written, self.room = self.real_write(handle, data[: self.room]), 0
        return written

    def ftruncate(self, handle: int, size: int) -> None:
        if not self.truncates:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        self.real_truncate(handle, size)


@pytest.mark.parametrize("room", [0, 1, 40])
def test_a_full_disk_refuses_records_and_the_next_one_says_how_many(tmp_path: Path, disk: Disk, room: int) -> None:
    spool = Spool(tmp_path)
    spool.write(EVENT)
    disk.room = room
    for _ in range(3):
        with pytest.raises(AuditError, match="cannot be written to ") as caught:
            spool.write(EVENT)
        assert caught.value.code == "HX902"
    disk.room = None
    spool.write(EVENT)
    spool.close()
    assert kinds(tmp_path) == ["opened", "decided", "lost", "decided", "sealed"]
    assert said(tmp_path)[2]["count"] == 3
    assert verify(tmp_path).clean


def test_a_disk_that_is_full_from_the_beginning_is_tried_again(tmp_path: Path, disk: Disk) -> None:
    spool = Spool(tmp_path)
    disk.room = 10
    with pytest.raises(AuditError):
        spool.write(EVENT)
    assert list(tmp_path.glob("*.jsonl")) == []
    disk.room = None
    spool.write(EVENT)
    spool.close()
    assert kinds(tmp_path) == ["opened", "lost", "decided", "sealed"]


def test_a_segment_that_cannot_be_opened_is_tried_again_behind_its_sealed_one(tmp_path: Path, disk: Disk) -> None:
    spool = Spool(tmp_path, segment_bytes=1800)
    spool.write(EVENT)
    disk.refused = b'"opened"'
    with pytest.raises(AuditError):
        write(spool, 5)
    disk.refused = None
    spool.write(EVENT)
    spool.close()
    assert kinds(tmp_path)[-6:] == ["decided", "sealed", "opened", "lost", "decided", "sealed"]
    assert verify(tmp_path).clean


@pytest.mark.parametrize("after", [False, True])
def test_an_interrupt_in_the_middle_of_a_write_loses_nothing_and_another_stream_is_begun(
    tmp_path: Path, disk: Disk, after: bool
) -> None:
    spool = Spool(tmp_path)
    spool.write(EVENT)
    disk.error, disk.after = KeyboardInterrupt(), after
    with pytest.raises(KeyboardInterrupt):
        spool.write(EVENT)
    spool.write(EVENT)
    spool.close()
    report = verify(tmp_path)
    assert report.clean
    assert sorted(stream.decided for stream in report.streams) == [1, 1 + after]


def test_a_half_that_cannot_be_taken_back_is_left_to_recovery(tmp_path: Path, disk: Disk) -> None:
    spool = Spool(tmp_path)
    spool.write(EVENT)
    disk.room, disk.truncates = 10, False
    with pytest.raises(AuditError):
        spool.write(EVENT)
    disk.room, disk.truncates = None, True
    spool.write(EVENT)
    spool.close()
    report = verify(tmp_path)
    assert report.clean
    assert sorted(finding.message for finding in report.findings) == [
        "1 record before this one could not be written",
        "the process ended without sealing the stream, and another one did; 10 bytes of a record were not written whole",
    ]


def test_closing_with_a_full_disk_leaves_the_seal_to_the_next_process(tmp_path: Path, disk: Disk) -> None:
    spool = Spool(tmp_path)
    spool.write(EVENT)
    disk.room = 0
    spool.close()
    disk.room = None
    assert verify(tmp_path).streams[0].state == "abandoned"
    spool.check()
    spool.close()
    assert verify(tmp_path).clean


def test_a_call_out_of_a_signal_handler_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    spool, raised = Spool(tmp_path), []
    spool.write(EVENT)

    def handler(*_: object) -> None:
        try:
            spool.write(EVENT)
        except AuditError as error:
            raised.append(error.message)

    before = signal.signal(signal.SIGUSR1, handler)
    try:
        spool.held(lambda: signal.raise_signal(signal.SIGUSR1))
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert raised == ["a record was being written when a signal asked for another one"]
    spool.close()


def test_a_segment_that_somebody_removed_is_noticed(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.write(EVENT)
    for path in tmp_path.iterdir():
        path.unlink()
    with pytest.raises(AuditError, match="was removed while it was written"):
        write(spool, writers.LOOKED_AFTER)
    spool.write(EVENT)
    assert "decided" in kinds(tmp_path)
    spool.close()


def test_a_directory_that_holds_as_much_as_it_may_takes_no_more(tmp_path: Path) -> None:
    seconds = [0.0]
    spool = Spool(tmp_path, segment_bytes=2000, most_bytes=8000, clock=lambda: seconds[0])
    with pytest.raises(AuditError, match="may hold 8,000"):
        write(spool, 100)
    held = sum(path.stat().st_size for path in tmp_path.iterdir())
    assert held <= 8000
    # Room is looked for once a second.
    for path in sorted(tmp_path.glob("*.jsonl"))[:2]:
        path.unlink()
    with pytest.raises(AuditError, match="as many as it may"):
        spool.write(EVENT)
    seconds[0] = 1.5
    spool.write(EVENT)
    spool.close()


def test_a_record_that_is_too_long_is_refused(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    with pytest.raises(AuditError, match=f"it has {LONGEST_LINE + 21:,} bytes"):
        spool.write(Event("decided", "1", {"kind": "x" * (LONGEST_LINE + 10)}))
    spool.close()


def test_a_place_that_is_a_file_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "record").write_text("")
    with pytest.raises(AuditError, match="cannot be made: ") as caught:
        Spool(tmp_path / "record").check()
    assert caught.value.code == "HX901"


def test_with_fsync_each_record_waits_for_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr("hexgate.core.audit.writer.os.fdatasync", synced.append)
    spool = Spool(tmp_path, fsync=True)
    spool.write(EVENT)
    spool.close()
    assert len(synced) == 3


def test_spools_that_nobody_holds_are_forgotten(tmp_path: Path) -> None:
    Spool(tmp_path)
    gc.collect()
    assert not any(spool.directory == tmp_path for spool in spools.spools)


def test_all_spools_are_sealed_at_the_end_of_a_process(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.write(EVENT)
    spools.close_spools()
    assert kinds(tmp_path)[-1] == "sealed"


def test_a_mark_is_held_by_one_process(tmp_path: Path) -> None:
    mark = Mark(tmp_path / "s.mark")
    mark.set(7, "a" * 64)
    with pytest.raises(BlockingIOError):
        Mark(tmp_path / "s.mark", new=False)
    assert is_held(tmp_path / "s.mark")
    known = reached(tmp_path / "s.mark")
    assert known is not None
    assert (known.number, known.link) == (7, "a" * 64)
    mark.end()
    assert not is_held(tmp_path / "s.ended")


def test_a_mark_that_was_renamed_while_it_was_waited_for_is_nobodys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = Mark(tmp_path / "s.mark")
    mark.close()
    (tmp_path / "s.other").write_bytes((tmp_path / "s.mark").read_bytes())
    real: Callable[..., int] = os.open

    def opened(path: Path, *rest: Any) -> int:
        handle = real(path, *rest)
        (tmp_path / "s.other").rename(tmp_path / "s.mark")
        return handle

    monkeypatch.setattr("hexgate.core.audit.mark.os.open", opened)
    with pytest.raises(BlockingIOError, match="was ended meanwhile"):
        Mark(tmp_path / "s.mark", new=False)


@pytest.mark.parametrize("content", [b"", b"HXGMARK1", b"?" * 80, b"HXGMARK1" + bytes(73)])
def test_a_mark_that_was_not_written_whole_says_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "s.mark").write_bytes(content)
    assert reached(tmp_path / "s.mark") is None
    assert reached(tmp_path / "none.mark") is None


def test_a_writer_without_a_segment_writes_nothing_and_lets_go(tmp_path: Path) -> None:
    writer = writers.Writer(tmp_path, "s", Mark(tmp_path / "s.mark"))
    with pytest.raises(OSError, match="no segment is open"):
        writer.append(b"{}")
    writer.leave()
    assert not is_held(tmp_path / "s.mark")


def test_a_stream_without_a_record_leaves_nothing(tmp_path: Path, disk: Disk) -> None:
    spool = Spool(tmp_path)
    disk.room = 0
    with pytest.raises(AuditError):
        spool.write(EVENT)
    disk.room = None
    spool.close()
    assert list(tmp_path.iterdir()) == []


def test_after_a_fork_the_child_begins_another_stream(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.write(EVENT)
    spools.hold()
    spools.go_on(forked=True)
    spool.write(EVENT)
    spool.close()
    report = verify(tmp_path)
    assert report.clean
    assert len(report.streams) == 2


def test_a_check_may_be_repeated_and_writes_no_more(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.check()
    spool.check()
    assert kinds(tmp_path) == ["opened"]
    spool.close()
