"""The binary form of WebAssembly, as far as modules are taken apart and put together here: sections, numbers, vectors, names.

# INVARIANT: what is read was made by our own compiler: a module of somebody else's is for wasmtime to judge.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "CODE",
    "CUSTOM",
    "DATA",
    "DATA_COUNT",
    "EXPORT",
    "FUNCTION",
    "GLOBAL",
    "IMPORT",
    "START",
    "TYPE",
    "Reader",
    "Sections",
    "put_together",
    "signed",
    "taken_apart",
    "text",
    "unsigned",
    "with_more",
]

HEADER = b"\0asm\1\0\0\0"
CUSTOM, TYPE, IMPORT, FUNCTION, GLOBAL, EXPORT, START, CODE, DATA, DATA_COUNT = 0, 1, 2, 3, 6, 7, 8, 10, 11, 12
# The order of a module; a custom section may stand anywhere, and ours stands last.
ORDER = (TYPE, IMPORT, FUNCTION, 4, 5, GLOBAL, EXPORT, START, 9, DATA_COUNT, CODE, DATA)

Sections = dict[int, bytes]


def unsigned(value: int) -> bytes:
    """A number in LEB128."""
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def signed(value: int) -> bytes:
    """A number that an instruction holds, of 32 bits without a sign, in the signed LEB128 that instructions have."""
    value -= (value & 0x80000000) << 1
    found = bytearray()
    while not -0x40 <= value < 0x40:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value & 0x7F)
    return bytes(found)


def text(value: str) -> bytes:
    """A name with its size."""
    encoded = value.encode()
    return unsigned(len(encoded)) + encoded


def taken_apart(module: bytes) -> Sections:
    """The contents of a module's sections; custom ones are left out."""
    reader = Reader(module, len(HEADER))
    found: Sections = {}
    while reader.place < len(module):
        number = reader.take(1)[0]
        content = reader.take(reader.unsigned())
        if number != CUSTOM:
            found[number] = content
    return found


def put_together(sections: Sections) -> bytes:
    """The module of some sections, with the custom one last."""
    parts = [HEADER]
    for number in (*ORDER, CUSTOM):
        if number in sections:
            parts += (bytes((number,)), unsigned(len(sections[number])), sections[number])
    return b"".join(parts)


def with_more(vector: bytes, *items: bytes) -> bytes:
    """A vector with some items behind its own."""
    reader = Reader(vector)
    count = reader.unsigned()
    return b"".join((unsigned(count + len(items)), vector[reader.place :], *items))


@dataclass(slots=True)
class Reader:
    """Reads the parts of something one after the other."""

    content: bytes
    place: int = 0

    def unsigned(self) -> int:
        """The next number in LEB128."""
        found = shift = 0
        while True:
            byte = self.take(1)[0]
            found |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return found

    def take(self, size: int) -> bytes:
        """The next bytes."""
        self.place += size
        return self.content[self.place - size : self.place]

    def text(self) -> str:
        """The next name."""
        return self.take(self.unsigned()).decode()
