"""A span in, the line that holds it with carets under it out."""

from __future__ import annotations

import re

from hexgate.core.text.source import Span

__all__ = ["INVISIBLE", "excerpt", "shown", "visible"]

WIDTH = 120
# Default-ignorable, blank, or a mark that changes only what stands before it, though Python calls all of them printable.
INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]"
)
LONGEST_WORD = 60


def visible(text: str) -> str:
    """The text with every character that could move a cursor or hide itself replaced by a visible one."""
    return INVISIBLE.sub("·", "".join(char if char.isprintable() else "·" for char in text))


def shown(text: str) -> str:
    """An author's word as a message quotes it: on one line, with nothing that hides, not endless."""
    return visible(text if len(text) <= LONGEST_WORD else f"{text[: LONGEST_WORD - 3]}…")


def excerpt(span: Span) -> str:
    """The line on which the span begins, with carets under the part that is meant; long lines are cut to a window."""
    line = span.source.line(span.line)
    start = min(span.column - 1, len(line))
    end = min(span.end_column - 1, len(line)) if span.end_line == span.line else len(line)
    first = max(0, min(start - WIDTH // 3, len(line) - WIDTH))
    window = visible(line[first : first + WIDTH])
    width = max(1, min(end, first + WIDTH) - start)
    number = str(span.line)
    gutter = " " * len(number)
    return f"  {number} | {window}\n  {gutter} | {' ' * (start - first)}{'^' * width}"
