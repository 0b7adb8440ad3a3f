"""A path in, what stands there at one moment out: a file, or the files of a directory, whole and of one state.

Nobody has to lock anything to change a policy, so a look counts only when nothing moved while it was taken: what was listed is
read, and listed again. What was written a moment ago may be half of what is meant; it is waited for, not long.

# INVARIANT: nothing but a regular file is read, nothing is read past the size that a document may have, and no look waits for ever.
# INVARIANT: what is judged is what the digest is of. A bundle is read by its own reader, once: its judgement hangs on every name
# beside its parts, and on whether they are links.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from errno import EBUSY, EINVAL, EIO, EISDIR, ENOENT
from typing import Any

from hexgate.core.errors import BundleError
from hexgate.core.policy.nodes import LARGEST_DOCUMENT
from hexgate.core.policy.policy import unreadable
from hexgate.core.sources.kinds import Kind, is_of_interest, is_visible, kind_of_directory
from hexgate.core.sources.parts import part

__all__ = ["Snapshot", "Survey", "take"]

# Who writes in place is done, or has written more, by then. A rename needs no such time, but cannot be told from a write.
QUIET_SECONDS = 0.05
QUIET_NS = 50_000_000
MOST_LOOKS = 10
# The coarsest time that file systems keep is 2 seconds (FAT): what is younger may change once more and look the same.
RACY_NS = 3_000_000_000
# Elsewhere the time of the last change is that of creation, and a write that sets its own time back leaves no trace.
LEAVES_TRACES = os.name == "posix"
# A pipe that took a file's place is opened without waiting for who writes into it.
FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)

Look = Callable[[str], os.stat_result]
# Device, inode, mode, size, time of writing, time of any change: where one of these is another, the content may be.
Stamp = tuple[int, int, int, int, int, int]
# By path: bytes, or the number of the error that kept from reading.
Contents = tuple[tuple[str, bytes | int], ...]


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
            names = sorted(filter(is_visible, os.listdir(path)))  # noqa: PTH208 -- asked at every run, and so without objects
        except OSError as error:
            return cls("nothing", ((path, error.errno or EINVAL),))
        if kind_of_directory(names) == "bundle":
            return cls("bundle", ((path, stamp), *inside(path, names, os.lstat)))
        return cls("directory", ((path, stamp), *inside(path, filter(is_of_interest, names), os.stat)))

    @property
    def files(self) -> tuple[tuple[str, Stamp | int], ...]:
        """The files that hold a policy in YAML, without the directory around them."""
        return self.stamps[1:] if self.kind == "directory" else self.stamps

    def is_of(self, folder: tuple[int, int]) -> bool:
        """Whether it is of the directory with this device and inode."""
        return any(not isinstance(stamp, int) and stamp[:2] == folder for _, stamp in self.stamps[:1])

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

    It is `settled` when an equal survey means equal content from now on. `bundle` is what the reader of bundles made of one: its
    parts, or why it has none.
    """

    survey: Survey
    contents: Contents
    settled: bool
    digest: str
    bundle: Any = field(default=None, repr=False)


def take(path: str, known: Survey | None = None) -> Snapshot:
    """The content of a path at one moment; an error when it keeps changing. What is as it was `known` is not waited for again."""
    survey = Survey.of(path)
    for _ in range(MOST_LOOKS):
        before, now = survey, time.time_ns()
        if survey.written_at > now - QUIET_NS and survey != known:
            time.sleep(QUIET_SECONDS)
            survey = Survey.of(path)
        if survey == before:
            bundle = bundle_at(path) if survey.kind == "bundle" else None
            found = contents_of(survey) if bundle is None else contents_of_bundle(survey, bundle)
            survey = Survey.of(path)
            if survey == before and found is not None:
                return snapshot(survey, found, read_at=now, bundle=bundle)
    raise unreadable(
        path, OSError(EBUSY, "it keeps changing; write what is new beside it and rename it when it is whole")
    )


def inside(path: str, names: Iterable[str], look: Look) -> Iterator[tuple[str, Stamp | int]]:
    """The stamps of the files in a directory."""
    return ((name, stamp_of(name, look)) for name in [f"{path}{os.sep}{name}" for name in names])


def stamp_of(path: str, look: Look = os.stat) -> Stamp | int:
    """What tells the content at a path from another without reading it, or the number of the error."""
    try:
        return stamped(look(path))
    except OSError as error:
        return error.errno or EINVAL
    except ValueError:
        # Nothing is at a path with a NUL in it, or with what no file system can write.
        return ENOENT


def stamped(found: os.stat_result) -> Stamp:
    """The stamp of what was found."""
    return found.st_dev, found.st_ino, found.st_mode, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def bundle_at(path: str) -> Any:
    """The parts of a bundle, or the mistake that keeps from reading them."""
    try:
        return part("read_parts")(path)
    except BundleError as error:
        return error


def contents_of_bundle(survey: Survey, bundle: Any) -> Contents | None:
    """What its reader found in a bundle; None when it was not the directory that was surveyed.

    A mistake of reading is content that is not complete, so it is never believed for longer than one look.
    """
    if isinstance(bundle, BundleError):
        return ((str(bundle), EIO),)
    if not survey.is_of(bundle.folder):
        return None
    return tuple((bundle.name(suffix), data) for suffix, data in sorted(bundle.data.items()))


def contents_of(survey: Survey) -> Contents | None:
    """What the files of a survey hold; None when one of them is another by now."""
    contents = [(name, read(name, stamp, LARGEST_DOCUMENT)) for name, stamp in survey.files]
    found = tuple((name, content) for name, content in contents if content is not None)
    return found if len(found) == len(contents) else None


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


def snapshot(survey: Survey, contents: Contents, *, read_at: int, bundle: Any) -> Snapshot:
    """What was read, with its digest."""
    hasher = hashlib.sha256(survey.kind.encode())
    for name, content in contents:
        data, number = (content, 0) if isinstance(content, bytes) else (b"", content)
        hasher.update(f"\n{name!r} {number} {len(data)}\n".encode())
        hasher.update(data)
    complete = all(isinstance(content, bytes) for _, content in contents)
    return Snapshot(survey, contents, complete and survey.tells_later_changes(read_at), hasher.hexdigest(), bundle)
