"""Rows in, rows in the store: those that come at the same time go together, and nobody is told so before they are there.

# INVARIANT: what waits is bounded; `add` returns when the rows are in the store, and raises when they are not known to be.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import orjson

from hexgate.platform.features.record.lines import COLUMNS, Row
from hexgate.platform.features.record.steps import TABLE
from hexgate.platform.kit.clickhouse import ClickHouse, StoreDownError
from hexgate.platform.kit.problems import Problem

__all__ = ["Writer"]

log = logging.getLogger("hexgate.platform.record")
MOST_WAITING, MOST_AT_ONCE = 50_000, 20_000
SECONDS_UNTIL_RETRY = "5"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Rows of one request, and where it hears of them."""

    lines: bytes
    count: int
    done: asyncio.Future[None]


class Writer:
    """The one that writes, of this process."""

    def __init__(self, store: ClickHouse) -> None:
        self.store = store
        self.queue: asyncio.Queue[Waiting | None] = asyncio.Queue()
        self.count = 0
        self.is_open = True

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Writer]:
        """Writes until this is left, and then what still waits."""
        task = asyncio.create_task(self.work())
        try:
            yield self
        finally:
            self.is_open = False
            self.queue.put_nowait(None)
            await task

    async def add(self, rows: Sequence[Row]) -> None:
        """Keeps rows, all of them."""
        if not rows:
            return
        if not self.is_open or self.count + len(rows) > MOST_WAITING:
            raise down()
        lines = b"\n".join(orjson.dumps(row) for row in rows)
        waiting = Waiting(lines, len(rows), asyncio.get_running_loop().create_future())
        self.count += waiting.count
        self.queue.put_nowait(waiting)
        # Who asked may go away; the rows are written all the same.
        await asyncio.shield(waiting.done)

    async def work(self) -> None:
        """Takes what waits, writes it, and says so."""
        ended = False
        while not ended:
            first = await self.queue.get()
            batch = [] if first is None else [first]
            ended = first is None
            while not self.queue.empty() and sum(entry.count for entry in batch) < MOST_AT_ONCE:
                entry = self.queue.get_nowait()
                ended = ended or entry is None
                batch += [] if entry is None else [entry]
            if batch:
                await self.write(batch)

    async def write(self, batch: Sequence[Waiting]) -> None:
        """Writes what goes together."""
        try:
            await self.store.insert(TABLE, COLUMNS, b"\n".join(entry.lines for entry in batch))
        except StoreDownError as error:
            log.error("the store of the record does not take rows: %s", error)
            for entry in batch:
                entry.done.set_exception(down())
                # Nobody may be left who wants to hear it.
                entry.done.exception()
        else:
            for entry in batch:
                entry.done.set_result(None)
        finally:
            self.count -= sum(entry.count for entry in batch)


def down() -> Problem:
    """The problem of rows that are not kept, and can be sent again."""
    return Problem("HX1401", headers={"Retry-After": SECONDS_UNTIL_RETRY})
