"""What of one stream waits to be sent: batches out, and what was acknowledged away.

The segments are the queue: no more than one batch of them is in memory.

# INVARIANT: a position is on the disk before anything in front of it is removed.
"""

from __future__ import annotations

import gzip
import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from hexgate.core.audit.files import StreamFiles
from hexgate.core.audit.lines import LONGEST_LINE, head_of
from hexgate.core.audit.mark import reached
from hexgate.core.audit.reading import Position, opened_file, position_of
from hexgate.core.audit.transport import Batch

__all__ = ["Outbox", "Parcel"]

# Records are alike, so little effort finds most of what there is to find.
EFFORT = 1


@dataclass(frozen=True, slots=True)
class Parcel:
    """Lines that go together, and the position behind them."""

    lines: bytes
    count: int
    behind: Position

    def batch(self, stream: str) -> Batch:
        """The lines as they are sent."""
        last = self.behind.number
        return Batch(stream, last - self.count + 1, last, self.count, gzip.compress(self.lines, EFFORT, mtime=0))


class Outbox:
    """One stream on its way to a receiver."""

    def __init__(self, files: StreamFiles, *, keep: bool = False) -> None:
        self.files = files
        self.keep = keep
        self.position = position_of(files.path("sent")) or Position.before(min(files.segments, default=1))

    def next(self, most_records: int, most_bytes: int) -> Parcel | None:
        """The next lines; None when there are none now."""
        while True:
            path = self.files.segments.get(self.position.segment)
            parcel = None if path is None else self.parcel(path, most_records, most_bytes)
            if parcel is not None:
                return parcel
            later = [number for number in self.files.segments if number > self.position.segment]
            if not later:
                return None
            # Every line of this segment was acknowledged, and nothing is added to it once there is another one.
            at = self.position
            self.move(Position(min(later), 0, at.number, at.link))

    def parcel(self, path: Path, most_records: int, most_bytes: int) -> Parcel | None:
        """The next whole lines of a segment."""
        at = self.position
        try:
            with opened_file(path) as file:
                file.seek(at.offset)
                content = file.read(max(most_bytes, LONGEST_LINE))
        except FileNotFoundError:
            return None
        text = self.whole_lines(content, most_bytes)
        count = text.count(b"\n") or bool(text)
        if count > most_records:
            text, count = b"\n".join(text.split(b"\n", most_records)[:most_records]) + b"\n", most_records
        if not text:
            return None
        last = text.removesuffix(b"\n").rpartition(b"\n")[2]
        head = head_of(last)
        number = at.number + count if head is None else head.number
        return Parcel(text, count, Position(at.segment, at.offset + len(text), number, sha256(last).hexdigest()))

    def whole_lines(self, content: bytes, most_bytes: int) -> bytes:
        """As many lines as go together, and one at least; a line without an end only if nobody will ever write that."""
        end = content.rfind(b"\n", 0, most_bytes) + 1 or content.find(b"\n") + 1
        return content[:end] if end or not self.is_stuck(content) else content

    def is_stuck(self, content: bytes) -> bool:
        """Whether what is no whole line never becomes one: it is longer than any, or nobody will write the rest."""
        is_last = self.position.segment == self.files.last
        return len(content) >= LONGEST_LINE or self.files.ended or not is_last

    def move(self, position: Position) -> None:
        """Everything up to a position was acknowledged: it is noted, and the segments in front of it go."""
        path = self.files.path("sent")
        new = path.with_suffix(".sent.new")
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            os.write(handle, position.encoded())
        finally:
            os.close(handle)
        new.rename(path)
        self.position = position
        for number in sorted(self.files.segments):
            if number < position.segment:
                self.remove(number)

    def remove(self, number: int) -> None:
        """Takes a segment away that was acknowledged."""
        path = self.files.segments.pop(number)
        if not self.keep:
            path.unlink(missing_ok=True)

    def finish(self) -> bool:
        """Takes a stream away that has ended and was acknowledged whole; whether it was."""
        # It may have ended after its files were looked at.
        known = reached(self.files.path("ended"))
        if known is None or self.position.number < known.number:
            return False
        if not self.keep:
            for number in sorted(self.files.segments):
                self.remove(number)
            # In this order: what is left by a kill in between is still known as acknowledged.
            self.files.path("ended").unlink(missing_ok=True)
            self.files.path("sent").unlink(missing_ok=True)
        return True

    def waiting(self) -> int:
        """The bytes that were not acknowledged."""
        size = 0
        for number, path in self.files.segments.items():
            if number >= self.position.segment:
                try:
                    size += path.stat().st_size - (self.position.offset if number == self.position.segment else 0)
                except FileNotFoundError:
                    continue
        return max(size, 0)
