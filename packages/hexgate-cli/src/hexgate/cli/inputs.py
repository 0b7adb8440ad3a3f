"""What a user gives on the command line in, bytes and JSON out, or where it is wrong. Standard input is read once."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hexgate.cli.output import CommandError
from hexgate.core.errors import PolicyError
from hexgate.core.policy.nodes import read_source
from hexgate.core.text import Source, Span

__all__ = ["glimpse", "json_object", "json_text", "one_reader", "parsed", "text_of"]


def one_reader(**givens: str | None) -> None:
    """Refuses a second `-`: standard input can be read once only."""
    readers = [name for name, given in givens.items() if given == "-"]
    if len(readers) > 1:
        names = " and ".join(f"`{name}`" for name in readers)
        raise CommandError("HX624", f"{names} both read standard input", help="give one of them as a file")


def text_of(path: Path, name: str) -> Source:
    """The text of a file, or of standard input for `-`."""
    try:
        data = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise CommandError(
            "HX622", f"`{path}` cannot be read: {why}", help=f"check the path that {name} names"
        ) from None
    try:
        return read_source("<stdin>" if str(path) == "-" else str(path), data)
    except PolicyError as error:
        mistake = error.mistakes[0]
        raise CommandError(mistake.code, mistake.message, help=mistake.help, span=mistake.span) from None


def glimpse(path: Path) -> str:
    """What a file holds, as well as it can be read: enough to tell suites from a policy, empty when there is nothing to see."""
    try:
        return path.read_bytes().decode("utf-8", "replace") if path.is_file() else ""
    except OSError:
        return ""


def json_text(given: str, name: str) -> str:
    """JSON that was given as it is, as `@file`, or as `-`: its text, once it is known to be JSON."""
    source = (
        text_of(Path(given.removeprefix("@")), name) if given == "-" or given.startswith("@") else Source(name, given)
    )
    parsed(source)
    return source.text


def json_object(given: str, name: str) -> Mapping[str, Any]:
    """The same, when it has to be an object."""
    text = json_text(given, name)
    value = parsed(Source(name, text))
    if not isinstance(value, dict):
        raise CommandError("HX621", f"{name} must be a JSON object", help='write it as `{"name": "value"}`')
    return value


def parsed(source: Source) -> Any:
    """The value of a JSON text. What is JSON and yet no call is left to the decision, which says so."""
    try:
        return json.loads(source.text)
    except json.JSONDecodeError as error:
        span = Span(source, error.lineno, error.colno, error.lineno, error.colno + 1)
        words = error.msg[0].lower() + error.msg[1:]
        help = "quote it for your shell, as in '{\"amount\": 400}', or give a file as `@call.json`"
        raise CommandError("HX621", f"this is not JSON: {words}", help=help, span=span) from None
    except (ValueError, RecursionError):
        # Too many digits or levels: JSON all the same.
        return None
