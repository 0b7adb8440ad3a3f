r"""A pattern of an author in, a pattern out that Go's regular expressions find where RE2 finds the author's.

Both take the same syntax, and nearly every pattern is left as it is. Where they differ, or where Go asks tables of Unicode that
change with its version, RE2 is asked here and its answer is written down:

    (?P<é>…)             Go wants ASCII in the names of groups, which nobody asks for here
    \pL, [^\p{Greek}]    the code points of a class, as ranges
    (?i)é                the same for the letters beyond ASCII that a case-blind pattern may mean
    \B                   RE2 finds nothing at all, between two bytes of one character, which Go does not
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import cast

import re2

__all__ = ["go_pattern"]

# What a pattern is made of, as far as it matters here: texts and escapes that are left, classes, and what begins and ends groups.
PIECE = re.compile(
    r"""(?P<quoted>\\Q.*?(?:\\E|\Z))
    | (?P<class>\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\] | \\[pP](?:\{[^}]*\}|.) | \\x\{[0-9A-Fa-f]+\} | [^\x00-\x7f])
    | (?P<escape>\\.)
    | \(\?(?P<flags>[imsU-]*)(?P<end>[:)])
    | (?P<named>\(\?P?<[^>]+>)
    | (?P<open>\()
    | (?P<close>\))
    """,
    re.DOTALL | re.VERBOSE,
)
UNICODE = re.compile(r"\\[pP]")
BEYOND_ASCII = r"[^\x00-\x7f]"
# The one place in it that a pattern can be found in and that holds no character: between the bytes of `é`.
IN_A_CHARACTER = "é".encode()


@lru_cache(maxsize=4096)
def go_pattern(pattern: str) -> str:
    """The pattern for Go."""
    folds = [False]
    written = PIECE.sub(lambda piece: translated(piece, folds), pattern)
    return f"(?:{written})|{BEYOND_ASCII}" if is_found_in_a_character(pattern) else written


def translated(piece: re.Match[str], folds: list[bool]) -> str:
    """One piece for Go; `folds` says of each open group whether case is ignored in it now."""
    text = piece[0]
    match piece.lastgroup:
        case "quoted":
            unlike_go = folds[-1] and not text.isascii()
            return "".join(character(each) for each in text[2:].removesuffix("\\E")) if unlike_go else text
        case "class":
            return in_class(text, fold=folds[-1])
        case "end":
            fold = folds_after(piece["flags"], folds[-1])
            folds[len(folds) - (piece["end"] == ")") :] = [fold]
        case "named" | "open":
            folds.append(folds[-1])
            return "("
        case "close":
            folds.pop()
    return text


def folds_after(flags: str, before: bool) -> bool:
    """Whether case is ignored after these flags."""
    on, _, off = flags.partition("-")
    return ("i" in on or before) and "i" not in off


def character(char: str) -> str:
    """One character of a quotation in which case is ignored."""
    return re.escape(char) if char.isascii() else in_class(char, fold=True)


def in_class(text: str, *, fold: bool) -> str:
    """A class, or what stands for one character, with its code points spelled out if Go would look them up."""
    if UNICODE.search(text) is None and not (fold and (not text.isascii() or "\\x{" in text)):
        return text
    return f"(?-i:{ranges_of(f'(?i){text}')})" if fold else ranges_of(text)


@lru_cache(maxsize=256)
def ranges_of(text: str) -> str:
    """The code points that RE2 finds for a class, as a class of ranges."""
    found = cast("Iterator[re.Match[bytes]]", re2.finditer(f"(?s){text}+".encode(), every_character()))
    runs = (run[0].decode() for run in found)
    ranges = "".join(rf"\x{{{ord(run[0]):x}}}-\x{{{ord(run[-1]):x}}}" for run in runs)
    return f"[{ranges}]" if ranges else r"[^\x00-\x{10ffff}]"


@lru_cache(maxsize=1)
def every_character() -> bytes:
    """All of Unicode in order."""
    return "".join(map(chr, (*range(0xD800), *range(0xE000, 0x110000)))).encode()


def is_found_in_a_character(pattern: str) -> bool:
    """Whether RE2 finds it, as nothing, between the bytes of a character, and so in every text with one beyond ASCII."""
    return "\\B" in pattern and re2.search(rf"\A\C(?:{pattern})\C\z".encode(), IN_A_CHARACTER) is not None
