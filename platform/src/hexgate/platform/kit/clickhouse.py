"""The address of a ClickHouse in, rows in and out: a server or a cluster, or the engine within this process.

# INVARIANT: no query runs longer than it may; nothing of it runs on the event loop; of the processes of one machine one has an
embedded store, and the others are told so. How many rows a query gives is bounded by its own `limit`, and never by a setting: the
embedded engine, stopped in the middle of an answer, has put the beginning of it in front of the next one.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from anyio import to_thread
from clickhouse_connect import get_client
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from hexgate.platform.settings import SettingsError

__all__ = ["ClickHouse", "Parameters", "StoreDownError", "clickhouse"]

T = TypeVar("T")
Parameters = Mapping[str, Any]
QUERY_SECONDS, DDL_SECONDS, CONNECT_SECONDS = 10, 60, 5
READERS = 4
EMBEDDED = "chdb"
# Without the first, room is made for as many groups as the last query had, again and again: gigabytes.
OF_THE_ENGINE = {"collect_hash_table_stats_during_aggregation": 0, "max_memory_usage": 1024 * 1024 * 1024}
SERVER = "name a server with `https://USER:PASSWORD@HOST:8443/DATABASE`"
NOT_INSTALLED = (
    "`HEXGATE_CLICKHOUSE_URL`: the embedded ClickHouse is not installed: "
    f'`pip install "hexgate-platform[embedded]"`, or {SERVER}'
)
OF_ANOTHER = (
    "`HEXGATE_CLICKHOUSE_URL`: another process has the embedded store `{}`; for several workers "
    f"{SERVER}, or start one worker"
)


class StoreDownError(Exception):
    """The store does not answer, or refuses what it was asked."""


class Lane:
    """Some clients, each for one call at a time."""

    def __init__(self, connect: Callable[[], Client], count: int, *, embedded: bool) -> None:
        self.connect = connect
        self.embedded = embedded
        # None is a client that is to be made.
        self.free: asyncio.Queue[Client | None] = asyncio.Queue()
        for _ in range(count):
            self.free.put_nowait(None)

    async def run(self, work: Callable[[Client], T]) -> T:
        """What a client makes of it, in a thread; whoever asked may go away meanwhile, the client stays with its work."""
        client = await self.free.get()
        kept: Client | None = client
        try:
            if client is None:
                client = kept = await off_the_loop(self.connect)
            return await off_the_loop(partial(work, client))
        except StoreDownError:
            if self.embedded and client is not None:
                kept = None
                await to_thread.run_sync(client.close)
            raise
        finally:
            self.free.put_nowait(kept)

    async def close(self) -> None:
        """Lets go of every client."""
        while not self.free.empty():
            client = self.free.get_nowait()
            if client is not None:
                await to_thread.run_sync(client.close)


class ClickHouse:
    """A store that is open. One client writes, a few others read.

    # INVARIANT: a client of the embedded engine that has failed is closed and never asked again: what the engine had begun to
    answer when it was stopped stands in front of the next answer of that client.
    """

    def __init__(self, connect: Callable[[], Client], *, cluster: str, embedded: bool) -> None:
        self.cluster = cluster
        self.embedded = embedded
        self.writing = Lane(connect, 1, embedded=embedded)
        self.reading = Lane(connect, READERS, embedded=embedded)

    async def rows(self, sql: str, parameters: Parameters) -> list[tuple[Any, ...]]:
        """What a query finds."""
        settings = {"max_execution_time": QUERY_SECONDS, **(OF_THE_ENGINE if self.embedded else {})}

        def ask(client: Client) -> list[tuple[Any, ...]]:
            # The rows are read with the client in hand: a result is a stream of it.
            return [tuple(row) for row in client.query(sql, parameters=dict(parameters), settings=settings).result_rows]

        return await self.reading.run(ask)

    async def insert(self, table: str, columns: Sequence[str], lines: bytes) -> None:
        """Rows as lines of JSON; when this returns they are in the store."""
        settings = {"max_execution_time": QUERY_SECONDS}

        def put(client: Client) -> None:
            client.raw_insert(table, list(columns), insert_block=lines, fmt="JSONEachRow", settings=settings)

        await self.writing.run(put)

    async def command(self, sql: str, parameters: Parameters | None = None) -> None:
        """A statement that changes the store itself."""
        settings = {"max_execution_time": DDL_SECONDS}

        def change(client: Client) -> None:
            client.command(sql, parameters=dict(parameters or {}), settings=settings)

        await self.writing.run(change)

    async def answers(self) -> bool:
        """Whether the store is there."""
        return await self.rows("select 1", {}) == [(1,)]

    async def close(self) -> None:
        """Lets go of every client."""
        await self.reading.close()
        await self.writing.close()


async def off_the_loop(work: Callable[[], T]) -> T:
    """Does it in a thread; what the world does wrong is one kind of error."""
    try:
        return await to_thread.run_sync(work)
    except (ClickHouseError, OSError) as error:
        raise StoreDownError(str(error)[:500]) from error


@asynccontextmanager
async def clickhouse(url: str, *, cluster: str = "") -> AsyncIterator[ClickHouse]:
    """The store at an address, until this is left."""
    async with AsyncExitStack() as stack:
        embedded = urlsplit(url).scheme == EMBEDDED
        if embedded:
            stack.callback(os.close, locked(Path(urlsplit(url).path)))
        found = ClickHouse(partial(connected, url), cluster=cluster, embedded=embedded)
        stack.push_async_callback(found.close)
        await found.answers()
        yield found


def connected(url: str) -> Client:
    """One client. The scheme is said twice: by the address alone, `https` at an unusual port would be spoken without TLS."""
    scheme = urlsplit(url).scheme
    if scheme == EMBEDDED:
        return get_client(dsn=url)
    return get_client(dsn=url, interface=scheme, autogenerate_session_id=False, connect_timeout=CONNECT_SECONDS)


def locked(path: Path) -> int:
    """The lock of an embedded store, which another process may have; it is let go when the handle is closed."""
    if find_spec("chdb") is None:
        raise SettingsError([NOT_INSTALLED])
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise SettingsError([OF_ANOTHER.format(path)]) from None
    return handle
