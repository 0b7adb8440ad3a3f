"""A path in, what stands there at one moment out: a file, or the files of a directory, whole and of one state.

Nobody has to lock anything to change a policy, so a look counts only when nothing moved while it was taken: what was listed is
read, and listed again. What was written a moment ago may be half of what is meant; it is waited for, not long.

# INVARIANT: nothing but a regular file is read, nothing is read past the size that a document may have, and no look waits for ever.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from dataclasses import dataclass
from errno import EBUSY, EINVAL, EISDIR, ENOENT

from hexgate.core.policy.nodes import LARGEST_DOCUMENT
from hexgate.core.policy.policy import unreadable
from hexgate.core.sources.kinds import Kind, is_of_interest, kind_of_directory

__all__ = ["Snapshot", "Survey", "take"]

# Who writes in place is done, or has written more, by then. A rename needs no such time, but cannot be told from a write.
QUIET_SECONDS = 0.05
QUIET_NS = 50_000_000
# Of a file, and of a part of a bundle: whatever may be larger is refused by whoever reads it.
MOST_BYTES = {"bundle": 64 * 1024 * 1024}
MOST_LOOKS = 10
# The coarsest time that file systems keep is 2 seconds (FAT): what is younger may change once more and look the same.
RACY_NS = 3_000_000_000
# Elsewhere the time of the last change is that of creation, and a write that sets its own time back leaves no trace.
LEAVES_TRACES = os.name == "posix"
# A pipe that took a file's place is opened without waiting for who writes into it.
FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)

# Device, inode, mode, size, time of writing, time of any change: where one of these is another, the content may be.
Stamp = tuple[int, int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Survey:
    """What stands at a path: its stamp and that of each file of a directory, or the number of the error that keeps from looking."""

    kind: Kind
    stamps: tuple[tuple[str, Stamp | int], ...]

    @classmethod
    def of(cls, path: str) -> Survey:
        """A look at a path."""
        stamp = stamp_of(path)
        if isinstance(stamp, int):
            return cls("nothing", ((path, stamp),))
        if not stat.S_ISDIR(stamp[2]):
            return cls("file" if stat.S_ISREG(stamp[2]) else "stream", ((path, stamp),))
        try:
            names = sorted(filter(is_of_interest, os.listdir(path)))  # noqa: PTH208 -- asked at every run, and so without objects
        except OSError as error:
            return cls("nothing", ((path, error.errno or EINVAL),))
        inside = [f"{path}{os.sep}{name}" for name in names]
        return cls(kind_of_directory(names), ((path, stamp), *((name, stamp_of(name)) for name in inside)))

    @property
    def files(self) -> tuple[tuple[str, Stamp | int], ...]:
        """The files that hold the content, without the directory around them."""
        return self.stamps[1:] if self.kind in {"directory", "bundle"} else self.stamps

    @property
    def written_at(self) -> int:
        """When anything of it was written last."""
        return max((stamp[4] for _, stamp in self.stamps if not isinstance(stamp, int)), default=0)

    def tells_later_changes(self, read_at: int) -> bool:
        """Whether whatever changes after it was read will look different: all that was seen is older than any clock is coarse."""
        times = [time for _, stamp in self.stamps for time in ((read_at,) if isinstance(stamp, int) else stamp[4:])]
        return LEAVES_TRACES and max(times) < read_at - RACY_NS


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was read, by path: bytes, or the number of the error that kept from reading; and a digest of all of it.

    It is `settled` when an equal survey means equal content from now on.
    """

    survey: Survey
    contents: tuple[tuple[str, bytes | int], ...]
    settled: bool
    digest: str


def take(path: str, known: Survey | None = None) -> Snapshot:
    """The content of a path at one moment; an error when it keeps changing. What is as it was `known` is not waited for again."""
    survey = Survey.of(path)
    for _ in range(MOST_LOOKS):
        before, now = survey, time.time_ns()
        if survey.written_at > now - QUIET_NS and survey != known:
            time.sleep(QUIET_SECONDS)
            survey = Survey.of(path)
        if survey == before:
            contents = [
                (name, read(name, stamp, MOST_BYTES.get(survey.kind, LARGEST_DOCUMENT))) for name, stamp in survey.files
            ]
            found = tuple((name, content) for name, content in contents if content is not None)
            survey = Survey.of(path)
            if survey == before and len(found) == len(contents):
                return snapshot(survey, found, now)
    raise unreadable(
        path, OSError(EBUSY, "it keeps changing; write what is new beside it and rename it when it is whole")
    )


def stamp_of(path: str) -> Stamp | int:
    """What tells the content at a path from another without reading it, or the number of the error."""
    try:
        return stamped(os.stat(path))  # noqa: PTH116 -- asked at every run
    except OSError as error:
        return error.errno or EINVAL
    except ValueError:
        # Nothing is at a path with a NUL in it, or with what no file system can write.
        return ENOENT


def stamped(found: os.stat_result) -> Stamp:
    """The stamp of what was found."""
    return found.st_dev, found.st_ino, found.st_mode, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def read(path: str, stamp: Stamp | int, most: int) -> bytes | int | None:
    """What a file holds, or the number of the error; None when it is not the file that was stamped, or changed meanwhile."""
    if isinstance(stamp, int):
        return stamp
    if not stat.S_ISREG(stamp[2]):
        return EISDIR if stat.S_ISDIR(stamp[2]) else EINVAL
    try:
        with os.fdopen(os.open(path, FLAGS), "rb") as file:
            if stamped(os.fstat(file.fileno())) != stamp:
                return None
            # What it was seen to hold and one byte more: room for the most that it may hold takes long to make.
            data = file.read(min(stamp[3], most) + 1)
            return data if stamped(os.fstat(file.fileno())) == stamp else None
    except OSError as error:
        return error.errno or EINVAL


def snapshot(survey: Survey, contents: tuple[tuple[str, bytes | int], ...], read_at: int) -> Snapshot:
    """What was read, with its digest."""
    hasher = hashlib.sha256(survey.kind.encode())
    for name, content in contents:
        data, number = (content, 0) if isinstance(content, bytes) else (b"", content)
        hasher.update(f"\n{name!r} {number} {len(data)}\n".encode())
        hasher.update(data)
    complete = all(isinstance(content, bytes) for _, content in contents)
    return Snapshot(survey, contents, complete and survey.tells_later_changes(read_at), hasher.hexdigest())
