"""The files of an audit directory: which stream and which part of it each holds.

20261126T105536Z-6f1c9a0b12d4e5f6.000001.jsonl     a segment: records, one a line
20261126T105536Z-6f1c9a0b12d4e5f6.mark             how far the stream has come; locked by the process that writes it
20261126T105536Z-6f1c9a0b12d4e5f6.ended            the same, once nothing more will be written
20261126T105536Z-6f1c9a0b12d4e5f6.sent             how far a receiver has acknowledged it
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from hexgate.core.errors import AuditError

__all__ = ["StreamFiles", "new_stream", "own_directory", "segment_name", "size_of", "streams_in"]

NAME = re.compile(r"([0-9]{8}T[0-9]{6}Z-[0-9a-f]{16})\.(?:([0-9]{6,12})\.jsonl|(mark|ended|sent))")
OWNER_ONLY = 0o700


@dataclass(slots=True)
class StreamFiles:
    """What there is of one stream: its segments by number, and the files beside them."""

    directory: Path
    stream: str
    segments: dict[int, Path] = field(default_factory=dict)
    beside: set[str] = field(default_factory=set)

    def path(self, ending: str) -> Path:
        """One of the files beside the segments."""
        return self.directory / f"{self.stream}.{ending}"

    @property
    def ended(self) -> bool:
        """Nothing more will be written to the stream."""
        return "ended" in self.beside

    @property
    def last(self) -> int:
        """The number of the last segment; 0 when there is none."""
        return max(self.segments, default=0)


def new_stream(seconds: float) -> str:
    """A name that no other stream has, on this machine or another; names sort by the time at which they began."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y%m%dT%H%M%SZ}-{os.urandom(8).hex()}"


def segment_name(stream: str, number: int) -> str:
    """The file of a segment."""
    return f"{stream}.{number:06}.jsonl"


def own_directory(directory: Path) -> Path:
    """Makes the directory for this user only, if it is not there."""
    try:
        directory.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
    except OSError as error:
        raise AuditError(
            "HX901",
            f"the audit directory `{directory}` cannot be made: {error.strerror}",
            help="name another one with HEXGATE_AUDIT_DIR, or let this one be written",
        ) from None
    return directory


def size_of(directory: Path) -> int:
    """The bytes that the files of a directory have; what goes away meanwhile has none."""
    size = 0
    with os.scandir(directory) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):
                size += entry.stat(follow_symlinks=False).st_size
    return size


def streams_in(directory: Path) -> Mapping[str, StreamFiles]:
    """The streams of a directory, the oldest first; other files are nobody's business."""
    found: dict[str, StreamFiles] = {}
    with os.scandir(directory) as entries:
        names = sorted(entry.name for entry in entries if entry.is_file(follow_symlinks=False))
    for name in names:
        match = NAME.fullmatch(name)
        if match is None:
            continue
        stream, number, ending = match.groups()
        files = found.setdefault(stream, StreamFiles(directory, stream))
        if number is None:
            files.beside.add(ending)
        else:
            files.segments[int(number)] = directory / name
    return found
