"""Streams whose process was killed: what was written half is cut off, and a seal says that it was so.

# INVARIANT: nothing that was written whole is ever taken away, and a stream that somebody writes is left alone.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from hexgate.core.audit.files import StreamFiles, streams_in
from hexgate.core.audit.lines import LONGEST_LINE, Head, head_of
from hexgate.core.audit.mark import Mark, reached
from hexgate.core.audit.writer import SEALED, Writer

__all__ = ["recover", "recovered"]

log = logging.getLogger("hexgate.audit")


def recover(directory: Path, seconds: float) -> int:
    """Seals the streams of a directory that nobody writes any more; how many those were."""
    count = 0
    for files in streams_in(directory).values():
        if not files.ended:
            try:
                count += recovered(files, seconds)
            except OSError as error:
                # Somebody else writes or recovers it, or the disk is full: it stays as it is for the next time.
                log.debug("the stream %s is left as it is: %s", files.stream, error)
    return count


def recovered(files: StreamFiles, seconds: float) -> bool:
    """Ends one stream, if nobody writes it. Raises OSError when that cannot be done now."""
    path = files.path("mark")
    # Without a mark, somebody removed it, or the stream was ended a moment ago.
    mark = Mark(path, new=not path.exists())
    try:
        # Only now that the lock is ours do the files stay as they are.
        found = streams_in(files.directory)[files.stream]
        known = reached(path)
        writer = Writer(files.directory, files.stream, mark)
        if found.ended:
            mark.remove()
            return False
        tail = resume(writer, found)
        if tail is None and known is not None and known.number:
            # All is gone that the mark knows of: it stays, to say so.
            mark.end()
        elif tail is not None and tail.is_last:
            mark.set(tail.head.number, tail.link)
            mark.end()
        else:
            missing = 0 if known is None or tail is None else max(0, known.number - tail.head.number)
            writer.end(seconds, by="recovery", torn=tail.torn if tail else 0, missing=missing)
            return tail is not None
    except BaseException:
        mark.close()
        raise
    return True


def resume(writer: Writer, files: StreamFiles) -> Tail | None:
    """Puts a writer behind the last whole record of a stream; None when there is no record."""
    for segment in sorted(files.segments, reverse=True):
        path = files.segments[segment]
        tail = tail_of(path)
        if tail is None:
            # It was being opened, and nothing is in it.
            path.unlink()
            continue
        writer.segment, writer.size = segment, tail.end
        writer.number, writer.link = tail.head.number, tail.link
        if tail.head.kind != SEALED:
            os.truncate(path, tail.end)
            writer.handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW)
        return tail
    return None


@dataclass(frozen=True, slots=True)
class Tail:
    """The last whole record of a segment: where it ends, what it is, and how many bytes of another one follow."""

    end: int
    head: Head
    link: str
    torn: int
    is_last: bool


def tail_of(path: Path) -> Tail | None:
    """What a segment ends with. Raises OSError when that is no record of ours: such a file is left for people to look at."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        start = file.seek(max(0, size - 2 * LONGEST_LINE))
        content = file.read()
    whole, newline, torn = content.rpartition(b"\n")
    if not newline and start == 0:
        return None
    line = whole.rpartition(b"\n")[2]
    head = head_of(line)
    if head is None:
        raise OSError(f"{path} ends with no record")
    is_last = head.kind == SEALED and b'"last":true' in line
    return Tail(start + len(whole) + 1, head, sha256(line).hexdigest(), len(torn), is_last)
