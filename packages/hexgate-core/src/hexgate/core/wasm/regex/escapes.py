r"""What stands after a backslash, as RE2 reads it: one character, or one of the sets `\d`, `\pL`, `\p{Greek}`.

Every function takes the pattern and where the backslash stands, and gives what it found and where that ends.
"""

from __future__ import annotations

from functools import lru_cache

from hexgate.core.wasm.regex.ranges import LAST, Ranges, complement
from hexgate.core.wasm.regex.unicode import folded, group_named

__all__ = ["POSIX", "character", "group", "of_group"]

DIGITS: Ranges = ((0x30, 0x39),)
SPACES: Ranges = ((0x09, 0x0A), (0x0C, 0x0D), (0x20, 0x20))
WORD: Ranges = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
LETTERS: Ranges = ((0x41, 0x5A), (0x61, 0x7A))

PERL = {"d": DIGITS, "s": SPACES, "w": WORD}
POSIX: dict[str, Ranges] = {
    "alnum": ((0x30, 0x39), *LETTERS),
    "alpha": LETTERS,
    "ascii": ((0x00, 0x7F),),
    "blank": ((0x09, 0x09), (0x20, 0x20)),
    "cntrl": ((0x00, 0x1F), (0x7F, 0x7F)),
    "digit": DIGITS,
    "graph": ((0x21, 0x7E),),
    "lower": ((0x61, 0x7A),),
    "print": ((0x20, 0x7E),),
    "punct": ((0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)),
    "space": ((0x09, 0x0D), (0x20, 0x20)),
    "upper": ((0x41, 0x5A),),
    "word": WORD,
    "xdigit": ((0x30, 0x39), (0x41, 0x46), (0x61, 0x66)),
}
CONTROLS = {"a": 0x07, "f": 0x0C, "n": 0x0A, "r": 0x0D, "t": 0x09, "v": 0x0B}
HEXADECIMAL = frozenset("0123456789abcdefABCDEF")
OCTAL = frozenset("01234567")


@lru_cache(maxsize=512)
def of_group(ranges: Ranges, negated: bool, folding: bool) -> Ranges:
    """A named set, or all that is not in it; where case is folded the set grows before it is turned around."""
    grown = folded(ranges) if folding else ranges
    return complement(grown) if negated else grown


def group(text: str, at: int, folding: bool) -> tuple[Ranges, int] | None:
    """The set that an escape names, None when it names none."""
    letter = text[at + 1 : at + 2]
    if letter in ("p", "P"):
        return unicode_group(text, at, folding)
    known = PERL.get(letter.lower())
    return None if known is None else (of_group(known, letter.isupper(), folding), at + 2)


def unicode_group(text: str, at: int, folding: bool) -> tuple[Ranges, int]:
    r"""The set of `\pL`, `\p{Greek}`, `\PL` and `\p{^Greek}`."""
    start = at + 2
    end = start + 1
    if text[start:end] == "{":
        start, end = end, text.find("}", end)
    name = text[start:end] if end > 0 else ""
    known = group_named(name.removeprefix("^"))
    if known is None:
        raise ValueError(f"there is no group of characters `{text[at : end + 1]}`")
    negated = (text[at + 1] == "P") != name.startswith("^")
    return of_group(known, negated, folding), end + (text[start - 1] == "{")


def character(text: str, at: int) -> tuple[int, int]:
    """The character that an escape is."""
    letter = text[at + 1 : at + 2]
    if letter in CONTROLS:
        return CONTROLS[letter], at + 2
    if letter == "x":
        return hexadecimal(text, at + 2)
    if letter in OCTAL:
        return octal(text, at + 1)
    if not letter or not letter.isascii() or letter.isalnum():
        raise ValueError(f"there is no escape `\\{letter}`")
    return ord(letter), at + 2


def octal(text: str, at: int) -> tuple[int, int]:
    """One to three octal digits; a single one other than 0 would be a back reference."""
    end = at + 1
    while end < at + 3 and text[end : end + 1] in OCTAL:
        end += 1
    if end == at + 1 and text[at] != "0":
        raise ValueError(f"`\\{text[at]}` refers back")
    return int(text[at:end], 8), end


def hexadecimal(text: str, at: int) -> tuple[int, int]:
    """Two hexadecimal digits, or any number of them in braces."""
    if text[at : at + 1] == "{":
        end = text.find("}", at)
        digits, after = text[at + 1 : max(end, 0)], end + 1
    else:
        digits, after = text[at : at + 2], at + 2
        digits = digits if len(digits) == 2 else ""
    if not digits or not HEXADECIMAL.issuperset(digits) or int(digits, 16) > LAST:
        raise ValueError(f"`\\x{digits}` is no character")
    return int(digits, 16), after
