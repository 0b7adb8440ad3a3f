"""A named text and a stretch of it, counted in lines and columns from one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

__all__ = ["Source", "Span"]

LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


@dataclass(frozen=True, eq=False)
class Source:
    """A text with the name that people know it by: a path, or `<stdin>`."""

    name: str
    text: str = field(repr=False)

    @cached_property
    def lines(self) -> list[str]:
        """The text cut where YAML cuts it, so that its line numbers are ours."""
        return LINE_END.split(self.text)

    def line(self, number: int) -> str:
        """Line `number` without its end, empty past the last one."""
        return self.lines[number - 1] if 1 <= number <= len(self.lines) else ""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a source. Lines and columns count from one, the end column is the first one past it."""

    source: Source
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.source.name}:{self.line}:{self.column}"

    def inside(self, start: int, end: int) -> Span:
        """The stretch from `start` to `end` code points into this one, which must stand on one line."""
        return Span(self.source, self.line, self.column + start, self.line, self.column + end)
