"""The one writer of a stream: each record goes into the segment by one `write`, then into the mark.

# INVARIANT: what is in the segments is whole lines, each with the hash of the one before it. A line that was not written whole is
# taken back before the next one; where that cannot be done the stream is left to be recovered, and another one is begun.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from errno import ENOENT, ENOSPC
from pathlib import Path
from typing import Any

from hexgate.core.audit.files import segment_name
from hexgate.core.audit.lines import BEGINNING, FORMAT, encoded, line_of
from hexgate.core.audit.mark import Mark

__all__ = ["OPENED", "SEALED", "Writer"]

OPENED, SEALED = "opened", "sealed"
# After so many records it is looked whether the file is still there; a look costs as much as half a write.
LOOKED_AFTER = 64
FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW


class Writer:
    """Writes one stream of a directory, from the place where it stands."""

    __slots__ = ("directory", "fsync", "halved", "handle", "link", "mark", "number", "segment", "size", "stream")

    def __init__(self, directory: Path, stream: str, mark: Mark, *, fsync: bool = False) -> None:
        self.directory = directory
        self.stream = stream
        self.mark = mark
        self.fsync = fsync
        # The segment that is open, or was last; where it ends; the record that stands there.
        self.handle: int | None = None
        self.segment = 0
        self.size = 0
        self.number = 0
        self.link = BEGINNING
        # A record is being written; it may be there by half until the write has ended or was taken back.
        self.halved = False

    @property
    def broken(self) -> bool:
        """A half of a record could not be taken back, or the file is gone: nothing can be written behind it."""
        return self.halved or self.is_gone()

    def is_gone(self) -> bool:
        """Somebody has removed the segment that is open."""
        return self.handle is not None and os.fstat(self.handle).st_nlink == 0

    def append(self, body: bytes) -> None:
        """Writes one record. Raises OSError when it is not on its way to the disk, and then nothing of it is."""
        handle = self.handle
        if handle is None:
            raise OSError(ENOSPC, "no segment is open")
        if self.number % LOOKED_AFTER == 0 and self.is_gone():
            raise OSError(ENOENT, f"segment {self.segment} was removed while it was written")
        line, link = line_of(self.stream, self.number + 1, self.link, body)
        self.halved = True
        try:
            if os.write(handle, line) != len(line):
                raise OSError(ENOSPC, "only a part of a record was written")
            if self.fsync:
                os.fdatasync(handle)
        except OSError:
            os.ftruncate(handle, self.size)
            self.halved = False
            raise
        self.number += 1
        self.link = link
        self.size += len(line)
        self.mark.set(self.number, link)
        self.halved = False

    def open_next(self, seconds: float) -> None:
        """Begins the next segment. Raises OSError when that cannot be done; then it can be tried again."""
        path = self.directory / segment_name(self.stream, self.segment + 1)
        handle = os.open(path, FLAGS, 0o600)
        try:
            self.handle, self.size = handle, 0
            self.append(opened(self.segment + 1, seconds))
        except OSError:
            self.shut()
            path.unlink()
            raise
        self.segment += 1

    def seal(self, seconds: float, **more: Any) -> None:
        """Ends the segment that is open: nothing stands behind its seal."""
        self.append(encoded({"kind": SEALED, "at": datetime.fromtimestamp(seconds, UTC), **more}))
        self.shut()

    def shut(self) -> None:
        """Closes the segment that is open, if one is."""
        handle, self.handle = self.handle, None
        if handle is not None:
            os.close(handle)

    def end(self, seconds: float, **more: Any) -> None:
        """Ends the stream, behind a segment that was sealed by one that only says so; of one without a record nothing is left."""
        if self.number == 0:
            self.mark.remove()
            return
        if self.handle is None:
            self.open_next(seconds)
        self.seal(seconds, last=True, **more)
        self.mark.end()

    def leave(self) -> None:
        """Lets go of the files and writes nothing: another process has the stream, or somebody has to recover it."""
        self.shut()
        self.mark.close()


def opened(segment: int, seconds: float) -> bytes:
    """The first record of a segment."""
    fields = {
        "kind": OPENED,
        "at": datetime.fromtimestamp(seconds, UTC),
        "format": FORMAT,
        "segment": segment,
        "process": os.getpid(),
        "host": os.uname().nodename,
    }
    return encoded(fields)
