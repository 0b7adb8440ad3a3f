"""Events in, an append-only record on this machine's disk out: one stream a process, so that processes never wait for each other.

# INVARIANT: when `write` returns, the record is with the operating system: it outlives the process, however that ends.
# INVARIANT: what could not be written is counted, and the next record that can be written is the number of those.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from weakref import WeakSet

from hexgate.core.audit.event import Event
from hexgate.core.audit.files import new_stream, own_directory, size_of
from hexgate.core.audit.lines import LONGEST_LINE, encoded
from hexgate.core.audit.mark import Mark
from hexgate.core.audit.recovery import recover
from hexgate.core.audit.writer import Writer
from hexgate.core.errors import AuditError

__all__ = ["LOST", "Spool", "close_spools"]

log = logging.getLogger("hexgate.audit")
LOST = "lost"
# Beside what the event says: stream, number, hash.
AROUND = 1024
# A directory that is full is not looked through more often.
SECONDS_FULL = 1.0
spools: WeakSet[Spool] = WeakSet()


class Spool:
    """The record of this process in a directory."""

    def __init__(
        self,
        directory: str | Path,
        *,
        segment_bytes: int = 8 * 2**20,
        most_bytes: int = 2**30,
        fsync: bool = False,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Nothing is made before the first record.

        `most_bytes` is what the directory may hold; `fsync` makes a record outlive a machine that loses its power, at the price of
        a disk's answer for each.
        """
        self.directory = Path(directory)
        self.segment_bytes = segment_bytes
        self.most_bytes = most_bytes
        self.fsync = fsync
        self.now = now
        self.clock = clock
        self.lock = threading.RLock()
        self.inside = False
        self.writer: Writer | None = None
        self.lost = 0
        self.full_until: float | None = None
        spools.add(self)

    def write(self, event: Event) -> None:
        """Writes one record. Raises an AuditError when it could not be written."""
        try:
            self.held(partial(self.put, event.body))
        except AuditError:
            self.lost += 1
            raise

    def check(self) -> None:
        """Makes sure that records can be written, as a server wants to know when it starts. Raises an AuditError if not."""
        self.held(self.ready)

    def held(self, act: Callable[[], object]) -> None:
        """Does something while nobody else writes."""
        with self.lock:
            if self.inside:
                raise AuditError("HX902", "a record was being written when a signal asked for another one")
            self.inside = True
            try:
                act()
            except OSError as error:
                if self.writer is not None and self.writer.broken:
                    self.leave()
                raise AuditError(
                    "HX902",
                    f"the record cannot be written to `{self.directory}`: {error.strerror or error}",
                    help="free some room, let the directory be written, or name another one with HEXGATE_AUDIT_DIR",
                ) from None
            except BaseException:
                # An interrupt may have come between a write and its count: what is there is for recovery to see.
                self.leave()
                raise
            finally:
                self.inside = False

    def put(self, body: bytes) -> None:
        """Writes a record to the segment that is open, or to a new one."""
        size = len(body) + AROUND
        if size > LONGEST_LINE:
            raise OSError(f"it has {len(body):,} bytes")
        writer = self.writer
        if writer is None or writer.handle is None or writer.size + size > self.segment_bytes:
            writer = self.ready(size)
        if self.lost:
            writer.append(encoded({"kind": LOST, "at": datetime.fromtimestamp(self.now(), UTC), "count": self.lost}))
            self.lost = 0
        writer.append(body)

    def ready(self, size: int = AROUND) -> Writer:
        """The writer, with a segment that has room for a record."""
        writer = self.writer or self.begun()
        if writer.handle is not None and writer.size + size > self.segment_bytes:
            writer.seal(self.now(), last=False)
        if writer.handle is None:
            self.make_sure_of_room()
            writer.open_next(self.now())
        return writer

    def begun(self) -> Writer:
        """A stream of this process, in a directory where streams of killed ones are sealed first."""
        own_directory(self.directory)
        recover(self.directory, self.now())
        stream = new_stream(self.now())
        self.writer = Writer(self.directory, stream, Mark(self.directory / f"{stream}.mark"), fsync=self.fsync)
        return self.writer

    def make_sure_of_room(self) -> None:
        """Raises OSError while the directory holds as much as it may."""
        if self.full_until is not None and self.clock() < self.full_until:
            raise OSError(f"it holds {self.most_bytes:,} bytes, as many as it may")
        self.full_until = None
        held = size_of(self.directory)
        if held + self.segment_bytes > self.most_bytes:
            self.full_until = self.clock() + SECONDS_FULL
            raise OSError(f"it holds {held:,} bytes, and may hold {self.most_bytes:,}")

    def close(self) -> None:
        """Seals the stream. A record that comes later begins another one."""
        with self.lock:
            writer, self.writer = self.writer, None
            if writer is not None:
                try:
                    writer.end(self.now(), by="writer")
                except OSError as error:
                    log.warning("the stream %s is left to be sealed later: %s", writer.stream, error)
                    writer.leave()

    def leave(self) -> None:
        """Goes on in another stream: this one is the parent's, in the child of a fork, or has to be recovered."""
        writer, self.writer = self.writer, None
        if writer is not None:
            with suppress(OSError):
                writer.leave()


held: list[Spool] = []


def hold() -> None:
    """A fork waits for a record that another thread is writing, so that the child finds no half of one."""
    held.extend(spools)
    for spool in held:
        spool.lock.acquire()


def go_on(*, forked: bool = False) -> None:
    """After a fork, in the parent; and in the child, where every spool begins anew."""
    while held:
        spool = held.pop()
        if forked:
            spool.leave()
        spool.lock.release()


def close_spools() -> None:
    """At the end of the process every stream is sealed."""
    for spool in list(spools):
        spool.close()


os.register_at_fork(before=hold, after_in_parent=go_on, after_in_child=partial(go_on, forked=True))
atexit.register(close_spools)
