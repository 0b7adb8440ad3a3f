"""How a record stands in a file: one line of JSON that names its stream, its number and the link to the line before it.

# INVARIANT: the link to a line is the SHA-256 of its bytes without its end. Equal lines cannot stand in two places: their numbers
# differ.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson

__all__ = ["BEGINNING", "FORMAT", "LONGEST_LINE", "Head", "encoded", "head_of", "line_of"]

FORMAT = 1
# What the first record of a stream has in the place of a link.
BEGINNING = "0" * 64
# No record of ours comes near; whoever reads a file need not hold more of a line than this.
LONGEST_LINE = 256 * 1024
HEAD = re.compile(
    rb'\{"stream":"([0-9a-zA-Z-]{1,64})","seq":([1-9][0-9]{0,18}),"prev":"([0-9a-f]{64})","kind":"([a-z]{1,16})"'
)


@dataclass(frozen=True, slots=True)
class Head:
    """What a line says about its place."""

    stream: str
    number: int
    before: str
    kind: str


def encoded(fields: Mapping[str, Any]) -> bytes:
    """The fields of a record, `kind` first, as the JSON that a line ends with."""
    return orjson.dumps(fields)


def line_of(stream: str, number: int, before: str, body: bytes) -> tuple[bytes, str]:
    """The line of a record whose fields are encoded, its end included, and the link that the next line has to name."""
    line = b'{"stream":"%b","seq":%d,"prev":"%b",%b' % (stream.encode(), number, before.encode(), body[1:])
    return line + b"\n", sha256(line).hexdigest()


def head_of(line: bytes) -> Head | None:
    """What stands at the beginning of a line, if it begins as a record does."""
    found = HEAD.match(line)
    if found is None:
        return None
    stream, number, before, kind = found.groups()
    return Head(stream.decode(), int(number), before.decode(), kind.decode())
