"""A receiver on loopback that fails in every way a server can: nothing is lost, and nothing comes twice that is not the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from hexgate.core.audit import Shipper, Spool
from hexgate.core.audit.event import Event
from hexgate.core.audit.shipper import ASIDE, LOCK
from tests.durability.receiver import HttpTransport, Receiver, received, serving

MOODS = (
    "503",
    "503 7",
    "500",
    "401",
    "hang",
    "close early",
    "close before",
    "close after",
    "close half-way",
    "garbage",
)
COUNT = 20


def filled(directory: Path) -> None:
    """A directory with an ended stream of some events."""
    spool = Spool(directory)
    for number in range(COUNT):
        spool.write(Event("decided", str(number), {"kind": "decided", "id": str(number)}))
    spool.close()


def ship(directory: Path, receiver: Receiver, rounds: int = 100) -> list[float]:
    """Ships until nothing is left; how long each round wanted to wait."""
    waits = []
    shipper = Shipper(directory, HttpTransport(receiver.address), most_records=5)
    while left(directory):
        waits.append(shipper.round())
        assert len(waits) < rounds
    shipper.let_go()
    return waits


def left(directory: Path) -> list[str]:
    """What is in a directory that was not acknowledged or put aside."""
    return sorted(path.name for path in directory.iterdir() if path.name not in (LOCK, ASIDE))


@pytest.mark.parametrize("mood", MOODS)
def test_after_a_failure_of_this_kind_the_same_batch_comes_again(tmp_path: Path, mood: str) -> None:
    filled(tmp_path)
    with serving() as receiver:
        receiver.moods = ["ok", mood, mood, "ok"]
        waits = ship(tmp_path, receiver)
        assert len([wait for wait in waits if wait > 0.25 - 1e-9]) >= 2
        assert max(waits) >= (7 if mood.endswith("7") else 0.25)
    assert list(received(receiver.lines).values()) == [list(range(1, COUNT + 3))]
    repeated = len(receiver.lines) - (COUNT + 2)
    assert repeated == (10 if mood in ("close after", "close half-way") else 0)


def test_a_receiver_that_takes_few_at_once_gets_few_at_once(tmp_path: Path) -> None:
    filled(tmp_path)
    with serving() as receiver:
        receiver.mood = lambda body: "413" if body.count(b"\n") > 2 else "ok"
        ship(tmp_path, receiver)
    assert [*received(receiver.lines).values()] == [list(range(1, COUNT + 3))]


def test_a_record_that_the_receiver_refuses_stops_no_other(tmp_path: Path) -> None:
    filled(tmp_path)
    with serving() as receiver:
        receiver.mood = lambda body: "400" if b'"id":"7"' in body else "ok"
        ship(tmp_path, receiver)
    assert [*received(receiver.lines).values()] == [[number for number in range(1, COUNT + 3) if number != 9]]
    assert (tmp_path / ASIDE).read_bytes().count(b"\n") == 1


def test_a_receiver_that_is_not_there_is_tried_again(tmp_path: Path) -> None:
    filled(tmp_path)
    with serving() as receiver:
        pass
    shipper = Shipper(tmp_path, HttpTransport(receiver.address))
    assert shipper.round() > 0
    assert "ConnectionRefused" in str(shipper.shipping.last_failure)
    with serving() as receiver:
        shipper.transport = HttpTransport(receiver.address)
        shipper.round()
    assert left(tmp_path) == []
