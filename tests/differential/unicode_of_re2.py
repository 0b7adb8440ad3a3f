"""What RE2 knows of Unicode, asked of the installed RE2 and of nothing else: its named groups and its folding of case.

    python -m tests.differential.unicode_of_re2       writes what it found to hexgate/core/wasm/regex/unicode.txt

A group is searched for in one text of all code points, so a run of matches is a range. Which names there are stands in the file
of the extension itself. A letter folds when a pattern with it grows under `(?i)`, or when it brings its neighbour along.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import groupby
from pathlib import Path

import re2

from hexgate.core.wasm.regex import unicode

__all__ = ["TARGET", "likely", "points", "written"]

TARGET = Path(unicode.__file__).with_name("unicode.txt")
OPTIONS = re2.Options()
OPTIONS.log_errors = False
CHUNK = 512
# As many as have all bytes but the last in common.
BLOCK = 64
HEADER = """\
# General categories, scripts and letters folded together as RE2 has them, written by `python -m tests.differential.unicode_of_re2`.
# A group is `gap,length` for each of its ranges, in hexadecimal; a length of 1 is left out.
# `pairs` is `first,count,step,distance`: as many letters, `step` apart, each one letter with the one `distance` further on.
# `larger` is what more than two code points are one letter."""


@cache
def points() -> tuple[int, ...]:
    """Every code point that a text can have."""
    return (*range(0xD800), *range(0xE000, 0x110000))


@cache
def everything() -> bytes:
    """Every code point, in order."""
    return "".join(map(chr, points())).encode()


@cache
def places() -> dict[int, int]:
    """The index of the code point that begins at a byte of everything, and of its end."""
    found, at = {}, 0
    for index, point in enumerate(points()):
        found[at] = index
        at += 1 if point < 0x80 else 2 if point < 0x800 else 3 if point < 0x10000 else 4
    found[at] = len(points())
    return found


def refused(pattern: str) -> bool:
    """Whether RE2 refuses a pattern."""
    try:
        re2.compile(pattern.encode(), OPTIONS)
    except re2.error:
        return True
    return False


def named(name: str) -> str:
    """The class of a name."""
    return rf"\p{{{name}}}"


def group_names() -> list[str]:
    """Every name that RE2 takes: all of one or two letters are tried, and every word in the extension's own file."""
    extensions = [path for path in Path(re2.__file__).parent.iterdir() if path.suffix in (".so", ".pyd")]
    extensions += Path(re2.__file__).parent.parent.glob("_re2*")
    words = {
        word.decode() for path in extensions for word in re.findall(rb"(?=([A-Z][A-Za-z_]{2,40}))", path.read_bytes())
    }
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    short = {major + minor for major in letters for minor in ["", *letters.lower()]}
    return sorted(name for name in words | short if name != "Any" and not refused(named(name)))


def group_ranges(pattern: str) -> tuple[tuple[int, int], ...]:
    """The ranges of the code points that a class matches."""
    where, every = places(), points()
    spans = (match.span() for match in re2.compile(f"(?:{pattern})+".encode(), OPTIONS).finditer(everything()))
    return tuple((every[where[start]], every[where[end] - 1]) for start, end in spans)


def matched(pattern: str, candidates: Iterable[int]) -> tuple[int, ...]:
    """Those of some code points that a class matches."""
    text = "".join(map(chr, candidates)).encode()
    return tuple(ord(match.decode()) for match in re2.compile(pattern.encode(), OPTIONS).findall(text))


def grown(candidates: Iterable[int]) -> Iterator[int]:
    """The code points whose program grows under `(?i)`: halves of the candidates are asked about until one is left."""
    chunk = list(candidates)
    literal = "".join(rf"\x{{{point:x}}}" for point in chunk)
    plain, folded = (re2.compile(f"{flag}{literal}".encode(), OPTIONS).programsize for flag in ("", "(?i)"))
    if plain == folded:
        return
    if len(chunk) == 1:
        yield chunk[0]
        return
    yield from grown(chunk[: len(chunk) // 2])
    yield from grown(chunk[len(chunk) // 2 :])


def neighbours(block: Sequence[int]) -> Iterator[int]:
    """The code points of a block that are one letter with the one beside them, which is a range and so makes nothing grow."""
    evens = [point for point in block if point % 2 == 0]
    several = "".join(rf"\x{{{point:x}}}" for point in evens)
    if evens and len(matched(f"(?i)[{several}]", block)) > len(evens):
        yield from (point for point in block if len(matched(rf"(?i)\x{{{point:x}}}", block)) > 1)


def likely() -> tuple[int, ...]:
    """The code points of which some fold: letters with case, marks, and numbers and symbols made of letters."""
    ranges = [pair for name in ("Lu", "Ll", "Lt", "Mn", "Nl", "So") for pair in group_ranges(named(name))]
    return tuple(sorted(point for first, last in ranges for point in range(first, last + 1)))


def foldable(asked: Sequence[int]) -> set[int]:
    """The code points that are not alone under `(?i)`."""
    chunks = (asked[start : start + CHUNK] for start in range(0, len(asked), CHUNK))
    blocks = (list(block) for _, block in groupby(asked, lambda point: point // BLOCK))
    letters = (ord(letter) for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
    return {
        *letters,
        *(p for chunk in chunks for p in grown(chunk)),
        *(p for block in blocks for p in neighbours(block)),
    }


def orbits(asked: Sequence[int]) -> list[tuple[int, ...]]:
    """All sets of more than one code point that are one letter under `(?i)`."""
    found = sorted(foldable(asked))
    return sorted({matched(rf"(?i)\x{{{point:x}}}", found) for point in found})


def written(asked: Sequence[int]) -> str:
    """The whole file, when each of these code points is asked what it is one letter with."""
    alike = orbits(asked)
    names = [name for name in group_names() if name not in unicode.MAJOR]
    groups = [f"{name} {in_gaps(group_ranges(named(name)))}" for name in names]
    pairs = [orbit for orbit in alike if len(orbit) == 2]
    larger = [",".join(f"{point:x}" for point in orbit) for orbit in alike if len(orbit) > 2]
    return "\n".join([HEADER, *groups, f"pairs {' '.join(runs(pairs))}", f"larger {' '.join(larger)}", ""])


def in_gaps(ranges: Iterable[tuple[int, int]]) -> str:
    """Ranges as gaps and lengths."""
    entries, free = [], 0
    for first, last in ranges:
        length = last - first + 1
        entries.append(f"{first - free:x}" + (f",{length:x}" if length > 1 else ""))
        free = last + 1
    return " ".join(entries)


def runs(pairs: Iterable[tuple[int, ...]]) -> Iterator[str]:
    """Pairs as runs of the same distance, next to each other or every other one."""
    for distance, alike in groupby(
        sorted(pairs, key=lambda pair: (pair[1] - pair[0], pair[0])), lambda pair: pair[1] - pair[0]
    ):
        smaller = [pair[0] for pair in alike]
        while smaller:
            step = 1 if smaller[1:2] == [smaller[0] + 1] else 2
            count = next((n for n, point in enumerate(smaller) if point != smaller[0] + n * step), len(smaller))
            yield f"{smaller[0]:x},{count:x},{step:x},{distance:x}"
            del smaller[:count]


if __name__ == "__main__":
    TARGET.write_text(written(points()), "ascii")
