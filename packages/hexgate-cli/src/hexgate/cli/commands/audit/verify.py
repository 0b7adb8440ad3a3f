"""`hexgate audit verify`: a directory in, whether a record in it is missing, changed, out of order or cut off out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hexgate.cli.loading import new_app
from hexgate.cli.output import Output, counted, visible
from hexgate.cli.progress import Progress
from hexgate.core.audit.checking import verify as check
from hexgate.core.audit.files import size_of
from hexgate.core.audit.place import default_directory
from hexgate.core.audit.report import Finding, Report, StreamReport

__all__ = ["app"]

app = new_app()
MIB = 1024 * 1024
MOST_SHOWN = 50
HELP = """\
Say whether the record of calls is as it was written: nothing missing, changed, out of order or cut off.

\b
Examples:
  hexgate audit verify
  hexgate audit verify /var/lib/agent/audit --json

Each process writes a stream of its own, in which every record is numbered and names the hash of the one before it. A stream may
be checked while it is written. Exit codes: 0 yes, 1 no, 2 usage, or a directory that cannot be read.
"""


@app.command(help=HELP)
def verify(
    directory: Annotated[Path | None, typer.Argument(metavar="[DIR]", help="The audit directory.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of text.")] = False,
) -> int:
    """A directory in, yes or no out."""
    output = Output(as_json=as_json)
    path = default_directory() if directory is None else directory
    progress = Progress(output, "MiB read")
    total = size_of(path) // MIB + 1 if path.is_dir() else 1
    report = check(path, lambda size: progress.reach(min(size // MIB, total), total))
    progress.end()
    output.document(report.as_dict())
    tell(output, report)
    return 0 if report.clean else 1


def tell(output: Output, report: Report) -> None:
    """The report for people: what is wrong first, then what there is."""
    for finding in report.findings[:MOST_SHOWN]:
        show(output, finding)
    left_out = report.faults + report.notes - min(len(report.findings), MOST_SHOWN)
    if left_out:
        output.line(f"… and {left_out} more")
    for stream in report.streams:
        output.line(line_of(output, stream))
    records = counted(sum(stream.records for stream in report.streams), "record")
    what = f"{visible(str(report.directory))}: {records} in {counted(len(report.streams), 'stream')}"
    if report.clean:
        notes = f" · {counted(report.notes, 'note')}" if report.notes else ""
        output.line(f"{output.paint('✓', 'green', 'bold')} {what}{notes}")
    else:
        output.line(f"{output.paint('✗', 'red', 'bold')} {what} · {counted(report.faults, 'fault')}")


def show(output: Output, finding: Finding) -> None:
    """One finding, with its place."""
    word = output.paint("fault", "red") if finding.fault else output.paint("note", "cyan")
    output.line(f"{word}: {visible(finding.message)}")
    output.line(f"  {output.paint('at', 'dim')} {visible(finding.place)}")


def line_of(output: Output, stream: StreamReport) -> str:
    """One stream on a line."""
    open_calls = f", {stream.without_outcome} without an outcome" if stream.without_outcome else ""
    facts = f"{counted(stream.records, 'record')} · {counted(stream.decided, 'decision')}{open_calls}"
    return f"  {visible(stream.stream)}  {output.paint(f'{stream.state:13}', 'dim')} {facts}"
