"""Where a generator's choices come from: a seeded `random.Random` in bulk runs, hypothesis where a failure is to be shrunk.

One grammar is written against `Choices`, so both find the same shapes. The first of several items is the plainest: that is what
hypothesis shrinks to.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from hypothesis import strategies as st

__all__ = ["Choices", "HypothesisChoices", "RandomChoices"]

T = TypeVar("T")


class Choices(Protocol):
    """Three questions are enough to write down a whole policy."""

    def pick(self, items: Sequence[T]) -> T: ...

    def number(self, low: int, high: int) -> int: ...

    def chance(self, percent: int) -> bool: ...


class RandomChoices:
    """Fast, and the same for the same seed."""

    def __init__(self, seed: int | str) -> None:
        self.random = random.Random(seed).random

    def pick(self, items: Sequence[T]) -> T:
        return items[int(self.random() * len(items))]

    def number(self, low: int, high: int) -> int:
        return low + int(self.random() * (high - low + 1))

    def chance(self, percent: int) -> bool:
        return self.random() * 100 < percent


class HypothesisChoices:
    """Slow, and what it finds is shrunk."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        self.draw = draw

    def pick(self, items: Sequence[T]) -> T:
        return items[self.number(0, len(items) - 1)]

    def number(self, low: int, high: int) -> int:
        return int(self.draw(st.integers(low, high)))

    def chance(self, percent: int) -> bool:
        return self.number(0, 99) >= 100 - percent
