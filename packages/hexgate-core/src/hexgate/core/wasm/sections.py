"""Where the sections of a module stand, whoever made it: told in bounded time, and believed by nobody before it was compared."""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["MAGIC", "sections"]

MAGIC = b"\0asm\x01\0\0\0"


def sections(module: bytes) -> Iterator[tuple[int, int, int]]:
    """The kind, the place and the size of each section, as they are written; the compiler judges what is broken."""
    at = len(MAGIC)
    while at < len(module):
        kind, size, shift = module[at], 0, 0
        for byte in module[at + 1 : at + 6]:
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        at += 1 + shift // 7
        yield kind, at, size
        at += size
