"""Sets of code points: pairs of first and last, in order, none touching the next."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["EVERY", "LAST", "Ranges", "complement", "normal"]

LAST = 0x10FFFF

Ranges = tuple[tuple[int, int], ...]

EVERY: Ranges = ((0, LAST),)


def normal(pairs: Iterable[tuple[int, int]]) -> Ranges:
    """The set of everything that lies in one of the pairs."""
    ranges: list[tuple[int, int]] = []
    low, high = 0, -2
    for first, last in sorted(pairs):
        if first > high + 1:
            if high >= low:
                ranges.append((low, high))
            low, high = first, last
        elif last > high:
            high = last
    if high >= low:
        ranges.append((low, high))
    return tuple(ranges)


def complement(ranges: Ranges) -> Ranges:
    """Everything that is not in a set."""
    gaps: list[tuple[int, int]] = []
    free = 0
    for first, last in ranges:
        if first > free:
            gaps.append((free, first - 1))
        free = last + 1
    if free <= LAST:
        gaps.append((free, LAST))
    return tuple(gaps)
