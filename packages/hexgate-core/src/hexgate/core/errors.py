"""The exception tree. What an author did wrong is raised, all of it at once, with its place and a helpful action.

    HexgateError                code, message, help, span
    ├── PolicyError             a policy that cannot be loaded: every mistake that was found in it
    ├── ModuleError             a WebAssembly module that cannot decide: too large, of another ABI, or it does not start
    ├── DoorError               an agent that cannot be put behind the gate
    │   └── UngatedError        a tool of it that nothing can stand in front of
    ├── AuditError              a record of calls that cannot be kept, read or believed
    ├── SuiteError              a suite of policy cases that cannot be run: every mistake that was found in it
    ├── TokenError              a token that says nothing about its bearer: forged, broken, over, or of somebody else
    ├── UserError               a `User` that cannot be asked about: wrong types, attributes that JSON does not know
    ├── CertificateError        two engines that do not answer alike, or a certificate that does not say what it should
    └── BundleError             a bundle that cannot be written, read or trusted
        └── KeyFileError        a key that is none, or whose file cannot be used

A tool call that is denied is no error: it is a `Decision`, returned.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hexgate.core.text import Span, excerpt
from hexgate.core.text.render import visible

__all__ = [
    "MOST_MISTAKES",
    "AuditError",
    "BundleError",
    "CertificateError",
    "DoorError",
    "HexgateError",
    "KeyFileError",
    "Mistake",
    "MistakesError",
    "ModuleError",
    "PolicyError",
    "SuiteError",
    "TokenError",
    "UngatedError",
    "UserError",
]

# A document with a thousand mistakes is one mistake: the list that is shown stays readable and its size bounded.
MOST_MISTAKES = 100


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing an author has to change: a stable code, what is wrong in lower case, and what to do about it."""

    code: str
    message: str
    help: str | None = None
    span: Span | None = None
    path: str = ""

    def __str__(self) -> str:
        return self.render()

    @property
    def headline(self) -> str:
        """The place, the message and the code on one line."""
        place = f"{self.span}: " if self.span else (f"{self.path}: " if self.path else "")
        return visible(f"{place}{self.message} [{self.code}]")

    def render(self) -> str:
        """The headline, the line of the document with carets, and the help."""
        lines = [self.headline]
        if self.span is not None:
            lines.append(excerpt(self.span))
        if self.help:
            lines.append(f"help: {visible(self.help)}")
        return "\n".join(lines)

    def as_dict(self) -> dict[str, object]:
        """The mistake as JSON knows it; `line` and `column` are null when the document had no text."""
        span = self.span
        return {
            "code": self.code,
            "message": self.message,
            "help": self.help,
            "file": span.source.name if span else None,
            "line": span.line if span else None,
            "column": span.column if span else None,
            "path": self.path,
        }


class HexgateError(Exception):
    """The root of everything that Hexgate raises."""

    def __init__(self, code: str, message: str, *, help: str | None = None, span: Span | None = None) -> None:
        super().__init__(Mistake(code, message, help, span).render())
        self.code = code
        self.message = message
        self.help = help
        self.span = span


class MistakesError(HexgateError):
    """A text with at least one mistake in it; all of them are in `mistakes`, in the order of the text."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        first = self.mistakes[0]
        super().__init__(first.code, first.message, help=first.help, span=first.span)

    def __str__(self) -> str:
        shown = "\n\n".join(mistake.render() for mistake in self.mistakes[:MOST_MISTAKES])
        hidden = len(self.mistakes) - MOST_MISTAKES
        return f"{shown}\n\n… and {hidden} more" if hidden > 0 else shown


class PolicyError(MistakesError):
    """A policy that cannot be loaded."""


class SuiteError(MistakesError):
    """A suite of policy cases that cannot be run."""


class TokenError(HexgateError):
    """A token, or a key for tokens, that cannot be used. No part of it is ever in the message."""


class UserError(HexgateError):
    """A `User` whose parts are not what they must be."""


class DoorError(HexgateError):
    """An agent that cannot be put behind the gate."""


class UngatedError(DoorError):
    """A tool, or something like one, that would run without being decided about."""


class AuditError(HexgateError):
    """A record that cannot be kept, read or believed."""


class ModuleError(HexgateError):
    """A WebAssembly module that cannot decide."""


class CertificateError(HexgateError):
    """Two engines that do not answer alike, or a certificate that does not hold; `details` are lines that show it."""

    def __init__(self, code: str, message: str, *, details: Iterable[str] = (), help: str | None = None) -> None:
        super().__init__(code, message, help=help)
        self.details = tuple(details)

    def __str__(self) -> str:
        headline, *helpful = Mistake(self.code, self.message, self.help).render().split("\n", 1)
        return "\n".join([headline, *(visible(f"  {line}") for line in self.details), *helpful])


class BundleError(HexgateError):
    """A bundle that cannot be written, read or trusted."""


class KeyFileError(BundleError):
    """A key that is none, or whose file cannot be used."""
