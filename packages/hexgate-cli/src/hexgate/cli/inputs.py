"""What a user gives on the command line in, bytes and JSON out, or where it is wrong. Standard input is read once.

# INVARIANT: nothing is read to its end before its size is known: a path may name what never ends.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hexgate.cli.output import CommandError
from hexgate.core.call import LARGEST_ARGUMENTS
from hexgate.core.errors import PolicyError
from hexgate.core.policy.nodes import LARGEST_DOCUMENT, read_source
from hexgate.core.text import Source, Span

__all__ = [
    "bytes_of",
    "file_of",
    "glimpse",
    "is_folder",
    "json_object",
    "json_text",
    "one_reader",
    "parsed",
    "source_of",
]


def one_reader(**givens: str | None) -> None:
    """Refuses a second `-`: standard input can be read once only."""
    readers = [name for name, given in givens.items() if given == "-"]
    if len(readers) > 1:
        names = " and ".join(f"`{name}`" for name in readers)
        raise CommandError("HX624", f"{names} both read standard input", help="give one of them as a file")


def file_of(given: str | None) -> str | None:
    """The file that stands for JSON, `-` for standard input; None for JSON that was given as it is."""
    if given is None or given == "-":
        return given
    return given[1:] if given.startswith("@") else None


def bytes_of(path: str, name: str, most: int = LARGEST_DOCUMENT) -> bytes:
    """What a file holds, or standard input for `-`."""
    try:
        if path == "-":
            data = sys.stdin.buffer.read(most + 1)
        else:
            with Path(path).open("rb") as file:
                data = file.read(most + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise CommandError(
            "HX622", f"`{path}` cannot be read: {why}", help=f"check the path that {name} names"
        ) from None
    if len(data) > most:
        what = "standard input" if path == "-" else f"`{path}`"
        raise CommandError(
            "HX103", f"{what} is larger than {most:,} bytes", help=f"{name} takes no more; check what it names"
        )
    return data


def source_of(path: str, data: bytes) -> Source:
    """The text of what was read there."""
    try:
        return read_source("<stdin>" if path == "-" else path, data)
    except PolicyError as error:
        mistake = error.mistakes[0]
        raise CommandError(mistake.code, mistake.message, help=mistake.help, span=mistake.span) from None


def is_folder(path: Path) -> bool:
    """Whether a path is a folder; one at which nothing can be is none, and reading it says why."""
    try:
        return path.is_dir()
    except OSError:
        return False


def glimpse(path: Path) -> str:
    """What a file holds, as well as it can be read: enough to tell suites from a policy, empty when there is nothing to see."""
    try:
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            return file.read(LARGEST_DOCUMENT).decode("utf-8", "replace")
    except OSError:
        return ""


def json_text(given: str, name: str, most: int = LARGEST_ARGUMENTS) -> str:
    """JSON that was given as it is, as `@file`, or as `-`: its text, once it is known to be JSON."""
    path = file_of(given)
    source = Source(name, given) if path is None else source_of(path, bytes_of(path, name, most))
    parsed(source)
    return source.text


def json_object(given: str, name: str, most: int = LARGEST_ARGUMENTS) -> Mapping[str, Any]:
    """The same, when it has to be an object."""
    text = json_text(given, name, most)
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
