"""A stream that is made apart from its reader: neither sees the other's context, and who stops reading ends it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextvars import ContextVar

import pytest

from hexgate.core.adapters import apart, relayed

pytestmark = pytest.mark.anyio
mark: ContextVar[str] = ContextVar("mark", default="nobody's")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def numbers(ended: list[str]) -> AsyncGenerator[tuple[int, str], None]:
    """Three numbers, each with the mark that is set here."""
    mark.set("the maker's")
    try:
        for number in range(3):
            await asyncio.sleep(0)
            yield number, mark.get()
    finally:
        ended.append("ended")


async def test_a_stream_has_a_context_of_its_own() -> None:
    mark.set("the reader's")
    ended: list[str] = []
    found = []
    async for chunk in relayed(lambda: numbers(ended)):
        assert mark.get() == "the reader's"
        found.append(chunk)
    assert (found, ended) == ([(number, "the maker's") for number in range(3)], ["ended"])


async def test_a_stream_takes_the_context_of_its_first_reader_and_no_change_after_that() -> None:
    async def marks() -> AsyncGenerator[str, None]:
        for _ in range(2):
            yield mark.get()

    mark.set("first")
    stream = relayed(marks)
    assert await anext(stream) == "first"
    mark.set("second")
    assert await anext(stream) == "first"
    await stream.aclose()


async def test_who_stops_reading_ends_the_stream() -> None:
    ended: list[str] = []
    stream = relayed(lambda: numbers(ended))
    assert await anext(stream) == (0, "the maker's")
    await stream.aclose()
    assert ended == ["ended"]


async def test_what_a_stream_raises_is_raised_after_its_last_chunk() -> None:
    async def failing() -> AsyncGenerator[int, None]:
        yield 1
        raise KeyError("gone")

    stream = relayed(failing)
    assert await anext(stream) == 1
    with pytest.raises(KeyError, match="gone"):
        await anext(stream)


async def test_a_stream_that_is_cancelled_from_within_ends_for_its_reader_as_well() -> None:
    async def cancelled() -> AsyncGenerator[int, None]:
        yield 1
        raise asyncio.CancelledError

    stream = relayed(cancelled)
    assert await anext(stream) == 1
    with pytest.raises(asyncio.CancelledError):
        await anext(stream)


async def test_a_stream_is_one_chunk_ahead_of_its_reader_at_most() -> None:
    made: list[int] = []

    async def eager() -> AsyncGenerator[int, None]:
        for number in range(100):
            made.append(number)
            yield number

    stream = relayed(eager)
    assert await anext(stream) == 0
    for _ in range(10):
        await asyncio.sleep(0)
    assert made[-1] <= 2
    await stream.aclose()


def test_a_sync_stream_has_a_context_of_its_own_and_is_closed_with_its_reader() -> None:
    ended: list[str] = []

    def plain() -> Generator[str, None, None]:
        mark.set("the maker's")
        try:
            yield mark.get()
            yield mark.get()
        finally:
            ended.append(mark.get())

    mark.set("the reader's")
    assert (list(apart(plain())), mark.get(), ended) == (["the maker's"] * 2, "the reader's", ["the maker's"])
    stream = apart(plain())
    next(stream)
    stream.close()
    assert ended == ["the maker's"] * 2
