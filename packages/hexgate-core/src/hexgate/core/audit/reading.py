"""Segments in, their lines out, in bounded memory whoever wrote them; and what a receiver has acknowledged.

# INVARIANT: no symbolic link is followed, and no file that is none is waited for.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

import orjson

from hexgate.core.audit.lines import BEGINNING, LONGEST_LINE

__all__ = ["Position", "lines_of", "opened_file", "position_of"]

LARGEST_POSITION = 4096
LINK = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Position:
    """Up to where a stream was acknowledged: a place in a segment, and the record that ends there."""

    segment: int
    offset: int
    number: int
    link: str

    @classmethod
    def before(cls, segment: int) -> Position:
        """Nothing was acknowledged of a stream whose first segment this is."""
        return cls(segment, 0, 0, BEGINNING)

    def encoded(self) -> bytes:
        """The position as its file holds it."""
        return orjson.dumps(asdict(self))


def opened_file(path: Path) -> BinaryIO:
    """A file, opened for reading. Raises OSError when it is not there or is no file."""
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK), "rb")


def lines_of(file: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    """Each line without its end, and whether it has one. Of a line that is too long no more than is too long is read at once."""
    while line := file.readline(LONGEST_LINE + 1):
        if line.endswith(b"\n"):
            yield line[:-1], True
            continue
        whole = False
        if len(line) > LONGEST_LINE:
            while rest := file.readline(LONGEST_LINE):
                whole = rest.endswith(b"\n")
                if whole:
                    break
        yield line, whole


def position_of(path: Path) -> Position | None:
    """What a file says of how far a stream was acknowledged; None when there is none, or none that can be understood."""
    try:
        with opened_file(path) as file:
            said = orjson.loads(file.read(LARGEST_POSITION))
        found = Position(**said)
    except (OSError, TypeError, orjson.JSONDecodeError):
        return None
    numbers = (found.segment, found.offset, found.number)
    if not all(type(number) is int and 0 <= number < 2**63 for number in numbers):
        return None
    return found if type(found.link) is str and LINK.fullmatch(found.link) else None
