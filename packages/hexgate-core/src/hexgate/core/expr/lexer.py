"""The text of a constraint in, its tokens out: three lists of the same length.

The last token is `END`. What follows a `BAD` one is not looked at.

White space between tokens means nothing, but a dotted name such as `args.amount` that is written without any is one token.

# INVARIANT: lexing is linear. Every repetition is possessive, and nothing is read after a character that begins no token.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

__all__ = [
    "BAD",
    "DOTTED",
    "ELEMENT",
    "END",
    "NAME",
    "NUMBER",
    "PLAIN",
    "ROUGH",
    "SIGN",
    "WHOLE",
    "Tokens",
    "is_name",
    "tokens_of",
]

# The kinds are the numbers of the groups below.
DOTTED: Final = 1  # args.amount
NAME: Final = 2  # and
SIGN: Final = 3  # <=, (, a lone dot
PLAIN: Final = 4  # a text that means what it shows
WHOLE: Final = 5  # a whole number that is short
ELEMENT: Final = 6  # .amount
ROUGH: Final = 7  # a text with an escape, or with a character that must not be in it
NUMBER: Final = 8  # whatever else begins like a number
BAD: Final = 9  # a character that begins no token, or a quote that is never closed
END: Final = 10

WORD = r"[A-Za-z_]\w*+"
FORBIDDEN = r"\x00-\x1f\x7f-\x9f\ud800-\udfff"
TOKEN = re.compile(
    rf"""[\ \t\r\n]*+ (?:
      ( {WORD} (?: \.{WORD} )++ )
    | ( {WORD} )
    | ( [=!<>&|~]++ | [()\[\],] | \.(?!\w) )
    | ( "[^"\\{FORBIDDEN}]*+" | '[^'\\{FORBIDDEN}]*+' )
    | ( -?(?:0|[1-9][0-9]{{0,17}}) (?![\w.]) )
    | ( (?: \.{WORD} )++ )
    | ( "[^"\\]*+ (?: \\. [^"\\]*+ )*+" | '[^'\\]*+ (?: \\. [^'\\]*+ )*+' )
    | ( [-+]?\.?[0-9] (?: [eE][-+] | [\w.] )*+ )
    | ( . ) .*+
    | ( \Z )
    )""",
    re.ASCII | re.DOTALL | re.VERBOSE,
)
NAMES = re.compile(WORD, re.ASCII)


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of `text`: what each is, what it says and where it begins."""

    text: str
    kinds: list[int]
    words: list[str]
    starts: list[int]

    def end(self, index: int) -> int:
        """Where a token ends."""
        return self.starts[index] + len(self.words[index])

    def at(self, index: int) -> tuple[int, int]:
        """Where a token stands."""
        return self.starts[index], self.end(index)


def tokens_of(text: str) -> Tokens:
    """The tokens of a constraint."""
    kinds: list[int] = []
    words: list[str] = []
    starts: list[int] = []
    # Every character is in some match, so the last one is `END`.
    for match in TOKEN.finditer(text):
        kind = match.lastindex or END
        kinds.append(kind)
        words.append(match[kind])
        starts.append(match.start(kind))
    return Tokens(text, kinds, words, starts)


def is_name(text: str) -> bool:
    """Whether a step can be written as `.text`, and a constant be called so."""
    return NAMES.fullmatch(text) is not None
