"""The bytes of a module in, its sections and what its maker stamped into it out. Nothing of it is run or trusted.

# INVARIANT: whatever the bytes are, this takes linear time and raises nothing but the mistake that they are no module.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hexgate.core.errors import BundleError

__all__ = ["ModuleFacts", "module_facts"]

HEADER = b"\0asm\1\0\0\0"
STAMP = b"hexgate"
NAMES = (
    "custom",
    "type",
    "import",
    "function",
    "table",
    "memory",
    "global",
    "export",
    "start",
    "element",
    "code",
    "data",
    "data count",
)
LONGEST_NUMBER = 5


@dataclass(frozen=True, slots=True)
class ModuleFacts:
    """The sections of a module with their sizes, in their order, and the stamp; None where Hexgate did not make it."""

    sections: tuple[tuple[str, int], ...]
    stamp: Mapping[str, Any] | None


def module_facts(module: bytes) -> ModuleFacts:
    """What a module says of itself."""
    if not module.startswith(HEADER):
        raise no_module("it does not begin as one does")
    found = list(sections_of(module))
    stamps = [stamp_in(content) for number, content in found if number == 0]
    named = tuple((NAMES[number], len(content)) for number, content in found)
    return ModuleFacts(named, next((stamp for stamp in stamps if stamp is not None), None))


def sections_of(module: bytes) -> Iterator[tuple[int, bytes]]:
    """The number and the content of each section."""
    place = len(HEADER)
    while place < len(module):
        number = module[place]
        size, place = number_at(module, place + 1)
        if number >= len(NAMES) or place + size > len(module):
            raise no_module("it ends in the middle of a section")
        yield number, module[place : place + size]
        place += size


def number_at(data: bytes, place: int) -> tuple[int, int]:
    """The number in LEB128 that stands there, and the place behind it."""
    value = 0
    for count, byte in enumerate(data[place : place + LONGEST_NUMBER]):
        value |= (byte & 0x7F) << 7 * count
        if byte < 0x80:
            return value, place + count + 1
    raise no_module("a number in it has no end")


def stamp_in(content: bytes) -> Mapping[str, Any] | None:
    """The stamp, if this is the custom section that holds one."""
    size, start = number_at(content, 0)
    if content[start : start + size] != STAMP:
        return None
    try:
        value = json.loads(content[start + size :])
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def no_module(why: str) -> BundleError:
    """The mistake of bytes that are no module."""
    return BundleError("HX701", f"this is no WebAssembly module: {why}", help="name a `policy.wasm`")
