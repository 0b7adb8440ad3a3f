"""Structures in, the bytes of a policy out, each equal part once and every address absolute.

# INVARIANT: nothing here depends on the order of a set, on a hash or on where the process runs: equal parts in the same order
# give equal bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

__all__ = ["NOWHERE", "Blob", "Words", "packing"]

NOWHERE = 0
Words = tuple[int, ...]
WORD = 4
ENTRY = 16
PAIR_SIZE = 8


@cache
def packing(count: int) -> Callable[..., bytes]:
    """What writes so many words."""
    return struct.Struct(f"<{count}I").pack


PAIR = packing(2)


class Blob:
    """Grows from `base` on. What is put into it is found again by its content: equal structures have one address."""

    __slots__ = ("base", "content", "known", "lowers", "places", "tables", "texts")

    def __init__(self, base: int, header: int) -> None:
        self.base = base
        self.content = bytearray(header)
        self.places: dict[Words, int] = {}
        self.texts: dict[str, Words] = {}
        self.tables: dict[Words, Words] = {}
        # Addresses of what is costly to put together, by whatever names it for whoever writes it.
        self.known: dict[Any, int] = {}
        # Whether anything asks for the table of lower case.
        self.lowers = False

    @property
    def end(self) -> int:
        """The address of the next part."""
        return self.base + len(self.content)

    def append(self, data: bytes) -> int:
        """The address of bytes that stand nowhere yet."""
        content = self.content
        address = self.base + len(content)
        content += data
        if len(data) % WORD:
            content += bytes(-len(data) % WORD)
        return address

    def words(self, *values: int) -> int:
        """The address of a structure."""
        address = self.places.get(values)
        if address is None:
            content = self.content
            address = self.places[values] = self.base + len(content)
            content += packing(len(values))(*values)
        return address

    def text(self, text: str) -> Words:
        """The two words of a text: where its bytes are and how many."""
        found = self.texts.get(text)
        if found is None:
            encoded = text.encode()
            found = self.texts[text] = (self.append(encoded), len(encoded))
        return found

    def text_at(self, text: str) -> int:
        """The address of a text's two words, which its bytes follow."""
        address = self.known.get(text)
        if address is None:
            encoded = text.encode()
            address = self.known[text] = self.append(PAIR(self.end + PAIR_SIZE, len(encoded)) + encoded)
        return address

    def table(self, entries: Mapping[str, int]) -> Words:
        """The two words of a table from names to addresses, each name with the longest one that begins it."""
        rows = [(name, self.text(name), entries[name]) for name in sorted(entries, key=str.encode)]
        key = tuple(word for _, text, found in rows for word in (*text, found))
        table = self.tables.get(key)
        if table is None:
            # Texts were put before; from here on the rows stand in one piece.
            address, words, parents = self.end, list[int](), list[tuple[str, int]]()
            for name, text, found in rows:
                while parents and not name.startswith(parents[-1][0]):
                    parents.pop()
                words += (*text, found, parents[-1][1] if parents else NOWHERE)
                parents.append((name, address))
                address += ENTRY
            table = self.tables[key] = (self.append(packing(len(words))(*words)), len(rows))
        return table

    def finished(self, header: Iterable[int]) -> bytes:
        """All bytes, the header in the place that was left for it."""
        words = tuple(header)
        self.content[: WORD * len(words)] = packing(len(words))(*words)
        return bytes(self.content)
