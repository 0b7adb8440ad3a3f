"""What a command has to say in, text for people or one JSON document for machines out. The only place that prints.

# INVARIANT: no text that somebody else wrote reaches a terminal with a character that could move its cursor or hide itself.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from errno import EPIPE
from shutil import get_terminal_size
from typing import Any, Protocol, TextIO

from hexgate.core.errors import MOST_MISTAKES, Mistake
from hexgate.core.text import Span, excerpt
from hexgate.core.text.render import visible

__all__ = ["MOST_IN_JSON", "CommandError", "Output", "counted", "first_of", "visible"]

STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
NARROWEST = 40
# Of one list; how many there are in all stands beside it. Text shows as many as the message of an error does.
MOST_IN_JSON = 1000
# Our own marks for terminals that cannot show them; what others wrote is escaped there.
PLAIN = str.maketrans({"✓": "+", "✗": "x", "→": "->", "•": "*", "·": "|", "…": "...", "–": "-"})


class CommandError(Exception):
    """What stops a command: a stable code, what is wrong, what to do about it, and the exit code."""

    def __init__(
        self, code: str, message: str, *, help: str | None = None, span: Span | None = None, exit_code: int = 2
    ) -> None:
        super().__init__(message)
        self.mistake = Mistake(code, message, help, span)
        self.exit_code = exit_code


class Output:
    """Prints for one command. With `as_json` nothing but one document goes to standard output."""

    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json = as_json
        self.colour = wants_colour(sys.stdout)
        self.watched = sys.stderr.isatty() and not as_json
        self.width = max(NARROWEST, get_terminal_size((100, 24)).columns)

    def paint(self, text: str, *styles: str) -> str:
        """The text in a style, where the terminal shows one."""
        if not self.colour or not text:
            return text
        return f"\x1b[{';'.join(STYLES[style] for style in styles)}m{text}\x1b[0m"

    def line(self, text: str = "") -> None:
        """One line for people; silent when machines are asking. What others wrote in it has to be `visible` already."""
        if not self.as_json:
            write(sys.stdout, f"{text}\n")

    def exact(self, text: str) -> None:
        """Text that goes out as it is, for a file or a pipe."""
        write(sys.stdout, text)

    def document(self, value: Any) -> None:
        """The one JSON document; silent when people are asking."""
        if self.as_json:
            write(sys.stdout, f"{exactly(value)}\n")

    def cut(self, text: str, used: int = 0) -> str:
        """The text made visible and no longer than what is left of a line; never less than a few words."""
        text, room = visible(text), max(NARROWEST, self.width - used)
        return text if len(text) <= room else f"{text[: room - 1]}…"

    def mistake(self, mistake: Mistake, *, severity: str = "error") -> None:
        """A mistake or a finding: the place, the line with carets, and what to do about it."""
        for text in self.told(mistake, severity):
            self.line(text)

    def more(self, total: int) -> None:
        """Says how many of a list were left out, if any."""
        for text in left_out(total):
            self.line(f"{text}\n")

    def told(self, mistake: Mistake, severity: str) -> Iterable[str]:
        """The lines in which a mistake is told."""
        colour = {"error": "red", "warning": "yellow"}.get(severity, "cyan")
        yield self.paint(visible(mistake.headline), colour)
        if mistake.span is not None:
            yield excerpt(mistake.span)
        if mistake.help:
            yield f"{self.paint('help:', 'bold')} {visible(mistake.help)}"

    def failed(self, mistakes: Iterable[Mistake], details: Sequence[str] = ()) -> None:
        """Why the command could not do what it was asked: on standard error, or as the JSON document."""
        mistakes = list(mistakes)
        if self.as_json:
            first = mistakes[0]
            error = {"code": first.code, "message": first.message, "help": first.help}
            shown = {"details": list(details)} if details else {}
            self.document({"error": error, **shown, **first_of("mistake", mistakes)})
            return
        self.colour = wants_colour(sys.stderr)
        told = ["\n".join(self.told(mistake, "error")) for mistake in mistakes[:MOST_MISTAKES]]
        self.warn("\n\n".join([*told, *left_out(len(mistakes))]))
        for line in details:
            self.warn(f"  {visible(line)}")

    def warn(self, text: str) -> None:
        """A line on standard error, whoever is asking."""
        write(sys.stderr, f"{text}\n")

    def progress(self, text: str) -> None:
        """Replaces the line at which a terminal stands; an empty text takes it away."""
        write(sys.stderr, f"\r\x1b[K{text}")


def wants_colour(stream: TextIO) -> bool:
    """Whether a stream shows colours: NO_COLOR and FORCE_COLOR decide, else whether it is a terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (stream.isatty() and os.environ.get("TERM") != "dumb")


def write(stream: TextIO, text: str) -> None:
    """Writes; a reader who has gone away, as `head` does, is no fault of ours and changes no exit code."""
    try:
        stream.write(text)
        stream.flush()
    except UnicodeEncodeError:
        encoding = stream.encoding or "ascii"
        write(stream, text.translate(PLAIN).encode(encoding, "backslashreplace").decode(encoding))
    except OSError as error:
        # The stream is flushed once more at exit, and must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        if error.errno != EPIPE:
            raise CommandError("HX625", f"the output cannot be written: {error.strerror}", help="make room") from None


def exactly(value: Any) -> str:
    """A value as JSON on many lines, with every character escaped that a terminal could obey."""
    text = json.dumps(value, ensure_ascii=False, indent=2, default=str)
    return "".join(char if char.isprintable() or char == "\n" else json.dumps(char)[1:-1] for char in text)


def counted(number: int, word: str) -> str:
    """`1 rule`, `2 rules`."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def left_out(total: int) -> list[str]:
    """What to say below a list of which no more than the first were shown."""
    return [f"… and {total - MOST_MISTAKES} more"] if total > MOST_MISTAKES else []


class Told(Protocol):
    """What JSON knows how to tell."""

    def as_dict(self) -> dict[str, Any]: ...


def first_of(word: str, items: Sequence[Told]) -> dict[str, Any]:
    """The first items of a list, and how many there are in all."""
    return {f"{word}s": [item.as_dict() for item in items[:MOST_IN_JSON]], f"{word}_count": len(items)}
