"""The lines of one stream in, one after the other; what does not follow from the line before it is a finding."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import orjson

from hexgate.core.audit.event import DECIDED, SETTLED
from hexgate.core.audit.lines import BEGINNING, LONGEST_LINE, Head, head_of
from hexgate.core.audit.report import MOST_OPEN, Finding, StreamReport
from hexgate.core.audit.spool import LOST
from hexgate.core.audit.writer import OPENED, SEALED

__all__ = ["Walk"]

# Calls that are under way at the same time; of more it is not known which have no outcome.
MOST_CALLS = 1_000_000


class Walk:
    """Where in a stream the check stands."""

    def __init__(self, found: StreamReport, add: Callable[[Finding], None], *, begins_later: bool) -> None:
        self.found = found
        self.add = add
        # The last record that was seen, and the link that the next one has to name; None while that cannot be known.
        self.number = 0
        self.link: str | None = None if begins_later else BEGINNING
        self.begins_later = begins_later
        self.file: str | None = None
        self.segment = 0
        self.at = 0
        # Where the last record that was seen stands.
        self.place: tuple[str | None, int] = (None, 0)
        # Records that are known to be missing before the next line.
        self.bad = 0
        self.torn = 0
        self.is_sealed = False
        self.is_last = False
        self.calls: dict[str, None] = {}

    def finding(self, message: str, *, fault: bool = True, before: bool = False) -> Finding:
        """A finding at the line where the check stands, or at the record before."""
        file, line = self.place if before else (self.file, self.at)
        return Finding(self.found.stream, message, fault, file, line or None, self.number or None)

    def begin(self, file: str, segment: int) -> None:
        """The next segment."""
        self.file, self.segment, self.at, self.is_sealed = file, segment, 0, False

    def end(self, *, sealed: bool) -> None:
        """The end of a segment, which has to be `sealed` if another one follows, or the stream has ended."""
        if sealed and not self.is_sealed:
            self.add(self.finding(f"segment {self.segment} does not end with a seal"))

    def skip(self, message: str) -> None:
        """A segment that cannot be walked through."""
        self.file, self.at = None, 0
        self.add(self.finding(message))
        self.link = None
        self.begins_later = True

    def line(self, line: bytes, *, whole: bool) -> None:
        """The next line."""
        self.at += 1
        head = head_of(line)
        fields = fields_of(line) if head is not None and whole else None
        if head is None or fields is None or head.stream != self.found.stream:
            self.no_record(line, head, whole=whole)
            return
        self.follow(head)
        self.take(head, fields)
        if head.number == self.number:
            self.link = sha256(line).hexdigest()
            self.place = self.file, self.at

    def no_record(self, line: bytes, head: Head | None, *, whole: bool) -> None:
        """A line that no process of ours has written so."""
        if head is not None and head.stream != self.found.stream:
            message = f"this is a record of the stream {head.stream}"
        elif len(line) > LONGEST_LINE:
            message = "the line is longer than any record"
        else:
            message = "the line is no record" if whole else "the line has no end: it was cut off"
        self.add(self.finding(message))
        self.bad += 1
        self.link = None

    def follow(self, head: Head) -> None:
        """Whether a record stands where it belongs."""
        expected = self.number + 1
        if self.begins_later:
            # What was before was acknowledged or is missing, which was said.
            self.begins_later, expected = False, head.number
        if head.number < expected:
            self.add(self.finding(f"record {head.number} stands behind record {self.number}"))
        elif head.number > expected + self.bad:
            first, last = expected, head.number - 1
            self.add(
                self.finding(
                    f"record {first} is missing" if first == last else f"records {first} to {last} are missing"
                )
            )
        elif head.number == expected and self.link is not None and head.before != self.link:
            message = f"record {self.number} was changed" if self.number else "the first record names one before it"
            self.add(self.finding(message, before=self.number > 0))
        if self.is_sealed and self.at > 1:
            self.add(self.finding(f"record {head.number} stands behind the seal"))
        self.number, self.bad = max(self.number, head.number), 0

    def take(self, head: Head, fields: dict[str, Any]) -> None:
        """What a record says, as far as the check is concerned with that."""
        found, kind = self.found, head.kind
        found.records += 1
        at = fields.get("at")
        if isinstance(at, str):
            found.first_at, found.last_at = found.first_at or at, at
        if (kind == OPENED) != (self.at == 1) or (kind == OPENED and fields.get("segment") != self.segment):
            self.add(self.finding(f"segment {self.segment} does not begin as it was opened"))
        self.is_sealed = kind == SEALED
        self.is_last = self.is_sealed and fields.get("last") is True
        if kind == SEALED:
            self.seal(fields)
        elif kind == LOST:
            count = fields.get("count")
            found.lost += count if type(count) is int else 0
            which = "1 record" if count == 1 else f"{count} records"
            self.add(self.finding(f"{which} before this one could not be written", fault=False))
        elif kind in (DECIDED, SETTLED):
            self.call(kind, str(fields.get("id")))

    def seal(self, fields: dict[str, Any]) -> None:
        """What a seal says that was not set by the process itself."""
        torn, missing = fields.get("torn"), fields.get("missing")
        if missing:
            self.add(self.finding(f"{missing} records were missing at the end when the stream was recovered"))
        elif fields.get("by") == "recovery":
            half = f"; {torn} bytes of a record were not written whole" if torn else ""
            self.add(
                self.finding(f"the process ended without sealing the stream, and another one did{half}", fault=False)
            )

    def call(self, kind: str, id: str) -> None:
        """A decision, or the outcome of one."""
        if kind == DECIDED:
            self.found.decided += 1
            if len(self.calls) < MOST_CALLS:
                self.calls[id] = None
        else:
            self.found.settled += 1
            self.calls.pop(id, None)

    def finish(self) -> None:
        """Which calls have no outcome."""
        self.found.without_outcome = len(self.calls)
        self.found.calls = list(self.calls)[:MOST_OPEN]


def fields_of(line: bytes) -> dict[str, Any] | None:
    """What a line says, if it is a JSON object."""
    try:
        fields = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return fields if type(fields) is dict else None
