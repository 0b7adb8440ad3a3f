"""One code with its words and the shortest input that provokes it."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent
from typing import Literal

__all__ = ["ErrorCode", "Way", "entry"]

# Who has to read the example: the reader of policies, that of one constraint in a rule, the linter, the reader of suites, Python
# in an empty folder, or a shell in a folder with the policy of the README.
Way = Literal["policy", "constraint", "lint", "suites", "python", "command"]


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """A stable code: a title in lower case, a sentence of what it means, what to do, and an example that is read as `way` says."""

    code: str
    title: str
    meaning: str
    remedy: str
    example: str
    way: Way
    manifest: str = ""


def entry(way: Way, code: str, title: str, example: str, *, means: str, remedy: str, manifest: str = "") -> ErrorCode:  # noqa: PLR0913
    """The code, with its example freed from the indentation of the source."""
    return ErrorCode(code, title, means, remedy, dedent(example).strip("\n"), way, manifest)
