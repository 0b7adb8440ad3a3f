"""A regular expression of an author in, RE2's program for it or what is wrong with it out.

# INVARIANT: matching is linear and stays on whole characters, in every engine: RE2 alone says what a pattern is.
# INVARIANT: a pattern without mistake has at most `MOST_STEPS`: what a text may cost is a product of two bounded numbers.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Protocol, cast

import re2

__all__ = ["MOST_CHARACTERS", "MOST_STEPS", "Pattern", "compile_pattern", "pattern_mistake", "program_size"]

MOST_CHARACTERS = 1024
MOST_STEPS = 10_000

OPTIONS = re2.Options()
OPTIONS.log_errors = False
# Enough for every pattern of so many steps, and what is far larger is given up early.
OPTIONS.max_mem = 2 << 20

NOT_RE2 = "patterns are RE2's, without look-around, back references and large repeats"
TOO_LARGE = "shorten the counted repeats of large classes, or limit the length apart with `count(…) <= …`"

# `\C` is one byte, so it could match half of a character. Between `\Q` and `\E` it is two plain ones.
ESCAPES = re.compile(r"\\Q.*?(?:\\E|\Z)|\\(.)", re.DOTALL)


class Pattern(Protocol):
    """What is used of a compiled pattern; it reads UTF-8."""

    @property
    def programsize(self) -> int:
        """How many steps it has: each byte of a text may cost that many."""
        ...

    def search(self, text: bytes) -> object | None:
        """Something when the pattern is found in the text."""
        ...


# RE2's own cache holds 128, fewer than the patterns of one large policy, which many parts ask for one after the other.
@lru_cache(maxsize=4096)
def compile_pattern(pattern: str) -> Pattern:
    """The program of a pattern that has no mistake."""
    return cast(Pattern, re2.compile(pattern.encode(), OPTIONS))


def program_size(pattern: str) -> int:
    """How many steps the program of a pattern has that has no mistake."""
    return compile_pattern(pattern).programsize


@lru_cache(maxsize=4096)
def pattern_mistake(pattern: str) -> tuple[str, str] | None:
    """What RE2, or we, have against a pattern, and what to do about it. Programs that are too large are not kept."""
    if any(match[1] == "C" for match in ESCAPES.finditer(pattern)):
        return "`\\C` cuts characters in half", NOT_RE2
    try:
        steps = re2.compile(pattern.encode(), OPTIONS).programsize
    except re2.error as error:
        reason = said_by(error)
        return reason, TOO_LARGE if "too large" in reason else NOT_RE2
    if steps > MOST_STEPS:
        return f"it compiles to {steps:,} steps; {MOST_STEPS:,} is the most", TOO_LARGE
    return None


def said_by(error: Exception) -> str:
    """RE2's message, which is UTF-8 in bytes."""
    reason = error.args[0]
    return reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
