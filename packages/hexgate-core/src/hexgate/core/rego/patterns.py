"""A pattern of an author in, the same pattern as Go's regular expressions read it out.

Both take RE2's syntax. Go lets fewer letters stand in the name of a group, and nobody asks for groups here, so names are left out.
"""

from __future__ import annotations

import re

__all__ = ["go_pattern"]

# A quotation, an escape, a class of characters, and the beginning of a named group, where none of the others is.
PIECE = re.compile(r"\\Q.*?(?:\\E|\Z)|\\.|\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]|(\(\?P?<\w+>)", re.DOTALL)


def go_pattern(pattern: str) -> str:
    """The pattern without names of groups."""
    return PIECE.sub(lambda piece: "(" if piece[1] else piece[0], pattern)
