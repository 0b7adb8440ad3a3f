"""The steps of an automaton in, the words that `regex.c` reads out. Everything in them is counted from their own beginning.

word 0            flags: ANCHORED, SKIPS, INSIDE_CHARACTERS, LOOKS_AROUND
word 1            the number of steps
words 2 to 9      the bytes with which a match can begin, 256 bits, when SKIPS is set
then, per step    READ_ONE | point << 3, next     READ_SET | word of the set << 3, next
                  PLACE | what << 3, next         FORK | left << 3, right             FOUND, 0
then, per set     128 bits for ASCII, the number of ranges beyond, and the first and last of each
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hexgate.core.wasm.regex.parser import BEGIN_TEXT, END_TEXT, INSIDE
from hexgate.core.wasm.regex.ranges import Ranges
from hexgate.core.wasm.regex.steps import FORK, FOUND, PLACE, READ, Step, ways

__all__ = ["words_of"]

ANCHORED, SKIPS, INSIDE_CHARACTERS, LOOKS_AROUND = 1, 2, 4, 8
READ_ONE, READ_SET, AT_PLACE, BOTH_WAYS, IS_FOUND = range(5)
HEADER = 10
ASCII_WORDS = 4


def words_of(steps: list[Step]) -> tuple[int, ...]:
    """The words of an automaton."""
    flags, first = survey(steps)
    words = [flags, len(steps), *first]
    sets: list[int] = []
    places: dict[Ranges, int] = {}
    start = HEADER + 2 * len(steps)
    for step in steps:
        if step[0] == READ:
            _, ranges, following = step
            if len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
                words += READ_ONE | ranges[0][0] << 3, following
                continue
            if ranges not in places:
                places[ranges] = start + len(sets)
                sets += set_words(ranges)
            words += READ_SET | places[ranges] << 3, following
        elif step[0] == FORK:
            words += BOTH_WAYS | step[1] << 3, step[2]
        elif step[0] == PLACE:
            words += AT_PLACE | step[1] << 3, step[2]
        else:
            words += IS_FOUND, 0
    return (*words, *sets)


def set_words(ranges: Ranges) -> list[int]:
    """A set: bits for ASCII, ranges for the rest."""
    beyond = [(max(first, 0x80), last) for first, last in ranges if last > 0x7F]
    return [*bits(ranges, 0x7F, ASCII_WORDS), len(beyond), *(point for pair in beyond for point in pair)]


def bits(ranges: Iterable[tuple[int, int]], last: int, count: int) -> list[int]:
    """The part of some ranges up to a number as bits, in 32-bit words."""
    number = 0
    for low, high in ranges:
        if low <= last:
            number |= (1 << min(high, last) + 1) - (1 << low)
    return [number >> 32 * word & 0xFFFFFFFF for word in range(count)]


def survey(steps: list[Step]) -> tuple[int, list[int]]:
    """The flags of an automaton and the bytes with which a match can begin."""
    every = set(reached(steps, ~0))
    # Between the bytes of one character there is neither an end nor a part of a word: of all places it is `\B` alone.
    inside = any(steps[number][0] == FOUND for number in reached(steps, INSIDE))
    reads = [steps[number][1] for number in every if steps[number][0] == READ]
    skips = not any(steps[number][0] == FOUND for number in every)
    flags = SKIPS if skips else 0
    if not any(steps[number][0] in (READ, FOUND) for number in reached(steps, ~BEGIN_TEXT)):
        flags |= ANCHORED
    if inside:
        flags |= INSIDE_CHARACTERS
    if any(step[0] == PLACE and step[1] not in (BEGIN_TEXT, END_TEXT) for step in steps):
        flags |= LOOKS_AROUND
    return flags, bits((lead for ranges in reads for lead in leads(ranges)), 0xFF, 8) if skips else [0] * 8


def reached(steps: list[Step], places: int) -> list[int]:
    """The steps that are reached from the first without reading, at places of these kinds."""
    order = [0]
    for number in order:
        step = steps[number]
        if step[0] == FORK or (step[0] == PLACE and step[1] & places):
            order += dict.fromkeys(way for way in ways(step) if way not in order)
    return order


def leads(ranges: Ranges) -> Iterator[tuple[int, int]]:
    """The first bytes of the characters of a set."""
    for first, last in ranges:
        yield lead(first), lead(last)


def lead(point: int) -> int:
    """The first byte of a character."""
    if point < 0x80:
        return point
    if point < 0x800:
        return 0xC0 | point >> 6
    return 0xE0 | point >> 12 if point < 0x10000 else 0xF0 | point >> 18
