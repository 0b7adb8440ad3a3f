"""A seed in, choices out that are the same on every machine and in every Python.

The standard library promises that only for some of its methods; twelve lines of arithmetic need no promise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

__all__ = ["Chance"]

T = TypeVar("T")
WORD = 2**64 - 1


class Chance:
    """A stream of 64-bit numbers (SplitMix64) and what is chosen by them."""

    __slots__ = ("state",)

    def __init__(self, *seeds: object) -> None:
        text = "\0".join(map(str, seeds))
        self.state = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")

    def word(self) -> int:
        """The next 64 bits."""
        self.state = (self.state + 0x9E3779B97F4A7C15) & WORD
        mixed = (self.state ^ (self.state >> 30)) * 0xBF58476D1CE4E5B9 & WORD
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB & WORD
        return mixed ^ (mixed >> 31)

    def below(self, bound: int) -> int:
        """A number from 0 to just below the bound."""
        return self.word() % bound

    def pick(self, items: Sequence[T]) -> T:
        """One of several."""
        return items[self.below(len(items))]
