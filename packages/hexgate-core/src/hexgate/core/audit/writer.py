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
FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW


class Writer:
    """Writes one stream of a directory, from the place where it stands."""

    __slots__ = ("directory", "fsync", "handle", "link", "mark", "number", "pending", "segment", "size", "stream")

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
        # The line that is being written, and its hash. It is still here when an interrupt came in between.
        self.pending: tuple[bytes, str] | None = None

    @property
    def broken(self) -> bool:
        """A half of a record could not be taken back, or the file is gone: nothing can be written behind it."""
        return self.pending is not None or self.is_gone()

    def is_gone(self) -> bool:
        """Somebody has removed the segment that is open."""
        return self.handle is not None and os.fstat(self.handle).st_nlink == 0

    def append(self, body: bytes) -> None:
        """Writes one record. Raises OSError when it is not on its way to the disk, and then nothing of it is."""
        handle = self.handle
        if handle is None:
            raise OSError(ENOSPC, "no segment is open")
        if self.pending is not None:
            self.settle_pending(handle, *self.pending)
        if self.number % LOOKED_AFTER == 0 and self.is_gone():
            raise OSError(ENOENT, f"segment {self.segment} was removed while it was written")
        self.pending = line, link = line_of(self.stream, self.number + 1, self.link, body)
        if os.write(handle, line) != len(line):
            self.settle_pending(handle, line, link)
            raise OSError(ENOSPC, "only a part of a record was written")
        if self.fsync:
            os.fdatasync(handle)
        self.wrote(len(line), link)

    def wrote(self, size: int, link: str) -> None:
        """Goes on behind a record."""
        self.number += 1
        self.link = link
        self.size += size
        self.mark.set(self.number, link)
        self.pending = None

    def settle_pending(self, handle: int, line: bytes, link: str) -> None:
        """After a write that failed, or was interrupted: what was written whole counts, anything less is taken back."""
        if os.fstat(handle).st_size == self.size + len(line):
            self.wrote(len(line), link)
        else:
            os.ftruncate(handle, self.size)
            self.pending = None

    def open_next(self, seconds: float) -> None:
        """Begins the next segment. Raises OSError when that cannot be done; then it can be tried again."""
        path = self.directory / segment_name(self.stream, self.segment + 1)
        handle = os.open(path, FLAGS | os.O_EXCL, 0o600)
        try:
            self.handle, self.size = handle, 0
            self.append(opened(self.segment + 1, seconds))
        except OSError:
            self.handle = None
            path.unlink()
            os.close(handle)
            raise
        self.segment += 1

    def seal(self, seconds: float, **more: Any) -> None:
        """Ends the segment that is open: nothing stands behind its seal."""
        handle = self.handle
        if handle is None:
            return
        self.append(encoded({"kind": SEALED, "at": datetime.fromtimestamp(seconds, UTC), **more}))
        self.handle = None
        os.close(handle)

    def end(self, seconds: float, **more: Any) -> None:
        """Ends the stream."""
        self.seal(seconds, last=True, **more)
        self.mark.end()

    def leave(self) -> None:
        """Lets go of the files and writes nothing: another process has the stream, or somebody has to recover it."""
        if self.handle is not None:
            os.close(self.handle)
            self.handle = None
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
