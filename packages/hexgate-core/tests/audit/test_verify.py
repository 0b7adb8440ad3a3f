"""Whatever is done to a record that was written is found, with the place, and a record that was left alone is clean."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hexgate.core import AuditError
from hexgate.core.audit import Audit, Spool, reading, verify
from hexgate.core.audit.event import Event
from hexgate.core.audit.files import streams_in
from hexgate.core.audit.lines import BEGINNING, LONGEST_LINE, line_of
from hexgate.core.audit.mark import reached
from hexgate.core.audit.reading import Position
from hexgate.core.audit.report import MOST_FINDINGS, Report
from hexgate.core.gate.passage import Passage

Fill = Callable[..., Path]
MakePassage = Callable[..., Passage]


def segments(directory: Path) -> list[Path]:
    """The segments of a directory in their order."""
    return sorted(directory.glob("*.jsonl"))


def lines(path: Path) -> list[bytes]:
    """The lines of a segment, ends included."""
    return path.read_bytes().splitlines(keepends=True)


def faults(report: Report) -> list[str]:
    """The words of all faults."""
    return [finding.message for finding in report.findings if finding.fault]


def test_a_record_that_was_left_alone_is_clean(filled: Fill) -> None:
    report = verify(filled(3))
    assert (report.clean, report.findings) == (True, [])
    [stream] = report.streams
    assert (stream.state, stream.records, stream.decided, stream.settled, stream.without_outcome) == (
        "ended",
        8,
        3,
        3,
        0,
    )
    assert stream.first_at == stream.last_at == "2027-01-15T08:00:00+00:00"


def test_a_record_of_many_segments_is_clean(filled: Fill) -> None:
    directory = filled(40, segment_bytes=4096)
    assert len(segments(directory)) > 5
    report = verify(directory)
    assert (report.clean, report.streams[0].decided) == (True, 40)


def test_each_line_that_is_taken_out_is_missed(filled: Fill) -> None:
    directory = filled(3)
    [path] = segments(directory)
    whole = lines(path)
    for at in range(len(whole)):
        path.write_bytes(b"".join(whole[:at] + whole[at + 1 :]))
        found = faults(verify(directory))
        wanted = f"record {at + 1} is missing" + (": the end was cut off" if at == len(whole) - 1 else "")
        assert wanted in found, at


def test_each_pair_of_lines_that_change_places_is_found(filled: Fill) -> None:
    directory = filled(3)
    [path] = segments(directory)
    whole = lines(path)
    for at in range(len(whole) - 1):
        path.write_bytes(b"".join([*whole[:at], whole[at + 1], whole[at], *whole[at + 2 :]]))
        assert f"record {at + 1} stands behind record {at + 2}" in faults(verify(directory)), at


def test_each_line_that_is_changed_is_named(filled: Fill) -> None:
    directory = filled(3)
    [path] = segments(directory)
    whole = lines(path)
    for at, line in enumerate(whole):
        changed = line.replace(b'"at":"2027', b'"at":"2026')
        assert changed != line
        path.write_bytes(b"".join([*whole[:at], changed, *whole[at + 1 :]]))
        report = verify(directory)
        [finding] = [finding for finding in report.findings if finding.fault]
        assert (finding.message, finding.line, finding.record) == (f"record {at + 1} was changed", at + 1, at + 1)
        assert finding.place == f"{path.name}:{at + 1}"


def test_a_record_cut_off_at_any_byte_is_found(filled: Fill) -> None:
    directory = filled(1)
    [path] = segments(directory)
    whole = path.read_bytes()
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        report = verify(directory)
        assert not report.clean, size
        assert any("the end was cut off" in message for message in faults(report)), size


@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_edit_of_any_bytes_is_found(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    directory = copied(tmp_path_factory)
    path = data.draw(st.sampled_from(segments(directory)))
    content = path.read_bytes()
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(len(content), start + 2000)))
    put = data.draw(st.binary(max_size=50) | st.just(content[end : end + 300]))
    changed = content[:start] + put + content[end:]
    path.write_bytes(changed)
    assert verify(directory).clean == (changed == content)
    shutil.rmtree(directory)


made: list[Path] = []


def copied(factory: pytest.TempPathFactory) -> Path:
    """A copy of a directory with a record in three segments."""
    if not made or not made[0].exists():
        original = factory.mktemp("original")
        spool = Spool(original, segment_bytes=1500)
        for number in range(6):
            spool.write(Event("decided", str(number), {"kind": "decided", "id": str(number), "at": "2026"}))
        spool.close()
        made[:] = [original]
    copy = factory.mktemp("copy") / "record"
    shutil.copytree(made[0], copy)
    return copy


def test_a_whole_segment_that_is_missing_is_found(filled: Fill) -> None:
    directory = filled(40, segment_bytes=4096)
    paths = segments(directory)
    for number, path in enumerate(paths, 1):
        content = path.read_bytes()
        path.unlink()
        found = " ".join(faults(verify(directory)))
        wanted = f"segment {number} is missing" if number < len(paths) else "the end was cut off"
        assert wanted in found, number
        path.write_bytes(content)


def test_a_stream_without_any_segment_is_found(filled: Fill) -> None:
    directory = filled(1)
    segments(directory)[0].unlink()
    assert "all of its segments are missing" in faults(verify(directory))


def test_a_segment_that_is_there_twice_is_found(filled: Fill) -> None:
    directory = filled(3)
    [path] = segments(directory)
    shutil.copy(path, path.with_name(path.name.replace("000001", "000002")))
    found = faults(verify(directory))
    assert "segment 2 does not begin as it was opened" in found
    assert "record 1 stands behind record 8" in found


def test_a_line_of_another_stream_is_found(filled: Fill) -> None:
    directory, other = filled(2), filled(2, name="other")
    [path], [strange] = segments(directory), segments(other)
    whole = lines(path)
    path.write_bytes(b"".join([*whole[:2], lines(strange)[2], *whole[2:]]))
    [message] = faults(verify(directory))
    assert message.startswith("this is a record of the stream 2027")


def test_a_mark_that_is_missing_is_found(filled: Fill) -> None:
    directory = filled(2)
    for path in directory.glob("*.ended"):
        path.unlink()
    report = verify(directory)
    assert faults(report) == ["its mark is missing or broken, so nobody knows whether its end was cut off"]
    assert report.streams[0].state == "abandoned"


def test_a_record_that_was_added_behind_the_end_is_found(filled: Fill) -> None:
    directory = filled(1)
    [path] = segments(directory)
    [files] = streams_in(directory).values()
    known = reached(files.path("ended"))
    assert known is not None
    line, _ = line_of(files.stream, known.number + 1, known.link, b'{"kind":"decided","id":"x"}')
    path.write_bytes(path.read_bytes() + line)
    assert faults(verify(directory)) == [
        f"record {known.number + 1} stands behind the seal",
        "segment 1 does not end with a seal",
        f"records behind {known.number} were added after the stream had ended",
        "the stream ended, and its last seal is missing",
    ]


def test_a_first_record_that_names_one_before_it_is_found(tmp_path: Path) -> None:
    line, _ = line_of("20270115T080000Z-0123456789abcdef", 1, "1" * 64, b'{"kind":"opened","segment":1}')
    (tmp_path / "20270115T080000Z-0123456789abcdef.000001.jsonl").write_bytes(line)
    assert "the first record names one before it" in faults(verify(tmp_path))


def test_a_stream_that_is_being_written_is_clean_at_any_moment(tmp_path: Path, passage: MakePassage) -> None:
    spool = Spool(tmp_path, segment_bytes=4096)
    audit = Audit(spool)
    for _ in range(30):
        ticket = audit.reserve(passage())
        report = verify(tmp_path)
        assert (report.findings, report.streams[0].state) == ([], "being written")
        assert report.streams[0].without_outcome == 1
        assert report.streams[0].calls == [ticket]
        audit.settle(ticket, passage())
    spool.close()


def test_the_half_of_a_record_that_is_being_written_is_no_fault(tmp_path: Path, passage: MakePassage) -> None:
    spool = Spool(tmp_path)
    Audit(spool).reserve(passage())
    with segments(tmp_path)[0].open("ab") as file:
        file.write(b'{"stream":"')
    assert verify(tmp_path).findings == []


def test_records_that_could_not_be_written_are_noted(tmp_path: Path, passage: MakePassage) -> None:
    spool = Spool(tmp_path)
    spool.lost = 3
    Audit(spool).reserve(passage())
    spool.close()
    report = verify(tmp_path)
    assert (report.clean, report.notes, report.streams[0].lost) == (True, 1, 3)
    assert report.findings[0].message == "3 records before this one could not be written"


def test_segments_that_were_acknowledged_may_be_gone(filled: Fill) -> None:
    directory = filled(40, segment_bytes=4096)
    [files] = streams_in(directory).values()
    for number in (1, 2, 3):
        files.segments[number].unlink()
    assert faults(verify(directory)) == ["segments 1 to 3 are missing, and nobody has acknowledged what was in there"]
    files.path("sent").write_bytes(Position(3, 10, 20, BEGINNING).encoded())
    assert faults(verify(directory)) == ["segment 3 is missing, and nobody has acknowledged what was in there"]
    files.path("sent").write_bytes(Position(4, 0, 20, BEGINNING).encoded())
    assert verify(directory).findings == []


def test_a_stream_that_was_acknowledged_whole_may_be_gone_but_for_its_end(filled: Fill) -> None:
    directory = filled(1)
    [files] = streams_in(directory).values()
    known = reached(files.path("ended"))
    assert known is not None
    files.path("sent").write_bytes(Position(1, 5000, known.number, known.link).encoded())
    files.segments[1].unlink()
    assert verify(directory).findings == []
    files.path("sent").write_bytes(Position(1, 5000, known.number - 1, known.link).encoded())
    assert faults(verify(directory)) == [f"record {known.number} is missing: the end was cut off"]


def test_a_link_in_the_place_of_a_segment_is_not_followed(filled: Fill, tmp_path: Path) -> None:
    directory = filled(40, segment_bytes=4096)
    path = segments(directory)[1]
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert "segment 2 is missing" in faults(verify(directory))


def test_a_pipe_in_the_place_of_a_segment_keeps_nobody_waiting(filled: Fill) -> None:
    directory = filled(40, segment_bytes=4096)
    path = segments(directory)[1]
    path.unlink()
    os.mkfifo(path)
    assert "segment 2 is missing" in faults(verify(directory))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\0" * 5000, "the line has no end: it was cut off"),
        (b"\xff\xfe\n" * 3, "the line is no record"),
        (b"x" * (3 * LONGEST_LINE) + b"\n", "the line is longer than any record"),
        (b"x" * (3 * LONGEST_LINE), "the line is longer than any record"),
        (b"[" * 100_000 + b"\n", "the line is no record"),
        (b"", "the stream ended, and its last seal is missing"),
    ],
)
def test_a_hostile_file_ends_in_findings(filled: Fill, content: bytes, said: str) -> None:
    directory = filled(2)
    [path] = segments(directory)
    path.write_bytes(lines(path)[0] + content)
    assert said in faults(verify(directory))


@pytest.mark.parametrize("body", [b'{"kind":"decided",', b'{"kind":"decided"}{', b'{"kind":"decided","x":\xff}'])
def test_a_line_that_begins_as_a_record_and_is_none_is_found(tmp_path: Path, body: bytes) -> None:
    line, _ = line_of("20270115T080000Z-0123456789abcdef", 1, BEGINNING, body)
    (tmp_path / "20270115T080000Z-0123456789abcdef.000001.jsonl").write_bytes(line)
    assert "the line is no record" in faults(verify(tmp_path))


def test_findings_are_counted_when_there_are_many(filled: Fill) -> None:
    directory = filled(1)
    [path] = segments(directory)
    path.write_bytes(b"?\n" * (MOST_FINDINGS + 500))
    report = verify(directory)
    assert len(report.findings) == MOST_FINDINGS
    assert report.faults > MOST_FINDINGS + 500


def test_a_directory_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(AuditError, match="cannot be read: No such file") as caught:
        verify(tmp_path / "nothing")
    assert caught.value.code == "HX911"


def test_whoever_waits_is_told_how_far_it_is(filled: Fill) -> None:
    told: list[int] = []
    directory = filled(3000)
    verify(directory, told.append)
    assert told == sorted(told)
    assert 0 < told[-1] <= segments(directory)[0].stat().st_size


def test_a_report_is_json(filled: Fill) -> None:
    directory = filled(1)
    [path] = segments(directory)
    path.write_bytes(b"".join(lines(path)[:-1]))
    found = verify(directory).as_dict()
    assert (found["clean"], found["faults"], found["streams"][0]["decided"]) == (False, 3, 1)
    assert found["findings"][0]["file"] == path.name


@pytest.mark.parametrize(
    ("acknowledged", "found"), [(None, ["segment 2 cannot be read: Permission denied"]), (3, []), (2, ["segment 2"])]
)
def test_a_segment_that_cannot_be_opened_is_a_fault_unless_it_was_acknowledged_meanwhile(
    filled: Fill, monkeypatch: pytest.MonkeyPatch, acknowledged: int | None, found: list[str]
) -> None:
    directory = filled(40, segment_bytes=4096)
    [files] = streams_in(directory).values()
    if acknowledged is not None:
        files.path("sent").write_bytes(Position(acknowledged, 0, 20, BEGINNING).encoded())

    def opened(path: Path) -> BinaryIO:
        if path == files.segments[2]:
            raise PermissionError(13, "Permission denied")
        return reading.opened_file(path)

    monkeypatch.setattr("hexgate.core.audit.checking.opened_file", opened)
    said = [message for message in faults(verify(directory)) if "segment 2" in message]
    assert len(said) == len(found)
    assert all(message.startswith(wanted) for message, wanted in zip(said, found, strict=True))


def test_of_very_many_open_calls_some_are_not_followed(filled: Fill, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hexgate.core.audit.walk.MOST_CALLS", 0)
    [stream] = verify(filled(3)).streams
    assert (stream.decided, stream.settled, stream.without_outcome) == (3, 3, 0)
