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
QUERY_SECONDS, DDL_SECONDS = 10, 60
READERS = 4
EMBEDDED = "chdb"
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


class ClickHouse:
    """A store that is open. One client writes, a few others read."""

    def __init__(self, writer: Client, readers: Sequence[Client], *, cluster: str) -> None:
        self.writer = writer
        self.cluster = cluster
        self.turn = asyncio.Lock()
        self.readers: asyncio.Queue[Client] = asyncio.Queue()
        for reader in readers:
            self.readers.put_nowait(reader)

    async def rows(self, sql: str, parameters: Parameters) -> list[tuple[Any, ...]]:
        """What a query finds."""
        settings = {"max_execution_time": QUERY_SECONDS}
        client = await self.readers.get()
        try:
            # The rows are read with the client in hand: a result is a stream of it.
            return await off_the_loop(
                lambda: [
                    tuple(row) for row in client.query(sql, parameters=dict(parameters), settings=settings).result_rows
                ]
            )
        finally:
            self.readers.put_nowait(client)

    async def insert(self, table: str, columns: Sequence[str], lines: bytes) -> None:
        """Rows as lines of JSON; when this returns they are in the store."""
        settings = {"max_execution_time": QUERY_SECONDS}
        async with self.turn:
            await off_the_loop(
                lambda: self.writer.raw_insert(
                    table, list(columns), insert_block=lines, fmt="JSONEachRow", settings=settings
                )
            )

    async def command(self, sql: str, parameters: Parameters | None = None) -> None:
        """A statement that changes the store itself."""
        settings = {"max_execution_time": DDL_SECONDS}
        async with self.turn:
            await off_the_loop(lambda: self.writer.command(sql, parameters=dict(parameters or {}), settings=settings))

    async def answers(self) -> bool:
        """Whether the store is there."""
        return await self.rows("select 1", {}) == [(1,)]


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
        clients = []
        for _ in range(1 + READERS):
            client = await off_the_loop(lambda: connected(url, embedded=embedded))
            stack.push_async_callback(to_thread.run_sync, client.close)
            clients.append(client)
        yield ClickHouse(clients[0], clients[1:], cluster=cluster)


def connected(url: str, *, embedded: bool) -> Client:
    """One client."""
    if embedded:
        return get_client(dsn=url)
    return get_client(dsn=url, autogenerate_session_id=False, connect_timeout=QUERY_SECONDS)


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
