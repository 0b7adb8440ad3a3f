"""The arguments of a call in, what the record may say of them out.

# INVARIANT: nothing that is redacted is written anywhere, not as a hash either: what is short can be guessed from its hash.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
import re2

from hexgate.core.call import ToolCall
from hexgate.core.gate.secrets import FORMS, blotted

__all__ = ["LARGEST_RECORDED", "REDACTED", "Redaction"]

REDACTED = "[redacted]"
# Of arguments; more is cut, and the record says so.
LARGEST_RECORDED = 8 * 1024
LONGEST_TEXT = 1024
MOST_ITEMS = 50
SMALLEST_WORD, LARGEST_WORD = -(2**63), 2**64 - 1

# A name with one of these in it holds what nobody else may read; `max_tokens` is a number of something else.
WORDS = (
    r"pass(?:word|wd|phrase|code)|pwd|secret|token(?:[^s\"]|[\"]|$)|(?:api|access|private|signing|encryption)[-_ ]?key|apikey"
    r"|authori[sz]ation|cookie|credential|bearer|cvv|cvc|card[-_ ]?number|\bssn\b|\bpin\b"
)
OPTIONS = re2.Options()
OPTIONS.log_errors = False
SENSITIVE: Any = re2.compile(f"(?i)(?:{WORDS})".encode(), OPTIONS)
# One look at the bytes tells of most calls that there is nothing to do. Where something is escaped it could not tell.
SUSPECT: Any = re2.compile(
    (rf'\\|(?i:(?:{WORDS})[^"]*"?:)|' + "|".join(f"(?:{form})" for form in FORMS.values())).encode(), OPTIONS
)


@dataclass(frozen=True, slots=True)
class Redaction:
    """What is kept out of the record.

    `names` are further parts of argument names that hold secrets. With `only`, of a tool that is named there, no other arguments
    than the listed ones are recorded.
    """

    names: Iterable[str] = ()
    only: Mapping[str, Iterable[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(name.lower() for name in self.names))
        object.__setattr__(self, "only", {tool: frozenset(names) for tool, names in self.only.items()})

    def arguments(self, call: ToolCall) -> Any:
        """The arguments as the record holds them."""
        encoded = call.encoded
        if not (self.names or call.tool in self.only or len(encoded) > LARGEST_RECORDED or SUSPECT.search(encoded)):
            return orjson.Fragment(encoded)
        return self.clean(call)

    def clean(self, call: ToolCall) -> Any:
        """A copy without secrets, and no larger than the record may be."""
        listed = self.only.get(call.tool)
        kept = {
            name: REDACTED if listed is not None and name not in listed else self.without(name, value)
            for name, value in call.arguments.items()
        }
        clean, _ = blotted(kept)
        if len(call.encoded) > LARGEST_RECORDED:
            clean = shortened(clean)
            if len(orjson.dumps(clean)) > LARGEST_RECORDED:
                names = [name[:LONGEST_NAME] for name in list(clean)[:MOST_ITEMS]]
                clean = {"[truncated]": {"bytes": len(call.encoded), "names": names}}
        return clean

    def without(self, name: str, value: Any) -> Any:
        """A value, unless its name says that it is a secret."""
        if value is not None and self.is_sensitive(name):
            return REDACTED
        if isinstance(value, dict):
            return {key: self.without(key, inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.without("", inner) for inner in value]
        if type(value) is int and not SMALLEST_WORD <= value <= LARGEST_WORD:
            return str(value)
        return value

    def is_sensitive(self, name: str) -> bool:
        """Whether what has this name is a secret."""
        lower = name.lower()
        return any(part in lower for part in self.names) or SENSITIVE.search(lower.encode()) is not None


LONGEST_NAME = 64


def shortened(value: Any) -> Any:
    """A copy whose texts and lists are cut, with a mark of how much is missing."""
    if isinstance(value, str):
        rest = len(value) - LONGEST_TEXT
        return value if rest <= 0 else f"{value[:LONGEST_TEXT]}[truncated: {rest} more characters]"
    if isinstance(value, dict):
        return {key[:LONGEST_TEXT]: shortened(inner) for key, inner in value.items()}
    if isinstance(value, list):
        rest = len(value) - MOST_ITEMS
        return [*map(shortened, value[:MOST_ITEMS]), *([f"[truncated: {rest} more items]"] if rest > 0 else [])]
    return value
