"""An audit directory in, what is missing, changed, out of order or cut off out. Nothing is written and nothing in it is trusted.

A stream that a process is writing is checked as well: how far it has come is read first, so what is said to be there has to be.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hexgate.core.audit.files import StreamFiles, streams_in
from hexgate.core.audit.mark import Reached, is_held, reached
from hexgate.core.audit.reading import Position, lines_of, opened_file, position_of
from hexgate.core.audit.report import Finding, Report, State, StreamReport
from hexgate.core.audit.walk import Walk
from hexgate.core.errors import AuditError

__all__ = ["verify"]

Progress = Callable[[int], None]
# So often while it is read is it said how many bytes there were.
LINES_BETWEEN = 4096


def verify(directory: str | Path, progress: Progress | None = None) -> Report:
    """Checks every stream of a directory. `progress` is told how many bytes were read so far."""
    path = Path(directory)
    report = Report(path)
    try:
        names = list(streams_in(path))
    except OSError as error:
        raise AuditError(
            "HX911",
            f"the audit directory `{path}` cannot be read: {error.strerror}",
            help="name the directory that the agent was given by HEXGATE_AUDIT_DIR",
        ) from None
    count = 0
    for name in names:
        count = StreamCheck(path, name, report, count, progress).run()
    return report


class StreamCheck:
    """The check of one stream."""

    def __init__(self, directory: Path, stream: str, report: Report, read: int, progress: Progress | None) -> None:
        self.directory = directory
        self.stream = stream
        self.report = report
        self.progress = progress
        self.read = read

    def run(self) -> int:
        """Checks the stream; how many bytes were read so far."""
        state, known, files = self.looked_at()
        if files is None or (not files.segments and files.beside == {"sent"}):
            # It was acknowledged whole and removed.
            return self.read
        sent = position_of(files.path("sent"))
        found = StreamReport(self.stream, state)
        walk = Walk(found, self.add, begins_later=min(files.segments, default=1) > 1)
        self.report.streams.append(found)
        if known is None:
            self.add(Finding(self.stream, "its mark is missing or broken, so nobody knows whether its end was cut off"))
        self.check_beginning(files, sent)
        last = files.last
        for number in range(min(files.segments, default=1), last + 1):
            if number in files.segments:
                self.segment(walk, files.segments[number], number, open_end=number == last and state is not State.ENDED)
            else:
                walk.skip(f"segment {number} is missing")
        self.check_end(walk, state, known, sent)
        walk.finish()
        return self.read

    def looked_at(self) -> tuple[State, Reached | None, StreamFiles | None]:
        """Who writes the stream and how far it has come, and then what there is of it."""
        mark, ended = self.directory / f"{self.stream}.mark", self.directory / f"{self.stream}.ended"
        known, state = reached(mark), State.ABANDONED
        try:
            state = State.WRITTEN if is_held(mark) else State.ABANDONED
        except OSError:
            if ended.exists():
                known, state = reached(ended), State.ENDED
        return state, known, streams_in(self.directory).get(self.stream)

    def add(self, finding: Finding) -> None:
        """Notes a finding."""
        self.report.add(finding)

    def check_beginning(self, files: StreamFiles, sent: Position | None) -> None:
        """Segments may be missing at the front if they were acknowledged."""
        first = min(files.segments, default=None)
        acknowledged = 0 if sent is None else sent.segment - 1
        if first is None:
            if sent is None:
                self.add(Finding(self.stream, "all of its segments are missing"))
        elif first > 1 and acknowledged < first - 1:
            which = (
                f"segment {acknowledged + 1} is"
                if first == acknowledged + 2
                else f"segments {acknowledged + 1} to {first - 1} are"
            )
            self.add(Finding(self.stream, f"{which} missing, and nobody has acknowledged what was in there"))

    def segment(self, walk: Walk, path: Path, number: int, *, open_end: bool) -> None:
        """Walks through the lines of one segment."""
        try:
            file = opened_file(path)
        except OSError as error:
            sent = position_of(self.directory / f"{self.stream}.sent")
            if sent is None or sent.segment <= number:
                walk.skip(f"segment {number} cannot be read: {error.strerror}")
            return
        with file:
            walk.begin(path.name, number)
            for line, whole in lines_of(file):
                if not whole and open_end:
                    walk.torn = len(line)
                    break
                walk.line(line, whole=whole)
                self.read += len(line) + 1
                if self.progress is not None and walk.at % LINES_BETWEEN == 0:
                    self.progress(self.read)
        walk.end(sealed=not open_end)

    def check_end(self, walk: Walk, state: State, known: Reached | None, sent: Position | None) -> None:
        """The last record has to be the one that the mark knows, or one behind that if nobody closed the stream."""
        number, link = walk.number, walk.link
        if number == 0 and sent is not None:
            number, link = sent.number, sent.link
        if known is not None and known.number > number:
            missing = (
                f"record {known.number} is"
                if known.number == number + 1
                else f"records {number + 1} to {known.number} are"
            )
            self.add(walk.finding(f"{missing} missing: the end was cut off"))
        elif known is not None and known.number == number and link is not None and known.link != link:
            self.add(walk.finding(f"record {number} was changed"))
        elif state is State.ENDED and known is not None and known.number < number:
            self.add(walk.finding(f"records behind {known.number} were added after the stream had ended"))
        if state is State.ENDED and walk.number and not walk.is_last:
            self.add(walk.finding("the stream ended, and its last seal is missing"))
        if state is State.ABANDONED:
            torn = f", and {walk.torn:,} bytes of a record were not written whole" if walk.torn else ""
            message = f"its process ended without sealing it{torn}; the next process that writes here does so"
            self.add(walk.finding(message, fault=False))
