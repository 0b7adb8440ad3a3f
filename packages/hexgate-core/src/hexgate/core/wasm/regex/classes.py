r"""A class in brackets in, its set of code points out, read as RE2 reads it."""

from __future__ import annotations

from functools import lru_cache

from hexgate.core.wasm.regex.escapes import POSIX, character, group, of_group
from hexgate.core.wasm.regex.ranges import Ranges, complement, normal
from hexgate.core.wasm.regex.unicode import folded

__all__ = ["read_class"]


@lru_cache(maxsize=512)
def set_of(pairs: tuple[tuple[int, int], ...], negated: bool, folding: bool) -> Ranges:
    """The set of a class by what was written in it."""
    ranges = normal(pairs)
    grown = folded(ranges) if folding else ranges
    return complement(grown) if negated else grown


def read_class(text: str, at: int, folding: bool) -> tuple[Ranges, int]:
    """The set of the class whose bracket opens here, and where it ends. A `]` that stands first is itself."""
    negated = text[at + 1 : at + 2] == "^"
    at = first = at + 1 + negated
    pairs: list[tuple[int, int]] = []
    while at == first or text[at : at + 1] != "]":
        named = read_named(text, at, folding)
        if named is not None:
            ranges, at = named
            pairs.extend(ranges)
        else:
            pair, at = read_pair(text, at)
            pairs.append(pair)
    return set_of(tuple(pairs), negated, folding), at + 1


def read_named(text: str, at: int, folding: bool) -> tuple[Ranges, int] | None:
    r"""The set of `[:alpha:]`, `\pL` or `\d`, None when there stands something else."""
    if text[at : at + 1] == "\\":
        return group(text, at, folding)
    end = text.find(":]", at + 2) if text[at : at + 2] == "[:" else -1
    if end < 0:
        return None
    name = text[at + 2 : end]
    known = POSIX.get(name.removeprefix("^"))
    if known is None:
        raise ValueError(f"there is no class `[:{name}:]`")
    return of_group(known, name.startswith("^"), folding), end + 2


def read_pair(text: str, at: int) -> tuple[tuple[int, int], int]:
    """One character, or a range of them; a `-` that stands last is itself."""
    first, at = read_member(text, at)
    if text[at : at + 1] != "-" or text[at + 1 : at + 2] in ("", "]"):
        return (first, first), at
    last, at = read_member(text, at + 1)
    if last < first:
        raise ValueError(f"the range `{chr(first)}-{chr(last)}` runs backwards")
    return (first, last), at


def read_member(text: str, at: int) -> tuple[int, int]:
    """One character, escaped or not."""
    letter = text[at : at + 1]
    if not letter:
        raise ValueError("a class is not closed")
    return character(text, at) if letter == "\\" else (ord(letter), at + 1)
