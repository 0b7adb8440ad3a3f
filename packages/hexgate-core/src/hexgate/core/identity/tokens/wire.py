"""The bytes of a protobuf message in, its fields out: only those that its shape knows, each as often as it may stand there.

Two readers look at a token, the library that checks the signatures and this one. Where a lenient reader may choose - fields
that nobody knows, a field that stands twice, a number written too long - this one refuses, so that both read the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from hexgate.core.errors import TokenError

__all__ = ["Kind", "Message", "message", "unreadable"]

LARGEST_NUMBER = 2**64 - 1
# A number, bytes that stand there at most once, or bytes that may stand there many times.
Kind = Literal["number", "one", "many"]


class Message(NamedTuple):
    """The fields that stand in a message, by their number and in the order of the bytes."""

    numbers: dict[int, int]
    parts: dict[int, list[bytes]]

    def many(self, field: int) -> list[bytes]:
        """The bytes of a field, as often as it stands there."""
        return self.parts.get(field, [])

    def one(self, field: int) -> bytes:
        """The bytes of a field that must stand there once."""
        parts = self.parts.get(field)
        if parts is None or len(parts) != 1:
            raise unreadable()
        return parts[0]


def message(data: bytes, shape: Mapping[int, Kind]) -> Message:
    """The fields of a message."""
    numbers: dict[int, int] = {}
    parts: dict[int, list[bytes]] = {}
    place, size = 0, len(data)
    while place < size:
        # Nearly all numbers are of one byte.
        tag, place = (data[place], place + 1) if data[place] < 0x80 else varint(data, place)
        value, place = (data[place], place + 1) if place < size and data[place] < 0x80 else varint(data, place)
        field = tag >> 3
        kind = shape.get(field)
        if kind == "number" and not tag & 7 and field not in numbers:
            numbers[field] = value
        elif kind is not None and kind != "number" and tag & 7 == 2 and (kind == "many" or field not in parts):
            parts.setdefault(field, []).append(data[place : place + value])
            place += value
        else:
            raise unreadable()
    if place > size:
        raise unreadable()
    return Message(numbers, parts)


def varint(data: bytes, place: int) -> tuple[int, int]:
    """A number of at most 64 bits in the fewest bytes, and the place behind it."""
    value = 0
    for shift, byte in zip(range(0, 70, 7), data[place : place + 10], strict=False):
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            if value > LARGEST_NUMBER or (byte == 0 and shift):
                break
            return value, place + shift // 7 + 1
    raise unreadable()


def unreadable() -> TokenError:
    """The error of bytes that are no biscuit."""
    return TokenError(
        "HX511",
        "the token cannot be read: its bytes are no biscuit, or one of a newer kind",
        help="pass the whole token; ask who issued it for a new one",
    )
