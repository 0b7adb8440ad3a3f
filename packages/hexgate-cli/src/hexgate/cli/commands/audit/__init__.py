"""`hexgate audit`: one module for each command."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from hexgate.cli.loading import LazyGroup, new_app

__all__ = ["app"]

HERE = "hexgate.cli.commands.audit"


class AuditCommands(LazyGroup):
    """The commands about the record of calls."""

    table: ClassVar[Mapping[str, str]] = {"verify": f"{HERE}.verify", "tail": f"{HERE}.tail"}


app = new_app(cls=AuditCommands, no_args_is_help=True)
HELP = """\
Look at the record of calls, and say whether it is as it was written.

\b
Examples:
  hexgate audit tail --follow
  hexgate audit verify /var/lib/agent/audit

Without a directory it is the one of HEXGATE_AUDIT_DIR, else the one in which agents of this user keep their record.
"""


@app.callback(help=HELP)
def audit() -> None:
    """The group itself does nothing."""
