"""A value in, its Rego literal out: ASCII on one line, whatever an author wrote.

# INVARIANT: nothing that comes out can end the string or the comment that it stands in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from decimal import Decimal

from hexgate.core.expr.printer import show_value
from hexgate.core.expr.syntax import Value

__all__ = ["comment", "step", "string", "strings", "value"]

# OPA's parser takes no number of more than 100,000 bits, nor one so near to zero. It reads such a number all the same.
FARTHEST_EXPONENT = 30_000
KEYWORDS = "as|contains|default|else|every|false|if|import|in|not|null|package|some|true|with"
NAME = re.compile(rf"(?!(?:{KEYWORDS})\Z)[A-Za-z_][A-Za-z0-9_]*\Z")


def string(text: str) -> str:
    """A text in quotes. Beyond ASCII it is escaped: what looks like another letter shows that it is none."""
    # JSON leaves DEL as it is, which no terminal shows.
    return json.dumps(text).replace("\x7f", "\\u007f")


def strings(texts: Iterable[str]) -> str:
    """Texts as an array."""
    return f"[{', '.join(map(string, texts))}]"


def comment(text: str) -> str:
    """A text as part of a comment, without quotes around it."""
    return string(text)[1:-1].replace('\\"', '"').replace("\\\\", "\\")


def value(written: Value) -> str:
    """A literal of an author."""
    if isinstance(written, str):
        return string(written)
    if isinstance(written, tuple):
        return f"[{', '.join(map(value, written))}]"
    shown = show_value(written)
    if isinstance(written, Decimal) and abs(written.adjusted()) > FARTHEST_EXPONENT:
        return f"json.unmarshal({string(shown)})"
    return shown


def step(taken: str | int) -> str:
    """One step below a fact, as the end of a reference."""
    if isinstance(taken, str):
        return f".{taken}" if NAME.match(taken) else f"[{string(taken)}]"
    return f"[{value(taken)}]"
