"""How far a stream has come, in a small file that is mapped into memory: it outlives a killed process and costs no system call.

# INVARIANT: the mark is set after its record is in the segment. What the mark knows and the segment lacks was cut off.
"""

from __future__ import annotations

import fcntl
import mmap
import os
from dataclasses import dataclass
from pathlib import Path
from struct import Struct
from typing import ClassVar

from hexgate.core.audit.lines import BEGINNING

__all__ = ["Mark", "Reached", "is_held", "reached"]

MAGIC = b"HXGMARK1"
FORM = Struct("<Q64s")


@dataclass(frozen=True, slots=True)
class Reached:
    """The last record of a stream that was written, and its link."""

    number: int
    link: str


class Mark:
    """The mark of one stream, with the lock of the one process that may write the stream."""

    __slots__ = ("handle", "memory", "path")

    SIZE: ClassVar[int] = len(MAGIC) + FORM.size

    def __init__(self, path: Path, *, new: bool = True) -> None:
        """Makes a file that is `new`, or takes one that is there. Raises BlockingIOError when another process has its lock."""
        self.path = path
        # A new one gets its name when it is locked, so that nobody takes it for one of a process that was killed.
        at = path.with_name(f".{path.name}.{os.getpid()}") if new else path
        self.handle = os.open(at, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC | (os.O_CREAT if new else 0), 0o600)
        try:
            fcntl.flock(self.handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(self.handle).st_size != self.SIZE:
                os.ftruncate(self.handle, 0)
                # Written and not merely made longer: a page that the disk has no room for would kill the process.
                os.pwrite(self.handle, MAGIC + FORM.pack(0, BEGINNING.encode()), 0)
            if new:
                at.rename(path)
            if path.stat().st_ino != os.fstat(self.handle).st_ino:
                raise BlockingIOError(f"{path} was ended meanwhile")
            self.memory = mmap.mmap(self.handle, self.SIZE)
        except BaseException:
            os.close(self.handle)
            raise

    def set(self, number: int, link: str) -> None:
        """Notes that a record was written."""
        FORM.pack_into(self.memory, len(MAGIC), number, link.encode())

    def end(self) -> None:
        """Nothing more will be written: the mark gets the name that says so, and the lock is given back."""
        self.path.rename(self.path.with_suffix(".ended"))
        self.close()

    def remove(self) -> None:
        """There is nothing to mark."""
        self.path.unlink()
        self.close()

    def close(self) -> None:
        """Gives the file back, and with it the lock, unless a process that was forked before still holds it."""
        self.memory.close()
        os.close(self.handle)


def is_held(path: Path) -> bool:
    """Whether a process writes the stream of a mark. Raises OSError when the mark is not there."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def reached(path: Path) -> Reached | None:
    """What a mark says; None where there is none, or none that was written whole."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as file:
            content = file.read(Mark.SIZE + 1)
    except OSError:
        return None
    if len(content) != Mark.SIZE or not content.startswith(MAGIC):
        return None
    number, digest = FORM.unpack_from(content, len(MAGIC))
    return Reached(number, digest.decode(errors="replace"))
