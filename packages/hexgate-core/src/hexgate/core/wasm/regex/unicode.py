r"""The groups that `\p{…}` names and the letters that are one letter where case is folded, as RE2 has them.

They are read from `unicode.txt`, which `python -m tests.differential.unicode_of_re2` writes: it asks the installed RE2 about
every code point. A test asks again, so that a release of RE2 with another Unicode is noticed.

# INVARIANT: nothing here is asked of Python's own Unicode data, which another Python has in another version.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import cache, lru_cache
from pathlib import Path

from hexgate.core.wasm.regex.ranges import EVERY, Ranges, normal

__all__ = ["folded", "group_named", "orbit_of", "read_groups", "read_orbits"]

DATA = Path(__file__).with_name("unicode.txt")
# Of the groups with one letter; their parts are in the data.
MAJOR = ("C", "L", "M", "N", "P", "S", "Z")


@cache
def lines() -> dict[str, str]:
    """What the data says of each name, not yet read."""
    entries = (line.partition(" ") for line in DATA.read_text("ascii").splitlines() if not line.startswith("#"))
    return {name: rest for name, _, rest in entries}


@lru_cache(maxsize=512)
def group_named(name: str) -> Ranges | None:
    """The code points of a general category or script, None when RE2 knows none of that name."""
    if name == "Any":
        return EVERY
    if name in MAJOR:
        parts = (part for part in lines() if len(part) == 2 and part[0] == name)
        return normal(pair for part in parts for pair in read_ranges(lines()[part]))
    return read_ranges(lines()[name]) if name in lines() and name[0].isupper() else None


def read_groups() -> dict[str, Ranges]:
    """Every group by its name."""
    names = [*MAJOR, *(name for name in lines() if name[0].isupper())]
    return {name: group_named(name) or () for name in names}


def read_ranges(text: str) -> Ranges:
    """Ranges from `gap,length` in hexadecimal; a length of 1 is left out."""
    ranges: list[tuple[int, int]] = []
    free = 0
    for entry in text.split():
        gap, _, length = entry.partition(",")
        first = free + int(gap, 16)
        free = first + int(length or "1", 16)
        ranges.append((first, free - 1))
    return tuple(ranges)


@cache
def read_orbits() -> dict[int, tuple[int, ...]]:
    """For each code point that is not alone all that are one letter with it, itself included."""
    orbits: dict[int, tuple[int, ...]] = {}
    for entry in lines()["pairs"].split():
        first, count, step, distance = (int(part, 16) for part in entry.split(","))
        for small in range(first, first + count * step, step):
            orbits[small] = orbits[small + distance] = (small, small + distance)
    for entry in lines()["larger"].split():
        orbit = tuple(int(part, 16) for part in entry.split(","))
        orbits.update((point, orbit) for point in orbit)
    return orbits


@cache
def folding_points() -> tuple[int, ...]:
    """The code points that are not alone, in order."""
    return tuple(sorted(read_orbits()))


def orbit_of(point: int) -> tuple[int, ...]:
    """All code points that are one letter with this one."""
    return read_orbits().get(point, (point,))


def folded(ranges: Ranges) -> Ranges:
    """A set with all that is one letter with something in it."""
    points, orbits = folding_points(), read_orbits()
    added = [
        (other, other)
        for first, last in ranges
        for point in points[bisect_left(points, first) : bisect_left(points, last + 1)]
        for other in orbits[point]
    ]
    return normal((*ranges, *added)) if added else ranges
