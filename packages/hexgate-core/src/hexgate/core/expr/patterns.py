"""A regular expression of an author in, RE2's program for it or what is wrong with it out.

# INVARIANT: matching is linear and stays on whole characters, in every engine: RE2 alone says what a pattern is.
"""

from __future__ import annotations

import re
from typing import Protocol, cast

import re2

__all__ = ["MOST_CHARACTERS", "Pattern", "compile_pattern", "pattern_mistake"]

MOST_CHARACTERS = 1024

OPTIONS = re2.Options()
OPTIONS.log_errors = False

# `\C` is one byte, so it could match half of a character. Between `\Q` and `\E` it is two plain ones.
ESCAPES = re.compile(r"\\Q.*?(?:\\E|\Z)|\\(.)", re.DOTALL)


class Pattern(Protocol):
    """What is used of a compiled pattern; it reads UTF-8."""

    @property
    def programsize(self) -> int:
        """How many steps it compiles to."""

    def search(self, text: bytes) -> object | None:
        """Something when the pattern is found in the text."""


def compile_pattern(pattern: str) -> Pattern:
    """The program of a pattern that has no mistake."""
    return cast(Pattern, re2.compile(pattern.encode(), OPTIONS))


def pattern_mistake(pattern: str) -> str | None:
    """What RE2, or we, have against a pattern."""
    if any(match[1] == "C" for match in ESCAPES.finditer(pattern)):
        return "`\\C` cuts characters in half"
    try:
        compile_pattern(pattern)
    except re2.error as error:
        return said_by(error)
    return None


def said_by(error: Exception) -> str:
    """RE2's message, which is UTF-8 in bytes."""
    reason = error.args[0]
    return reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
