"""What a check of an audit directory found: of each stream what there is, and what is not as it was written."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

__all__ = ["MOST_OPEN", "Finding", "Report", "State", "StreamReport"]

# More are counted.
MOST_FINDINGS = 1000
MOST_OPEN = 20


class State(StrEnum):
    """Who writes a stream."""

    ENDED = "ended"
    WRITTEN = "being written"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was written, or, when it is no `fault`, one that people should know."""

    stream: str
    message: str
    fault: bool = True
    file: str | None = None
    line: int | None = None
    record: int | None = None

    @property
    def place(self) -> str:
        """Where it is."""
        line = "" if self.line is None else f":{self.line}"
        return f"{self.file or self.stream}{line}"

    def as_dict(self) -> dict[str, Any]:
        """The finding as JSON knows it."""
        return {
            "fault": self.fault,
            "stream": self.stream,
            "file": self.file,
            "line": self.line,
            "record": self.record,
            "message": self.message,
        }


@dataclass(slots=True)
class StreamReport:
    """What there is of one stream."""

    stream: str
    state: State
    records: int = 0
    decided: int = 0
    settled: int = 0
    lost: int = 0
    first_at: str | None = None
    last_at: str | None = None
    # Calls whose outcome is not there: they are under way, or the process was killed while they were.
    without_outcome: int = 0
    calls: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The stream as JSON knows it."""
        return {
            "stream": self.stream,
            "state": str(self.state),
            "records": self.records,
            "decided": self.decided,
            "settled": self.settled,
            "lost": self.lost,
            "first_at": self.first_at,
            "last_at": self.last_at,
            "without_outcome": self.without_outcome,
            "calls_without_outcome": self.calls,
        }


@dataclass(slots=True)
class Report:
    """What there is in a directory. It is `clean` when nothing is missing, changed or out of its order."""

    directory: Path
    streams: list[StreamReport] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    faults: int = 0
    notes: int = 0

    @property
    def clean(self) -> bool:
        """Nothing is missing, changed or out of its order."""
        return self.faults == 0

    def add(self, finding: Finding) -> None:
        """Keeps a finding, or counts it when there are many."""
        if finding.fault:
            self.faults += 1
        else:
            self.notes += 1
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(finding)

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON knows it."""
        return {
            "directory": str(self.directory),
            "clean": self.clean,
            "faults": self.faults,
            "notes": self.notes,
            "streams": [stream.as_dict() for stream in self.streams],
            "findings": [finding.as_dict() for finding in self.findings],
        }
