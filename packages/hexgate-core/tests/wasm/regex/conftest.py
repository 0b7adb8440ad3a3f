"""A slow reader of an automaton's words, written from the table in `words.py` and not from `regex.c`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from hexgate.core.wasm.regex import automaton

WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")


def holds(what: int, text: str, at: int) -> bool:
    before, after = text[at - 1 : at], text[at : at + 1]
    edge = (before in WORD and before != "") != (after in WORD and after != "")
    facts = (at == 0, at == len(text), before in ("", "\n"), after in ("", "\n"), edge, not edge)
    return any(fact for bit, fact in enumerate(facts) if what >> bit & 1)


def is_in(words: Sequence[int], at: int, point: int) -> bool:
    if point < 128:
        return bool(words[at + point // 32] >> point % 32 & 1)
    ranges = words[at + 5 : at + 5 + 2 * words[at + 4]]
    return any(first <= point <= last for first, last in zip(ranges[::2], ranges[1::2], strict=True))


def spread(words: Sequence[int], numbers: set[int], text: str, at: int) -> set[int]:
    """The steps that are reached from some at a place."""
    reached, left = set(numbers), list(numbers)
    while left:
        kind, operand, following = step(words, left.pop())
        ways = [operand, following] if kind == 3 else [following] if kind == 2 and holds(operand, text, at) else []
        left += [way for way in ways if way not in reached]
        reached.update(ways)
    return reached


def step(words: Sequence[int], number: int) -> tuple[int, int, int]:
    first, second = words[10 + 2 * number : 12 + 2 * number]
    return first & 7, first >> 3, second


def reads(words: Sequence[int], number: int, point: int) -> bool:
    kind, operand, _ = step(words, number)
    return (kind == 0 and operand == point) or (kind == 1 and is_in(words, operand, point))


def is_found(pattern: str, text: str) -> bool:
    words = automaton(pattern)
    numbers: set[int] = set()
    for at in range(len(text) + 1):
        numbers = spread(words, numbers | {0}, text, at)
        if any(step(words, number)[0] == 4 for number in numbers):
            return True
        if at < len(text):
            numbers = {step(words, number)[2] for number in numbers if reads(words, number, ord(text[at]))}
    return bool(words[0] & 4 and not text.isascii())


@pytest.fixture(scope="session")
def finds() -> Callable[[str, str], bool]:
    """Whether the automaton of a pattern finds it in a text."""
    return is_found
