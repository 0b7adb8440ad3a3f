"""A shipping thread ships what is written while it runs, drains at the end, and follows its process over a fork."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import threading
from pathlib import Path
from textwrap import dedent

import orjson
import pytest

from hexgate.core.audit import Spool
from hexgate.core.audit import thread as threads
from hexgate.core.audit.event import Event
from hexgate.core.audit.shipper import LOCK, Shipper
from hexgate.core.audit.thread import ShippingThread
from hexgate.core.audit.transport import Batch, Reply

EVENT = Event("decided", "1", {"kind": "decided", "id": "1"})
PATIENCE = 30


class Receiver:
    """Keeps the numbers of what comes, and tells whoever waits."""

    def __init__(self) -> None:
        self.kinds: list[str] = []
        self.came = threading.Condition()
        self.down = False

    def send(self, batch: Batch) -> Reply:
        with self.came:
            self.came.notify_all()
            if self.down:
                return Reply.later("down")
            self.kinds += [orjson.loads(line)["kind"] for line in gzip.decompress(batch.body).splitlines()]
            return Reply.accepted()

    def wait_for(self, count: int) -> None:
        """Until so many decisions have come."""
        with self.came:
            assert self.came.wait_for(lambda: self.kinds.count("decided") >= count, PATIENCE)


def left(directory: Path) -> list[str]:
    """What is in a directory, beside the lock."""
    return sorted(path.name for path in directory.iterdir() if path.name != LOCK)


def test_what_is_written_while_it_runs_is_shipped(tmp_path: Path) -> None:
    spool, receiver = Spool(tmp_path), Receiver()
    thread = ShippingThread(Shipper(tmp_path, receiver)).start()
    assert thread.start() is thread
    for count in range(1, 4):
        spool.write(EVENT)
        receiver.wait_for(count)
    spool.close()
    thread.stop(PATIENCE)
    assert receiver.kinds == ["opened", "decided", "decided", "decided", "sealed"]
    assert left(tmp_path) == []
    assert thread.shipping.acknowledged == 5


def test_stopping_sends_what_waits_and_it_can_be_started_again(tmp_path: Path) -> None:
    spool, receiver = Spool(tmp_path), Receiver()
    thread = ShippingThread(Shipper(tmp_path, receiver))
    thread.stop()
    for _ in range(2):
        thread.start()
        spool.write(EVENT)
        spool.close()
        thread.stop(PATIENCE)
        assert left(tmp_path) == []
    assert receiver.kinds.count("decided") == 2


def test_stopping_does_not_wait_for_a_receiver_that_is_down(tmp_path: Path) -> None:
    spool, receiver = Spool(tmp_path), Receiver()
    spool.write(EVENT)
    spool.close()
    receiver.down = True
    thread = ShippingThread(Shipper(tmp_path, receiver)).start()
    with receiver.came:
        assert thread.shipping.last_failure or receiver.came.wait(PATIENCE)
    worker = thread.thread
    thread.stop(PATIENCE)
    assert worker is not None
    assert not worker.is_alive()
    assert len(left(tmp_path)) == 2


def test_a_transport_that_hangs_is_left_behind(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.write(EVENT)
    spool.close()
    inside, release = threading.Event(), threading.Event()

    class Hangs:
        def send(self, _: Batch) -> Reply:
            inside.set()
            release.wait(PATIENCE)
            return Reply.later()

    thread = ShippingThread(Shipper(tmp_path, Hangs())).start()
    worker = thread.thread
    assert inside.wait(PATIENCE)
    thread.stop(0.0)
    assert worker is not None
    assert worker.is_alive()
    release.set()
    worker.join(PATIENCE)
    assert not worker.is_alive()


def test_rounds_go_on_at_a_stop_until_nothing_waits(tmp_path: Path) -> None:
    spool, receiver = Spool(tmp_path), Receiver()
    for _ in range(300):
        spool.write(EVENT)
    spool.close()
    thread = ShippingThread(Shipper(tmp_path, receiver, most_records=1))
    thread.start()
    thread.stop(PATIENCE)
    assert receiver.kinds.count("decided") == 300


def test_in_the_child_of_a_fork_it_goes_on_with_a_thread_of_its_own(tmp_path: Path) -> None:
    code = f"""
        import os, sys, threading
        from hexgate.core.audit import Spool, Shipper, ShippingThread, Reply
        from hexgate.core.audit.event import Event

        came = threading.Event()

        class Receiver:
            def send(self, batch):
                os.write(1, b"%d %d\\n" % (os.getpid(), batch.count))
                came.set()
                return Reply.accepted()

        spool = Spool({str(tmp_path)!r})
        event = Event("decided", "1", {{"kind": "decided", "id": "1"}})
        shipping = ShippingThread(Shipper({str(tmp_path)!r}, Receiver())).start()
        spool.write(event)
        assert came.wait(30)
        shipping.stop(30)
        shipping.start()
        child = os.fork()
        if child == 0:
            assert shipping.thread is not None and shipping.thread.is_alive()
            spool.write(event)
            sys.exit(0)
        status = os.waitpid(child, 0)[1]
        assert status == 0, status
        """
    # Python says that a fork among threads may go wrong, which is what is tried out here.
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", dedent(code)]
    made = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (made.returncode, made.stderr) == (0, "")
    assert sum(int(line.split()[1]) for line in made.stdout.splitlines()) == 2 * 3
    assert left(tmp_path) == []


def test_what_is_written_last_is_shipped_at_the_end_of_the_process(tmp_path: Path) -> None:
    spool, receiver = Spool(tmp_path), Receiver()
    thread = ShippingThread(Shipper(tmp_path, receiver)).start()
    spool.write(EVENT)
    threads.drain()
    assert receiver.kinds[-1] == "sealed"
    assert thread.thread is None


def test_a_child_takes_over_what_was_started_and_nothing_else(tmp_path: Path) -> None:
    receiver = Receiver()
    shipper = Shipper(tmp_path, receiver)
    shipper.round()
    held = shipper.lock
    assert held is not None
    never = ShippingThread(shipper)
    threads.go_on()
    assert never.thread is None
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(held)


def test_what_was_started_before_a_fork_is_started_in_the_child(tmp_path: Path) -> None:
    spool, receiver = Spool(tmp_path), Receiver()
    thread = ShippingThread(Shipper(tmp_path, receiver)).start()
    before = thread.thread
    thread.stop(PATIENCE)
    thread.thread = before
    thread.forked()
    assert thread.thread is not before
    spool.write(EVENT)
    receiver.wait_for(1)
    thread.stop(PATIENCE)
    spool.close()


def test_what_was_written_in_the_middle_of_a_round_is_sent_by_another_one_before_the_end(tmp_path: Path) -> None:
    spool, receiver = Spool(tmp_path), Receiver()
    thread = ShippingThread(Shipper(tmp_path, receiver))
    before = thread.shipper.round

    def round_in_which_it_is_stopped() -> float:
        wait = before()
        if thread.deadline is None:
            spool.write(EVENT)
            spool.close()
            thread.deadline = thread.shipper.clock() + PATIENCE
            thread.wake.set()
        return wait

    thread.shipper.round = round_in_which_it_is_stopped  # type: ignore[method-assign]
    thread.work()
    assert receiver.kinds == ["opened", "decided", "sealed"]


def test_a_thread_whose_shipper_was_stopped_ends_without_a_round(tmp_path: Path) -> None:
    thread = ShippingThread(Shipper(tmp_path / "none", Receiver()))
    thread.shipper.stopping = True
    thread.work()
    assert not (tmp_path / "none").exists()
