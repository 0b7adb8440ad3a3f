"""The command `hexgate`: arguments in, an exit code out. Commands are loaded when they are called.

Exit codes: 0 yes, 1 no (a denial, a mistake, a failed case), 2 the command cannot be run as it was written, 3 approval required.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from traceback import format_exception
from typing import Annotated, Any, ClassVar, NoReturn

import typer
from typer.main import get_command

from hexgate.cli.loading import LazyGroup
from hexgate.cli.output import CommandError, Output, first_of, visible
from hexgate.core import __version__
from hexgate.core.errors import HexgateError, Mistake, MistakesError

__all__ = ["app", "main"]

UNREADABLE = {"HX110", "HX111"}
# What was read and is not to be gone by: a bundle that is broken, not to be trusted, or for somebody else.
REFUSED = {f"HX7{number:02}" for number in (*range(2, 10), 13, 14, 15)}
# The class of all that typer says about a command line. Typer has no name for it: it is click's where typer stands upon click,
# and typer's own where it brings click along, and neither of the two can be imported in both. So it is taken from the one of
# its kind that typer does name, and a test fails as soon as that one stands elsewhere.
USAGE_ERROR: Any = typer.BadParameter.__base__
# How typer begins when it knows no such command; a test fails when it says it otherwise.
UNKNOWN = re.compile("No such command '([^']+)'")
DEBUG = "HEXGATE_DEBUG"
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

    table: ClassVar[Mapping[str, str]] = {
        "policy": "hexgate.cli.commands.policy",
        "approvals": "hexgate.cli.commands.approvals",
        "audit": "hexgate.cli.commands.audit",
        "doctor": "hexgate.cli.commands.doctor",
    }

    def main(self, args: Sequence[str] | None = None, **settings: Any) -> Any:  # type: ignore[override]
        """Runs a command line; leaves with its exit code."""
        arguments = list(sys.argv[1:] if args is None else args)
        standalone = settings.pop("standalone_mode", True)
        run = partial(super().main, arguments, **settings, standalone_mode=False)
        code = guarded(run, Output(as_json="--json" in arguments and wants_json(self, arguments)))
        if standalone:
            sys.exit(code)
        return code


def wants_json(command: Any, words: Sequence[str]) -> bool:
    """Whether `--json` is a flag of a command line and not the value of an option, by the options of the command that is meant."""
    rest = iter(words)
    for word in rest:
        if word in {"--", "--json"}:
            return word == "--json"
        if word.startswith("-"):
            if takes_a_value(command, word):
                next(rest, None)
        elif isinstance(command, LazyGroup):
            command = command.get_command(None, word) or command
    return False


def takes_a_value(command: Any, word: str) -> bool:
    """Whether the next word belongs to this option."""
    return any(word in option.opts and not getattr(option, "is_flag", True) for option in command.params)


def guarded(run: Callable[[], Any], output: Output) -> int:
    """The exit code of what is run, with everything that stopped it told, even that it could not be told where it was to be."""
    try:
        return attempted(run, output)
    except CommandError as failure:
        Output().failed([failure.mistake])
        return failure.exit_code


def attempted(run: Callable[[], Any], output: Output) -> int:
    """The exit code of what is run, with what stopped it told."""
    try:
        return int(run() or 0)
    except CommandError as failure:
        output.failed([failure.mistake])
        return failure.exit_code
    except MistakesError as error:
        output.failed(error.mistakes)
        return 2 if error.code in UNREADABLE else 1
    except HexgateError as error:
        output.failed([Mistake(error.code, error.message, error.help, error.span)], getattr(error, "details", ()))
        return 1 if error.code in REFUSED else 2
    except typer.Abort:
        output.warn("stopped")
        return 130
    except USAGE_ERROR as error:
        return misused(error, output)
    except Exception as fault:  # noqa: BLE001
        # The one line behind which no traceback comes: a fault of ours is told as one.
        return broken(fault, output)


def broken(fault: Exception, output: Output) -> int:
    """Tells a fault of ours on one line; whoever looks for it sees the traceback as well."""
    if os.environ.get(DEBUG):
        output.warn("\n".join(map(visible, "".join(format_exception(fault)).splitlines())))
    message, help = f"internal error: {type(fault).__name__}", f"please report it; {DEBUG}=1 shows where it happened"
    output.document({"error": {"code": "internal_error", "message": message, "help": help}, **first_of("mistake", ())})
    if not output.as_json:
        output.warn(visible(f"{message}; {help}"))
    return 1


def misused(error: Any, output: Output) -> int:
    """Tells what typer has to say about a command line that it cannot read; without arguments that is the help."""
    message = error.format_message()
    if error.ctx is None or message == error.ctx.get_help():
        output.warn(message)
    else:
        output.failed([Mistake("HX620", visible(message), advice(error))])
    return 2


def advice(error: Any) -> str:
    """What to do about a command line that cannot be read: a command that stands one level lower is named."""
    group, path = error.ctx.command, error.ctx.command_path
    unknown = UNKNOWN.match(error.format_message())
    if unknown is not None and isinstance(group, LazyGroup):
        for name in group.list_commands(error.ctx):
            inner = group.get_command(error.ctx, name)
            if isinstance(inner, LazyGroup) and unknown[1] in inner.list_commands(error.ctx):
                return f"did you mean `{path} {name} {unknown[1]}`?"
    return f"`{path} --help` says what it takes"


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
    """The entry point. A stream that the shell has closed is an empty one."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 -- it is open until the end
    get_command(app).main(prog_name="hexgate")
    sys.exit(0)
