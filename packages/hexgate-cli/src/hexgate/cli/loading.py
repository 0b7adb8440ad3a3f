"""The name of a command in, the command out, loaded when it is first asked for.

This is the only place of the command line that loads a module by its name: `hexgate --help` waits for no engine, and
`hexgate policy fmt` for nothing but the formatter.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, ClassVar

import typer
from typer.core import TyperGroup
from typer.main import get_command

__all__ = ["LazyGroup", "new_app"]


def new_app(**settings: Any) -> typer.Typer:
    """A typer app that prints plain text: colours, boxes and tracebacks are the business of `output`."""
    return typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False, **settings)


class LazyGroup(TyperGroup):
    """A group that knows its commands by the modules in which they live; each module has an `app`."""

    table: ClassVar[Mapping[str, str]] = {}

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        # What typer suggests from when a name is mistyped; the commands themselves come later.
        self.commands: Any = dict.fromkeys(self.table)

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 -- typer says what is passed
        """The names, in the order of the table."""
        return list(self.table)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """The command of that name, or None."""
        if self.commands.get(cmd_name) is None and cmd_name in self.table:
            command = get_command(import_module(self.table[cmd_name]).app)
            command.name = cmd_name
            self.commands[cmd_name] = command
        return self.commands.get(cmd_name)
