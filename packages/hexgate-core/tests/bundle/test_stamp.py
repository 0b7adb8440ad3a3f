"""What a module says of itself is shown, and bytes that are no module harm nobody."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexgate.core.bundle.stamp import ModuleFacts, module_facts
from hexgate.core.errors import BundleError

HEADER = b"\0asm\1\0\0\0"


def section(number: int, content: bytes) -> bytes:
    """A section, with its size in the longest spelling that there is."""
    size = bytes((len(content) >> 7 * step & 0x7F) | (0x80 if step < 4 else 0) for step in range(5))
    return bytes((number,)) + size + content


def stamp(content: bytes, name: bytes = b"hexgate") -> bytes:
    return section(0, bytes((len(name),)) + name + content)


def test_sections_and_the_stamp_are_found() -> None:
    said = {"language": 1, "runtime": "sha256:1", "source": "sha256:2"}
    module = HEADER + stamp(b"", b"name") + section(1, b"\0") + section(12, b"\0") + stamp(json.dumps(said).encode())
    assert module_facts(module) == ModuleFacts((("custom", 5), ("type", 1), ("data count", 1), ("custom", 68)), said)


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_a_stamp_that_is_none_is_none(content: bytes) -> None:
    assert module_facts(HEADER + stamp(content)).stamp is None


@pytest.mark.parametrize(
    ("module", "why"),
    [
        (b"", "it does not begin as one does"),
        (b"\0asm\2\0\0\0", "it does not begin as one does"),
        (HEADER + b"\1", "a number in it has no end"),
        (HEADER + b"\1\x80\x80\x80\x80\x80\0", "a number in it has no end"),
        (HEADER + b"\1\5\0", "it ends in the middle of a section"),
        (HEADER + section(13, b""), "it ends in the middle of a section"),
        (HEADER + section(0, b""), "a number in it has no end"),
    ],
)
def test_what_is_no_module_is_told(module: bytes, why: str) -> None:
    with pytest.raises(BundleError, match=why) as caught:
        module_facts(module)
    assert caught.value.code == "HX701"


@given(st.binary(max_size=200))
def test_no_bytes_harm_whoever_looks_at_them(data: bytes) -> None:
    try:
        assert bool(module_facts(HEADER + data).sections) == bool(data)
    except BundleError as error:
        told = error
    else:
        return
    assert told.code == "HX701"
