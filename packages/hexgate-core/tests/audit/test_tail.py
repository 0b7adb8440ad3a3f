"""The newest records of all streams come in the order of their times, and later ones exactly once."""

from __future__ import annotations

from pathlib import Path

import pytest

from hexgate.core import AuditError
from hexgate.core.audit import Spool, Tail
from hexgate.core.audit.event import Event
from hexgate.core.audit.lines import LONGEST_LINE


def write(spool: Spool, *times: str) -> None:
    """Writes an event for each time."""
    for at in times:
        spool.write(Event("decided", at, {"kind": "decided", "id": at, "at": at}))


def ids(records: list[dict[str, object]]) -> list[object]:
    """What the records are called."""
    return [record["id"] for record in records]


def test_the_newest_of_all_streams_come_in_order(tmp_path: Path) -> None:
    one, two = Spool(tmp_path), Spool(tmp_path)
    write(one, "1", "4", "5")
    write(two, "2", "3", "6")
    assert ids(Tail(tmp_path).last(10)) == ["1", "2", "3", "4", "5", "6"]
    assert ids(Tail(tmp_path).last(3)) == ["4", "5", "6"]
    assert Tail(tmp_path).last(0) == []
    one.close()
    two.close()


def test_the_newest_are_found_in_earlier_segments_as_well(tmp_path: Path) -> None:
    spool = Spool(tmp_path, segment_bytes=2000)
    times = [f"{number:03}" for number in range(50)]
    write(spool, *times)
    spool.close()
    assert len(list(tmp_path.glob("*.jsonl"))) > 5
    assert ids(Tail(tmp_path).last(30)) == times[-30:]
    assert ids(Tail(tmp_path).last(500)) == times


def test_what_comes_later_comes_once(tmp_path: Path) -> None:
    spool, tail = Spool(tmp_path, segment_bytes=2000), Tail(tmp_path)
    write(spool, "1", "2")
    assert ids(tail.last(1)) == ["2"]
    assert tail.more() == []
    for number in range(3, 30):
        write(spool, f"{number}")
        assert ids(tail.more()) == [f"{number}"]
    other = Spool(tmp_path)
    write(other, "x")
    spool.close()
    assert ids(tail.more()) == ["x"]
    other.close()
    assert tail.more() == []


def test_the_half_of_a_record_is_left_for_the_next_time(tmp_path: Path) -> None:
    spool, tail = Spool(tmp_path), Tail(tmp_path)
    write(spool, "1")
    [path] = tmp_path.glob("*.jsonl")
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    assert tail.last(5) == []
    path.write_bytes(whole)
    assert ids(tail.more()) == ["1"]
    spool.leave()


@pytest.mark.parametrize(
    "line", [b"?", b'{"stream":"a","seq":1,"prev":"%s","kind":"decided"' % (b"0" * 64), b"x" * 10, b"\xff"]
)
def test_what_is_no_record_is_passed_over(tmp_path: Path, line: bytes) -> None:
    spool = Spool(tmp_path)
    write(spool, "1")
    [path] = tmp_path.glob("*.jsonl")
    with path.open("ab") as file:
        file.write(line + b"\n")
    assert ids(Tail(tmp_path).last(5)) == ["1"]
    spool.leave()


def test_a_line_that_is_longer_than_any_record_ends_what_is_shown(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    write(spool, "1")
    [path] = tmp_path.glob("*.jsonl")
    with path.open("ab") as file:
        file.write(b"x" * (LONGEST_LINE + 10) + b"\n")
    assert ids(Tail(tmp_path).last(5)) == ["1"]
    spool.leave()


def test_a_segment_that_was_removed_meanwhile_is_passed_over(tmp_path: Path) -> None:
    spool, tail = Spool(tmp_path, segment_bytes=2000), Tail(tmp_path)
    write(spool, *map(str, range(20)))
    first = min(tmp_path.glob("*.jsonl"))
    files = tail.streams()[0]
    first.unlink()
    assert list(tail.read(files, 1, 0)) == []
    spool.close()


def test_a_directory_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(AuditError, match="cannot be read"):
        Tail(tmp_path / "nothing").last(1)
