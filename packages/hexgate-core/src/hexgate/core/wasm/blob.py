"""Structures in, the bytes of a policy out, each equal part once and every address absolute.

# INVARIANT: nothing here depends on the order of a set, on a hash or on where the process runs: equal parts in the same order
# give equal bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping

__all__ = ["NOWHERE", "Blob", "Words"]

NOWHERE = 0
Words = tuple[int, ...]
ALIGNMENT = 4
ENTRY = 16


class Blob:
    """Grows from `base` on. What is put into it is found again by its content: the same bytes have the same address."""

    __slots__ = ("base", "content", "patterns", "places", "tables", "texts")

    def __init__(self, base: int, header: int) -> None:
        self.base = base
        self.content = bytearray(header)
        self.places: dict[bytes, int] = {}
        self.patterns: dict[str, int] = {}
        self.texts: dict[str, Words] = {}
        self.tables: dict[tuple[tuple[str, int], ...], Words] = {}

    @property
    def end(self) -> int:
        """The address of the next part."""
        return self.base + len(self.content)

    def put(self, data: bytes) -> int:
        """The address of these bytes."""
        address = self.places.get(data)
        if address is None:
            address = self.places[data] = self.end
            self.content += data
            self.content += bytes(-len(data) % ALIGNMENT)
        return address

    def words(self, *values: int) -> int:
        """The address of a structure."""
        return self.put(packed(values))

    def text(self, text: str) -> Words:
        """The two words of a text: where its bytes are and how many."""
        found = self.texts.get(text)
        if found is None:
            encoded = text.encode()
            found = self.texts[text] = (self.put(encoded), len(encoded))
        return found

    def text_at(self, text: str) -> int:
        """The address of a text's two words."""
        return self.words(*self.text(text))

    def table(self, entries: Mapping[str, int]) -> Words:
        """The two words of a table from names to addresses."""
        key = tuple(sorted(entries.items(), key=lambda item: item[0].encode()))
        found = self.tables.get(key)
        if found is None:
            found = self.tables[key] = (self.rows(key), len(key))
        return found

    def rows(self, entries: Iterable[tuple[str, int]]) -> int:
        """The address of a table's rows, each of which knows the row with the longest name that begins its own."""
        pending: list[tuple[str, int]] = []
        rows = [(name, (*self.text(name), found)) for name, found in entries]
        # Texts were put before; from here on the rows stand in one piece.
        address, words = self.end, list[int]()
        for number, (name, row) in enumerate(rows):
            while pending and not name.startswith(pending[-1][0]):
                pending.pop()
            words += (*row, pending[-1][1] if pending else NOWHERE)
            pending.append((name, address + number * ENTRY))
        return self.put(packed(words))

    def finished(self, header: Iterable[int]) -> bytes:
        """All bytes, the header in the place that was left for it."""
        content = packed(tuple(header))
        self.content[: len(content)] = content
        return bytes(self.content)


def packed(words: Iterable[int]) -> bytes:
    """Words as the module reads them."""
    values = tuple(words)
    return struct.pack(f"<{len(values)}I", *values)
