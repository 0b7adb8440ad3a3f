"""What a module may take: bytes, code, memory, tables and instructions. Every bound is counted, none is timed.

# INVARIANT: a bound depends on the module and on the size of the question, never on the machine: each answers a call alike.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "FOREIGN",
    "LARGEST_CODE",
    "LARGEST_MODULE",
    "LARGEST_TABLE",
    "STACK",
    "USUAL_QUESTION",
    "Budget",
    "fuel_to_start",
    "largest_memory",
    "largest_result",
]

MIB = 1024 * 1024
# Data costs nothing to load. Code is compiled by whoever loads the module, for seconds a megabyte, and at worst into some three
# hundred times its size of memory meanwhile. Ours has 28 KB and no more with a larger policy, OPA's whole library 313 KB: what it
# makes of hand-written rules has room beside that, and a module that is made to keep the compiler busy does not keep it for long.
LARGEST_MODULE = 32 * MIB
LARGEST_CODE = MIB // 2
LARGEST_TABLE = 16_384
# Of the native stack, on whatever thread the call is made: some threads have no more than half a megabyte.
STACK = MIB // 4
# Up to here a question is answered by an instance that is kept; a larger one makes an instance large, so that has its own.
USUAL_QUESTION = 64 * 1024
# A value of JSON is written with two bytes and takes up to 64 of a module's memory, its place in a growing list included.
MEMORY_OF_A_BYTE = 64


@dataclass(frozen=True, slots=True)
class Budget:
    """The instructions that an answer may take: so many, and so many more for each byte of the question."""

    base: int
    a_byte: int

    def fuel(self, size: int) -> int:
        """The instructions for a question of that many bytes."""
        return self.base + self.a_byte * size


# For a module about which nothing is known: an endless loop ends after some 6 ms.
FOREIGN = Budget(10_000_000, 200)


def fuel_to_start(module_size: int) -> int:
    """The instructions that a module may take to become ready: it copies its own data, and parses an empty document."""
    return FOREIGN.base + 4 * module_size


def largest_memory(module_size: int, question_size: int) -> int:
    """The bytes of memory that a module may hold while it answers a question of that size."""
    return 4 * MIB + 2 * module_size + MEMORY_OF_A_BYTE * max(question_size, USUAL_QUESTION)


def largest_result(module_size: int) -> int:
    """The bytes that a result may have: it repeats texts of the module, with a few of their characters escaped."""
    return MIB + 2 * module_size
