"""`hexgate audit tail`: a directory in, its newest records out, and on demand those that come later."""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from hexgate.cli.loading import new_app
from hexgate.cli.output import Output, visible
from hexgate.core.audit.event import DECIDED
from hexgate.core.audit.place import default_directory
from hexgate.core.audit.tail import Tail

__all__ = ["app", "wait"]

app = new_app()
SECONDS_BETWEEN = 0.5
# Calls whose outcome may still come.
MOST_OPEN = 10_000
MARKS = {"allow": ("✓", "green"), "deny": ("✗", "red"), "approval_required": ("?", "yellow")}
HELP = """\
Show the newest records of calls: who called what with which arguments, what was decided and why, and what then happened.

\b
Examples:
  hexgate audit tail
  hexgate audit tail --follow --user alice
  hexgate audit tail -n 100 --outcome deny --json

With --json each record is one line of JSON, as it stands in the record. Whether the record is whole says `hexgate audit verify`.
"""


@app.command(help=HELP)
def tail(  # noqa: PLR0913, PLR0917 -- the options of a command are its parameters
    directory: Annotated[Path | None, typer.Argument(metavar="[DIR]", help="The audit directory.")] = None,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="How many of the newest records.")] = 20,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes, until Ctrl-C.")] = False,
    user: Annotated[str | None, typer.Option("--user", metavar="ID", help="Only calls of this user.")] = None,
    tool: Annotated[str | None, typer.Option("--tool", metavar="NAME", help="Only calls of this tool.")] = None,
    outcome: Annotated[
        str | None, typer.Option("--outcome", metavar="WORD", help="Only allow, deny or approval_required.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON for each record.")] = False,
) -> int:
    """The newest records, and those that come."""
    if outcome is not None and outcome not in MARKS:
        raise typer.BadParameter(f"`{outcome}` is none of {', '.join(MARKS)}", param_hint="--outcome")
    records = Tail(default_directory() if directory is None else directory)
    wanted = {key: value for key, value in (("user_id", user), ("tool", tool), ("outcome", outcome)) if value}
    teller = Teller(Output(), wanted, as_json=as_json)
    teller.tell(records.last(lines))
    with suppress(KeyboardInterrupt):
        while follow:
            wait(SECONDS_BETWEEN)
            teller.tell(records.more())
    return 0


wait: Callable[[float], None] = time.sleep


class Teller:
    """Prints records. An outcome is shown if its decision was."""

    def __init__(self, output: Output, wanted: dict[str, str], *, as_json: bool) -> None:
        self.output = output
        self.wanted = wanted
        self.as_json = as_json
        self.calls: OrderedDict[str, str] = OrderedDict()

    def tell(self, records: Iterable[dict[str, Any]]) -> None:
        """The records that are wanted, each on a line."""
        for record in records:
            if record["kind"] == DECIDED:
                if all(record.get(key) == value for key, value in self.wanted.items()):
                    self.remember(record)
                    self.print(record, self.decision)
            elif not self.wanted or record.get("id") in self.calls:
                self.print(record, self.outcome)

    def remember(self, record: dict[str, Any]) -> None:
        """The tool of a call, for its outcome."""
        self.calls[str(record.get("id"))] = str(record.get("tool"))
        if len(self.calls) > MOST_OPEN:
            self.calls.popitem(last=False)

    def print(self, record: dict[str, Any], words: Callable[[dict[str, Any]], str]) -> None:
        """One record for machines or for people."""
        if self.as_json:
            self.output.exact(f"{visible(json.dumps(record, ensure_ascii=False))}\n")
        else:
            self.output.line(f"{self.output.paint(time_of(record), 'dim')} {words(record)}")

    def decision(self, record: dict[str, Any]) -> str:
        """Who wanted what, and what was decided."""
        mark, colour = MARKS.get(str(record.get("outcome")), ("?", "yellow"))
        role = f" ({record['deciding_role']})" if record.get("deciding_role") else ""
        who = f"{record.get('user_id') or 'nobody'}{role}"
        arguments = json.dumps(record.get("arguments"), ensure_ascii=False)
        why = "; ".join([str(record.get("code")), *map(str, record.get("violations") or ())])
        noted = ", only noted" if record.get("monitored") else ""
        text = f"{who} → {record.get('tool')}({arguments}): {why}{noted}"
        return f"{self.output.paint(mark, colour, 'bold')} {self.output.cut(text, 24)}"

    def outcome(self, record: dict[str, Any]) -> str:
        """What then happened."""
        tool = self.calls.pop(str(record.get("id")), "a call before these")
        took = record.get("milliseconds")
        error = f" with {record['error']}" if record.get("error") else ""
        time = f" in {took:.1f} ms" if isinstance(took, int | float) else ""
        return self.output.paint(self.output.cut(f"  {tool}: {record.get('status')}{error}{time}", 24), "dim")


def time_of(record: dict[str, Any]) -> str:
    """The time of day, to the millisecond; the day is seldom looked at, and JSON has it."""
    at = str(record.get("at"))
    fraction = at[20:23] if at[19:20] == "." else "000"
    return visible(f"{at[11:19]}.{fraction}")
