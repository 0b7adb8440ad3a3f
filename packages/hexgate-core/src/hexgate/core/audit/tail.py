"""An audit directory in, its newest records out, those of all streams in the order of their times; and what is added later."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from hexgate.core.audit.event import DECIDED, SETTLED
from hexgate.core.audit.files import StreamFiles, streams_in
from hexgate.core.audit.lines import LONGEST_LINE, head_of
from hexgate.core.audit.reading import opened_file
from hexgate.core.errors import AuditError

__all__ = ["Tail"]

Record = dict[str, Any]


class Tail:
    """Follows a directory. It shows what was written and does not check it."""

    def __init__(self, directory: str | Path) -> None:
        self.directory = Path(directory)
        # Up to where each stream was read: a segment, and a place in it.
        self.places: dict[str, tuple[int, int]] = {}

    def last(self, count: int) -> list[Record]:
        """The newest records; what comes behind them is left for `more`."""
        found: list[Record] = []
        for files in self.streams():
            newest: list[Record] = []
            for number in sorted(files.segments, reverse=True):
                newest = [*deque(self.read(files, number, 0), maxlen=count), *newest]
                if len(newest) >= count:
                    break
            found += newest
        return in_order(found)[-count:] if count else []

    def more(self) -> list[Record]:
        """What was added since."""
        found: list[Record] = []
        for files in self.streams():
            segment, place = self.places.get(files.stream, (0, 0))
            for number in sorted(each for each in files.segments if each >= segment):
                found += self.read(files, number, place if number == segment else 0)
        return in_order(found)

    def streams(self) -> list[StreamFiles]:
        """What there is of each stream now."""
        try:
            return list(streams_in(self.directory).values())
        except OSError as error:
            raise AuditError(
                "HX911",
                f"the audit directory `{self.directory}` cannot be read: {error.strerror}",
                help="name the directory that the agent was given by HEXGATE_AUDIT_DIR",
            ) from None

    def read(self, files: StreamFiles, segment: int, place: int) -> Iterator[Record]:
        """The records of a segment from a place on; a line that is still being written is left for the next time."""
        try:
            file = opened_file(files.segments[segment])
        except OSError:
            # Acknowledged and removed meanwhile.
            return
        with file:
            file.seek(place)
            while (line := file.readline(LONGEST_LINE + 1)).endswith(b"\n"):
                place += len(line)
                if (segment, place) > self.places.get(files.stream, (0, 0)):
                    self.places[files.stream] = segment, place
                record = record_of(line)
                if record is not None:
                    yield record


def record_of(line: bytes) -> Record | None:
    """A decision or an outcome; nothing for what a stream says about itself, and for what is no record."""
    head = head_of(line)
    if head is None or head.kind not in (DECIDED, SETTLED):
        return None
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return record if type(record) is dict else None


def in_order(records: list[Record]) -> list[Record]:
    """Records by their times, and by their numbers where the times are equal."""
    return sorted(records, key=lambda record: (str(record.get("at")), record["stream"], record["seq"]))
