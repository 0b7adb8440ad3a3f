"""An audit directory in, its records with a receiver out: in batches, at least once, until each was acknowledged.

Of all processes that share a directory one ships at a time, whoever wrote the records; when it ends, another one goes on.

# INVARIANT: nothing is removed that was not acknowledged or put aside, and nothing is put aside that the receiver did not refuse.
"""

from __future__ import annotations

import fcntl
import logging
import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import orjson

from hexgate.core.audit.files import StreamFiles, own_directory, streams_in
from hexgate.core.audit.outbox import Outbox, Parcel
from hexgate.core.audit.recovery import recover
from hexgate.core.audit.transport import Receipt, Reply, Transport
from hexgate.core.errors import AuditError

__all__ = ["ASIDE", "Shipper", "Shipping"]

log = logging.getLogger("hexgate.audit")
MIB = 1024 * 1024
LOCK = "shipping.lock"
ASIDE = "refused.jsonl"
MOST_ASIDE = 64 * MIB
# Between two looks when there is nothing to do, and when another process ships.
SECONDS_IDLE = 0.25
SECONDS_ASIDE = 2.0
SECONDS_BETWEEN_RECOVERIES = 5.0
FIRST_DELAY, LONGEST_DELAY = 0.5, 60.0
LONGEST_WISH = 3600.0
# Of one stream, before the next one has its turn.
BATCHES_IN_A_ROW = 64


@dataclass(slots=True)
class Shipping:
    """How it goes."""

    acknowledged: int = 0
    put_aside: int = 0
    failures_in_a_row: int = 0
    last_failure: str | None = None
    last_success: float | None = None
    waiting_bytes: int = 0


class Shipper:
    """Ships the records of a directory. `round` does what there is to do now; a `ShippingThread` does so again and again."""

    def __init__(  # noqa: PLR0913 -- limits for those who ship, clocks and chance for those who try it out
        self,
        directory: str | Path,
        transport: Transport,
        *,
        most_records: int = 5000,
        most_bytes: int = MIB,
        keep: bool = False,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """`keep` leaves segments on the disk that were acknowledged."""
        self.directory = Path(directory)
        self.transport = transport
        self.most_records = self.records = most_records
        self.most_bytes = most_bytes
        self.keep = keep
        self.now = now
        self.clock = clock
        self.chance = chance
        self.shipping = Shipping()
        self.lock: int | None = None
        self.recovered_at: float | None = None
        self.stopping = False

    def round(self) -> float:
        """Sends what waits; how many seconds there is nothing to do after that."""
        try:
            if not self.is_ours():
                return SECONDS_ASIDE
            self.recover()
            return self.send_all()
        except (OSError, AuditError) as error:
            return self.failed(Reply.later(f"the audit directory: {error}"))

    def is_ours(self) -> bool:
        """Whether this process is the one that ships."""
        if self.lock is None:
            own_directory(self.directory)
            handle = os.open(self.directory / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(handle)
                return False
            self.lock = handle
        return True

    def recover(self) -> None:
        """Now and then: streams of processes that were killed get their seal, and can be shipped whole."""
        if self.recovered_at is None or self.clock() - self.recovered_at >= SECONDS_BETWEEN_RECOVERIES:
            self.recovered_at = self.clock()
            recover(self.directory, self.now())

    def send_all(self) -> float:
        """Sends what waits of every stream; how long to wait then."""
        waiting, wait = 0, SECONDS_IDLE
        for files in streams_in(self.directory).values():
            outbox = Outbox(files, keep=self.keep)
            delay = self.send_stream(outbox)
            if delay is None:
                # There is more.
                wait = 0.0
            waiting += outbox.waiting()
            if delay or self.stopping:
                self.shipping.waiting_bytes = waiting
                return delay or 0.0
        self.shipping.waiting_bytes = waiting
        return wait

    def send_stream(self, outbox: Outbox) -> float | None:
        """Sends what waits of a stream: 0 when nothing is left, None when there may be more, else how long to wait."""
        if forgotten(outbox.files):
            return 0.0
        for _ in range(BATCHES_IN_A_ROW):
            parcel = outbox.next(self.records, self.most_bytes)
            if parcel is None:
                outbox.finish()
                return 0.0
            delay = self.send(outbox, parcel)
            if delay:
                return delay
            if self.stopping:
                break
        return None

    def send(self, outbox: Outbox, parcel: Parcel) -> float:
        """Sends one batch and does what the reply says; how long to wait then."""
        reply = self.reply_to(outbox, parcel)
        if reply.receipt is Receipt.LATER:
            return self.failed(reply)
        if reply.receipt is Receipt.ACCEPTED:
            outbox.move(parcel.behind)
            self.shipping.acknowledged += parcel.count
            self.records = min(self.most_records, self.records * 2)
        elif parcel.count > 1:
            # Too many for the receiver, or one among them that it refuses, which is found by halves.
            self.records = parcel.count // 2
        else:
            self.put_aside(parcel, reply)
            outbox.move(parcel.behind)
        self.shipping.failures_in_a_row = 0
        self.shipping.last_success = self.now()
        return 0.0

    def reply_to(self, outbox: Outbox, parcel: Parcel) -> Reply:
        """What the receiver says, or what went wrong on the way."""
        try:
            return self.transport.send(parcel.batch(outbox.files.stream))
        except Exception as error:  # noqa: BLE001 -- a transport is anyone's code, and the records stay where they are
            return Reply.later(f"{type(error).__name__}: {error}")

    def failed(self, reply: Reply) -> float:
        """Counts a failure; how long to wait: longer each time, by chance so that not everyone comes back at once."""
        state = self.shipping
        delay = min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** min(state.failures_in_a_row, 10))
        if state.failures_in_a_row == 0 or reply.reason != state.last_failure:
            log.warning("the record is not shipped, and stays on the disk: %s", reply.reason or reply.receipt)
        state.failures_in_a_row += 1
        state.last_failure = reply.reason
        wish = min(LONGEST_WISH, reply.seconds or 0.0)
        return max(wish, delay * (0.5 + 0.5 * self.chance()))

    def put_aside(self, parcel: Parcel, reply: Reply) -> None:
        """Keeps a record that the receiver does not take, with the reason, where people find it."""
        path = self.directory / ASIDE
        fields = {
            "at": self.now(),
            "reason": str(reply.reason or reply.receipt),
            "record": parcel.lines.decode(errors="replace"),
        }
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            line = orjson.dumps(fields) + b"\n"
            if os.fstat(handle).st_size + len(line) > MOST_ASIDE:
                raise OSError(f"`{path}` is full of records that were refused; look at them and move the file away")
            if os.write(handle, line) != len(line):
                raise OSError(f"`{path}` cannot be written")
        finally:
            os.close(handle)
        self.shipping.put_aside += 1
        log.error("a record was refused and is in `%s`: %s", path, reply.reason or reply.receipt)

    def let_go(self) -> None:
        """Another process may ship."""
        handle, self.lock = self.lock, None
        if handle is not None:
            os.close(handle)


def forgotten(files: StreamFiles) -> bool:
    """Whether nothing but the position of a stream is left, which was removed by a process that was killed; then that goes, too."""
    if files.segments or files.beside != {"sent"}:
        return False
    files.path("sent").unlink(missing_ok=True)
    return True
