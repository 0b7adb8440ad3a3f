"""The place of the record in, what lies there out, and whether a process could write to it. Nothing is made there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from hexgate.cli.commands.doctor.report import Finding, Section
from hexgate.cli.output import counted, visible
from hexgate.core.audit.files import size_of, streams_in
from hexgate.core.audit.place import AUDIT_DIR, default_directory
from hexgate.core.errors import Mistake

__all__ = ["record"]


def record() -> Section:
    """Where the record of calls lies, and how much of it there is."""
    directory = default_directory()
    findings = tuple(in_the_way(directory))
    streams = size = 0
    if not findings and directory.is_dir():
        streams, size = len(streams_in(directory)), size_of(directory)
    holds = f"{counted(streams, 'stream')}, {size:,} bytes" if streams else "nothing yet"
    facts = (("directory", visible(str(directory))), ("holds", holds))
    return Section("record", facts, {"directory": str(directory), "streams": streams, "bytes": size}, findings)


def in_the_way(directory: Path) -> Iterator[Finding]:
    """Why nothing can be written there."""
    there = next(place for place in (directory, *directory.absolute().parents) if os.path.lexists(place))
    if there.is_dir() and os.access(there, os.R_OK | os.W_OK | os.X_OK):
        return
    why = "may not be written" if there.is_dir() else "is no directory"
    message = f"the record cannot be kept in `{visible(str(directory))}`: `{visible(str(there))}` {why}"
    help = f"name another directory with {AUDIT_DIR}, or let this one be written"
    yield Finding("error", Mistake("HX902", message, help))
