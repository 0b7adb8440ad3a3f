"""Whatever the receiver does, every record reaches it in the end, or is put aside when it refused that very one."""

from __future__ import annotations

import gzip
import logging
import os
import random
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from hexgate.core.audit import Spool, verify
from hexgate.core.audit import shipper as shippers
from hexgate.core.audit.event import Event
from hexgate.core.audit.files import streams_in
from hexgate.core.audit.lines import BEGINNING, LONGEST_LINE
from hexgate.core.audit.outbox import Outbox
from hexgate.core.audit.reading import Position, position_of
from hexgate.core.audit.shipper import ASIDE, LOCK, SECONDS_ASIDE, SECONDS_IDLE, Shipper
from hexgate.core.audit.transport import Batch, Reply


class Receiver:
    """Keeps what comes, and answers as it is told."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.batches: list[Batch] = []
        self.answer: Callable[[Batch, list[bytes]], Reply] = lambda *_: Reply.accepted()

    def send(self, batch: Batch) -> Reply:
        self.batches.append(batch)
        lines = gzip.decompress(batch.body).splitlines()
        reply = self.answer(batch, lines)
        if reply == Reply.accepted():
            self.lines += lines
        return reply

    @property
    def numbers(self) -> list[int]:
        """The numbers of all records that were accepted."""
        return [orjson.loads(line)["seq"] for line in self.lines]


def event(number: int = 0) -> Event:
    """An event with a number in it."""
    return Event("decided", str(number), {"kind": "decided", "id": str(number), "text": "Zoë ☃"})


def filled(directory: Path, count: int = 10, segment_bytes: int = 2**20, *, closed: bool = True) -> Spool:
    """A directory with a stream of so many events."""
    spool = Spool(directory, segment_bytes=segment_bytes)
    for number in range(count):
        spool.write(event(number))
    if closed:
        spool.close()
    return spool


def names(directory: Path) -> list[str]:
    """What is in a directory, beside the lock."""
    return sorted(path.name for path in directory.iterdir() if path.name != LOCK)


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


def test_an_ended_stream_is_shipped_whole_and_removed(tmp_path: Path, receiver: Receiver) -> None:
    filled(tmp_path, 40, segment_bytes=4000)
    shipper = Shipper(tmp_path, receiver)
    assert shipper.round() == SECONDS_IDLE
    assert receiver.numbers == list(range(1, receiver.numbers[-1] + 1))
    assert sum(b'"decided"' in line for line in receiver.lines) == 40
    assert names(tmp_path) == []
    assert (shipper.shipping.acknowledged, shipper.shipping.waiting_bytes) == (len(receiver.lines), 0)
    assert shipper.round() == SECONDS_IDLE


def test_a_batch_is_named_by_its_records(tmp_path: Path, receiver: Receiver) -> None:
    filled(tmp_path, 4)
    [stream] = streams_in(tmp_path)
    Shipper(tmp_path, receiver, most_records=4).round()
    assert [batch.key for batch in receiver.batches] == [f"{stream}:1-4", f"{stream}:5-6"]
    assert [batch.count for batch in receiver.batches] == [4, 2]


def test_a_stream_that_is_written_is_shipped_as_far_as_it_is(tmp_path: Path, receiver: Receiver) -> None:
    spool = filled(tmp_path, 3, closed=False)
    shipper = Shipper(tmp_path, receiver)
    shipper.round()
    assert receiver.numbers == [1, 2, 3, 4]
    spool.write(event())
    assert verify(tmp_path).findings == []
    shipper.round()
    assert receiver.numbers == [1, 2, 3, 4, 5]
    spool.close()
    shipper.round()
    assert receiver.numbers == [1, 2, 3, 4, 5, 6]
    assert names(tmp_path) == []


def test_the_half_of_a_record_is_left_until_it_is_whole(tmp_path: Path, receiver: Receiver) -> None:
    spool = filled(tmp_path, 1, closed=False)
    [path] = tmp_path.glob("*.jsonl")
    with path.open("ab") as file:
        file.write(b'{"half":')
    Shipper(tmp_path, receiver).round()
    assert receiver.numbers == [1, 2]
    spool.leave()


def test_segments_go_as_soon_as_they_are_acknowledged_and_make_room(tmp_path: Path, receiver: Receiver) -> None:
    spool = Spool(tmp_path, segment_bytes=2000, most_bytes=8000)
    shipper = Shipper(tmp_path, receiver)
    for number in range(200):
        spool.write(event(number))
        if number % 10 == 0:
            shipper.round()
            assert len(list(tmp_path.glob("*.jsonl"))) == 1
            assert verify(tmp_path).findings == []
    spool.close()
    shipper.round()
    assert receiver.numbers == list(range(1, receiver.numbers[-1] + 1))


def test_segments_may_be_kept(tmp_path: Path, receiver: Receiver) -> None:
    filled(tmp_path, 40, segment_bytes=4000)
    before = len(list(tmp_path.glob("*.jsonl")))
    for _ in range(2):
        shipper = Shipper(tmp_path, receiver, keep=True)
        shipper.round()
        shipper.let_go()
    assert len(list(tmp_path.glob("*.jsonl"))) == before > 1
    assert receiver.numbers == sorted(set(receiver.numbers))
    assert verify(tmp_path).findings == []


def test_a_stream_of_a_killed_process_is_sealed_and_shipped(tmp_path: Path, receiver: Receiver) -> None:
    filled(tmp_path, 2, closed=False).leave()
    Shipper(tmp_path, receiver).round()
    assert [orjson.loads(line)["kind"] for line in receiver.lines] == ["opened", "decided", "decided", "sealed"]
    assert names(tmp_path) == []


def test_killed_processes_are_looked_for_now_and_then(tmp_path: Path, receiver: Receiver) -> None:
    seconds = [0.0]
    shipper = Shipper(tmp_path, receiver, clock=lambda: seconds[0])
    shipper.round()
    filled(tmp_path, 2, closed=False).leave()
    shipper.round()
    assert receiver.numbers == [1, 2, 3]
    seconds[0] = 6.0
    shipper.round()
    assert receiver.numbers == [1, 2, 3, 4]


def test_one_process_ships_at_a_time(tmp_path: Path, receiver: Receiver) -> None:
    filled(tmp_path)
    first, second = Shipper(tmp_path, receiver), Shipper(tmp_path, receiver)
    receiver.answer = lambda *_: Reply.later("busy")
    first.round()
    assert second.round() == SECONDS_ASIDE
    first.let_go()
    first.let_go()
    receiver.answer = lambda *_: Reply.accepted()
    assert second.round() == SECONDS_IDLE
    assert names(tmp_path) == []


def test_the_same_batch_comes_again_until_it_is_accepted(tmp_path: Path, receiver: Receiver) -> None:
    filled(tmp_path)
    shipper = Shipper(tmp_path, receiver)
    receiver.answer = lambda *_: Reply.later("busy")
    for _ in range(3):
        assert shipper.round() > 0
    assert len({batch.key for batch in receiver.batches}) == 1
    assert (shipper.shipping.failures_in_a_row, shipper.shipping.last_failure) == (3, "busy")
    receiver.answer = lambda *_: Reply.accepted()
    assert shipper.round() == SECONDS_IDLE
    assert shipper.shipping.failures_in_a_row == 0


def test_the_wait_doubles_up_to_a_minute_and_comes_by_chance(tmp_path: Path, receiver: Receiver) -> None:
    filled(tmp_path)
    receiver.answer = lambda *_: Reply.later()
    longest, shortest = Shipper(tmp_path, receiver, chance=lambda: 1.0), Shipper(tmp_path, receiver, chance=lambda: 0.0)
    assert [longest.round() for _ in range(9)] == [0.5, 1, 2, 4, 8, 16, 32, 60, 60]
    longest.let_go()
    assert [shortest.round() for _ in range(3)] == [0.25, 0.5, 1]


@pytest.mark.parametrize(("wish", "waited"), [(7.0, 7.0), (1e9, 3600.0), (-5.0, 0.5), (None, 0.5)])
def test_the_receiver_may_say_how_long_to_wait(tmp_path: Path, receiver: Receiver, wish: float, waited: float) -> None:
    filled(tmp_path)
    receiver.answer = lambda *_: Reply.later("busy", wish)
    assert Shipper(tmp_path, receiver, chance=lambda: 1.0).round() == waited


@pytest.mark.parametrize("error", [OSError("gone"), TimeoutError(), ValueError("a fault"), RuntimeError()])
def test_what_a_transport_raises_means_later(
    tmp_path: Path, receiver: Receiver, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    filled(tmp_path)

    def fails(*_: object) -> Reply:
        raise error

    receiver.answer = fails
    shipper = Shipper(tmp_path, receiver)
    shipper.round()
    shipper.round()
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert type(error).__name__ in caplog.text
    assert verify(tmp_path).clean


@pytest.mark.parametrize("most", [1, 2, 3, 7])
def test_a_receiver_that_takes_few_at_once_gets_few_at_once(tmp_path: Path, receiver: Receiver, most: int) -> None:
    filled(tmp_path, 30)
    receiver.answer = lambda batch, _: Reply.too_large() if batch.count > most else Reply.accepted()
    shipper = Shipper(tmp_path, receiver)
    while names(tmp_path):
        shipper.round()
    assert receiver.numbers == list(range(1, 33))
    assert len(receiver.batches) < 3 * 32


def test_one_record_that_is_refused_is_put_aside_and_all_others_are_shipped(
    tmp_path: Path, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    filled(tmp_path, 100)
    receiver.answer = lambda _, lines: (
        Reply.refused("not this one") if any(b'"seq":51,' in line for line in lines) else Reply.accepted()
    )
    shipper = Shipper(tmp_path, receiver)
    while names(tmp_path) != [ASIDE]:
        assert shipper.round() <= SECONDS_IDLE
    assert receiver.numbers == [*range(1, 51), *range(52, 103)]
    [aside] = map(orjson.loads, (tmp_path / ASIDE).read_bytes().splitlines())
    assert (aside["reason"], orjson.loads(aside["record"])["seq"]) == ("not this one", 51)
    assert (tmp_path / ASIDE).stat().st_mode & 0o777 == 0o600
    assert shipper.shipping.put_aside == 1
    assert "not this one" in caplog.text


def test_a_record_that_alone_is_too_large_is_put_aside(tmp_path: Path, receiver: Receiver) -> None:
    filled(tmp_path, 3)
    receiver.answer = lambda _, lines: Reply.too_large() if b'"id":"1"' in b"".join(lines) else Reply.accepted()
    shipper = Shipper(tmp_path, receiver)
    while names(tmp_path) != [ASIDE]:
        shipper.round()
    assert receiver.numbers == [1, 2, 4, 5]


def test_where_no_more_can_be_put_aside_nothing_is_dropped(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(tmp_path, 1)
    monkeypatch.setattr(shippers, "MOST_ASIDE", 10)
    receiver.answer = lambda *_: Reply.refused("never")
    shipper = Shipper(tmp_path, receiver, most_records=1)
    assert shipper.round() > SECONDS_IDLE
    assert "is full of records that were refused" in str(shipper.shipping.last_failure)
    assert verify(tmp_path).findings == []
    monkeypatch.undo()
    monkeypatch.setattr("hexgate.core.audit.shipper.os.write", lambda *_: 1)
    shipper.round()
    assert "cannot be written" in str(shipper.shipping.last_failure)
    monkeypatch.undo()
    receiver.answer = lambda *_: Reply.accepted()
    shipper.round()
    assert receiver.numbers == [1, 2, 3]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"?",
        b"[1]",
        b'{"segment":1}',
        b'{"segment":"1","offset":0,"number":0,"link":"x"}',
        b'{"segment":1,"offset":-1,"number":0,"link":"%s"}' % BEGINNING.encode(),
        b'{"segment":1,"offset":0,"number":true,"link":"%s"}' % BEGINNING.encode(),
        b'{"segment":1,"offset":0,"number":0,"link":5}',
        b'{"segment":1,"offset":0,"number":0,"link":"%s","more":1}' % BEGINNING.encode(),
        b"{" * 5000,
    ],
)
def test_a_position_that_cannot_be_read_means_that_all_is_sent_again(
    tmp_path: Path, receiver: Receiver, content: bytes
) -> None:
    filled(tmp_path, 3)
    [files] = streams_in(tmp_path).values()
    files.path("sent").write_bytes(content)
    assert position_of(files.path("sent")) is None
    Shipper(tmp_path, receiver).round()
    assert receiver.numbers == [1, 2, 3, 4, 5]


def test_a_position_is_read_as_it_was_written(tmp_path: Path) -> None:
    filled(tmp_path, 3)
    [files] = streams_in(tmp_path).values()
    outbox = Outbox(files)
    outbox.move(Position(1, 100, 3, "a" * 64))
    assert position_of(files.path("sent")) == Position(1, 100, 3, "a" * 64)
    assert files.path("sent").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "ending", [b"no record at all\n", b"x" * (LONGEST_LINE + 5000) + b"\n", b"cut off", b"\xff\xfe\r\n"]
)
def test_what_is_no_record_is_shipped_as_it_stands(tmp_path: Path, receiver: Receiver, ending: bytes) -> None:
    filled(tmp_path, 2)
    [path] = tmp_path.glob("*.jsonl")
    content = path.read_bytes() + ending
    path.write_bytes(content)
    came: list[bytes] = []

    def answer(batch: Batch, _: object) -> Reply:
        came.append(gzip.decompress(batch.body))
        return Reply.later() if len(b"".join(came)) > 10 * LONGEST_LINE else Reply.accepted()

    receiver.answer = answer
    shipper = Shipper(tmp_path, receiver, most_bytes=1000)
    while names(tmp_path):
        assert shipper.round() <= SECONDS_IDLE
    assert b"".join(came) == content


def test_a_stream_of_many_batches_lets_others_have_their_turn(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shippers, "BATCHES_IN_A_ROW", 2)
    filled(tmp_path, 10)
    filled(tmp_path, 10)
    shipper = Shipper(tmp_path, receiver, most_records=3)
    assert shipper.round() == 0.0
    assert len({batch.stream for batch in receiver.batches}) == 2
    assert shipper.shipping.waiting_bytes > 0
    while names(tmp_path):
        shipper.round()


def test_a_shipper_that_is_stopped_ends_behind_a_batch(tmp_path: Path, receiver: Receiver) -> None:
    filled(tmp_path, 10)
    shipper = Shipper(tmp_path, receiver, most_records=3)
    shipper.stopping = True
    assert shipper.round() == 0.0
    assert len(receiver.batches) == 1


def test_what_a_kill_leaves_of_a_stream_that_was_acknowledged_goes(tmp_path: Path, receiver: Receiver) -> None:
    """Segments first, then the end, then the position: at each step what is left says that it was acknowledged."""
    for step in range(3):
        filled(tmp_path, 2)
        [files] = streams_in(tmp_path).values()
        outbox = Outbox(files)
        parcel = outbox.next(100, 100_000)
        assert parcel is not None
        outbox.move(parcel.behind)
        for path in [*files.segments.values(), files.path("ended")][: step + 1 if step else 0]:
            path.unlink()
        assert verify(tmp_path).findings == []
        Shipper(tmp_path, receiver).round()
        assert (receiver.lines, names(tmp_path)) == ([], [])
        (tmp_path / LOCK).unlink()


def test_segments_that_vanish_are_no_fault_of_the_shipper(tmp_path: Path, receiver: Receiver) -> None:
    filled(tmp_path, 40, segment_bytes=4000)
    [files] = streams_in(tmp_path).values()
    outbox = Outbox(files)
    files.segments[1].unlink()
    assert outbox.waiting() > 0
    parcel = outbox.next(10, 10_000)
    assert parcel is not None
    assert parcel.behind.segment == 2


def test_a_directory_that_cannot_be_used_is_told_and_tried_again(tmp_path: Path, receiver: Receiver) -> None:
    (tmp_path / "record").write_text("")
    shipper = Shipper(tmp_path / "record", receiver)
    assert shipper.round() > 0
    assert "cannot be made" in str(shipper.shipping.last_failure)


def test_an_hour_with_a_moody_receiver_loses_nothing_and_repeats_only_what_was_not_acknowledged(tmp_path: Path) -> None:
    """By a clock of its own: the process writes all the time, and the receiver does what it likes."""
    mood, seconds, receiver = random.Random(7), [0.0], Receiver()
    moods = {
        "down": lambda *_: Reply.later("HTTP 503", mood.choice([None, 5.0, 90.0])),
        "hangs": lambda *_: (_ for _ in ()).throw(TimeoutError()),
        "narrow": lambda batch, _: Reply.too_large() if batch.count > 5 else Reply.accepted(),
        "well": lambda *_: Reply.accepted(),
    }

    def forgets(_: Batch, lines: list[bytes]) -> Reply:
        # It has taken them, and nobody hears of that.
        receiver.lines += lines
        raise ConnectionError

    spool = Spool(tmp_path, segment_bytes=20_000, most_bytes=10**9, now=lambda: seconds[0], clock=lambda: seconds[0])
    shipper = Shipper(tmp_path, receiver, now=lambda: seconds[0], clock=lambda: seconds[0], chance=mood.random)
    written, next_round, next_mood, largest = 0, 0.0, 0.0, 0
    while seconds[0] < 3600:
        if seconds[0] >= next_mood:
            receiver.answer = mood.choice([*moods.values(), forgets])
            next_mood = seconds[0] + mood.expovariate(1 / 60)
        spool.write(event(written))
        written += 1
        if seconds[0] >= next_round:
            next_round = seconds[0] + shipper.round()
        largest = max(largest, shipper.records)
        seconds[0] += mood.expovariate(1)
    receiver.answer = moods["well"]
    spool.close()
    while names(tmp_path):
        shipper.round()
    unique = list(dict.fromkeys(receiver.numbers))
    assert unique == list(range(1, unique[-1] + 1))
    assert sum(b'"decided"' in line for line in set(receiver.lines)) == written > 3000
    assert len(set(receiver.lines)) == len(unique)
    assert not (tmp_path / ASIDE).exists()
    # A receiver that is down is not asked more often than the waits allow.
    assert len(receiver.batches) < 3600 / SECONDS_IDLE / 2


def test_files_that_are_no_streams_are_left_alone(tmp_path: Path, receiver: Receiver) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    os.mkfifo(tmp_path / "20270115T080000Z-0123456789abcdef.000001.jsonl")
    Shipper(tmp_path, receiver).round()
    assert sorted(names(tmp_path)) == ["20270115T080000Z-0123456789abcdef.000001.jsonl", "notes.txt"]
