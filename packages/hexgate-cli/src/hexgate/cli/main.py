"""The command `hexgate`: arguments in, an exit code out. Commands are loaded when they are called.

Exit codes: 0 yes, 1 no (a denial, a mistake, a failed case), 2 the command cannot be run as it was written, 3 approval required.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Annotated, Any, ClassVar, NoReturn

import typer
from typer.main import get_command

from hexgate.cli.loading import LazyGroup
from hexgate.cli.output import CommandError, Output, visible
from hexgate.core import __version__
from hexgate.core.errors import HexgateError, Mistake, MistakesError

__all__ = ["app", "main"]

UNREADABLE = {"HX110", "HX111"}
# The class of all that typer says about a command line; of its kind typer shows this one only.
USAGE_ERROR: Any = typer.BadParameter.__base__
HELP = """\
Whether this user, in this role, may run this tool with these arguments: policies for agents at a terminal.

\b
Examples:
  hexgate policy validate policies/
  hexgate policy test policy.yaml --role billing --tool refund_order --args '{"amount": 400}'
  hexgate policy test tests/policies --coverage
  hexgate policy explain policy.yaml --role support --tool refund_order --args @call.json

\b
Exit codes: 0 yes, 1 no (a denial, a mistake, a failed case), 2 usage, 3 approval required.
"""


class Root(LazyGroup):
    """All commands. Whatever stops one of them is told here, to people or as JSON."""

    table: ClassVar[Mapping[str, str]] = {"policy": "hexgate.cli.commands.policy"}

    def main(self, args: Sequence[str] | None = None, **settings: Any) -> Any:  # type: ignore[override]
        """Runs a command line; leaves with its exit code."""
        arguments = list(sys.argv[1:] if args is None else args)
        standalone = settings.pop("standalone_mode", True)
        run = partial(super().main, arguments, **settings, standalone_mode=False)
        code = guarded(run, Output(as_json="--json" in arguments))
        if standalone:
            sys.exit(code)
        return code


def guarded(run: Callable[[], Any], output: Output) -> int:
    """The exit code of what is run, with everything that stopped it told."""
    try:
        return int(run() or 0)
    except CommandError as failure:
        output.failed([failure.mistake])
        return failure.exit_code
    except MistakesError as error:
        output.failed(error.mistakes)
        return 2 if error.code in UNREADABLE else 1
    except HexgateError as error:
        output.failed([Mistake(error.code, error.message, error.help, error.span)])
        return 2
    except typer.Abort:
        output.warn("stopped")
        return 130
    except USAGE_ERROR as error:
        return misused(error, output)


def misused(error: Any, output: Output) -> int:
    """Tells what typer has to say about a command line that it cannot read; without arguments that is the help."""
    message = error.format_message()
    if error.ctx is None or message == error.ctx.get_help():
        output.warn(message)
    else:
        output.failed([Mistake("HX620", visible(message), f"`{error.ctx.command_path} --help` says what it takes")])
    return 2


app = typer.Typer(
    name="hexgate",
    cls=Root,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def show_version(wanted: bool) -> None:
    """Prints the version and stops."""
    if wanted:
        Output().line(f"hexgate {__version__}")
        raise typer.Exit(0)


@app.callback(help=HELP)
def hexgate(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """The root of all commands; what it takes has done its work when it is called."""


def main() -> NoReturn:
    """The entry point."""
    get_command(app).main(prog_name="hexgate")
    sys.exit(0)
