"""An address of SQLite or PostgreSQL in, transactions that read or write out.

# INVARIANT: on SQLite a transaction that writes takes the lock of the file before it reads, so none fails because another one wrote
in between.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

__all__ = ["Database", "Upsert", "upsert"]

DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgres": "postgresql+asyncpg", "postgresql": "postgresql+asyncpg"}
BUSY_SECONDS = 10
STATEMENT_SECONDS = 30
PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}",
)
WRITES, GLANCES = "hexgate_writes", "hexgate_glances"
Upsert = sqlite.Insert | postgresql.Insert


class Database:
    """The relational store. `reading` and `writing` give sessions; a writing one is committed when it is left without an error."""

    def __init__(self, url: str) -> None:
        self.url = with_driver(make_url(url))
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = engine_of(self.url, is_sqlite=self.is_sqlite)
        # Writers of this process wait for one another here, in the order in which they came, and not in the file.
        self.turn: asyncio.Lock | None = asyncio.Lock() if self.is_sqlite else None

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """What is read in it belongs to one moment on SQLite, and to that of each statement on PostgreSQL."""
        async with AsyncSession(self.engine, expire_on_commit=False) as session:
            yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """All of it is kept, or nothing."""
        async with self.turn or nullcontext(), AsyncSession(self.engine, expire_on_commit=False) as session:
            _ = await session.connection(execution_options={WRITES: True})
            yield session
            await session.commit()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        """A connection for who needs no session; committed when it is left without an error."""
        async with self.turn or nullcontext(), self.engine.connect() as connection:
            _ = await connection.execution_options(**{WRITES: True})
            async with connection.begin():
                yield connection

    @asynccontextmanager
    async def glance(self) -> AsyncIterator[AsyncConnection]:
        """A connection for one question that needs no transaction, because there is nothing else to agree with."""
        options = {GLANCES: True} if self.is_sqlite else {"isolation_level": "AUTOCOMMIT"}
        async with self.engine.connect() as connection:
            yield await connection.execution_options(**options)

    async def answers(self) -> bool:
        """Whether the database is there."""
        async with self.engine.connect() as connection:
            return bool(await connection.scalar(text("select 1")))

    async def close(self) -> None:
        """Gives all connections back."""
        await self.engine.dispose()


def with_driver(url: URL) -> URL:
    """The address with the driver that speaks without blocking."""
    return url.set(drivername=DRIVERS[url.drivername.split("+")[0]])


def engine_of(url: URL, *, is_sqlite: bool) -> AsyncEngine:
    """The pool of connections."""
    if not is_sqlite:
        settings = {"statement_timeout": str(STATEMENT_SECONDS * 1000), "application_name": "hexgate-platform"}
        return create_async_engine(
            url, pool_pre_ping=True, pool_timeout=BUSY_SECONDS, connect_args={"server_settings": settings}
        )
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = create_async_engine(url, connect_args={"timeout": BUSY_SECONDS}, pool_timeout=BUSY_SECONDS)
    event.listen(engine.sync_engine, "connect", prepare)
    event.listen(engine.sync_engine, "begin", begin)
    return engine


def prepare(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """Each new connection to a file: the driver begins no transactions by itself, and the file survives a power cut."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def begin(connection: Connection) -> None:
    """Each transaction: who will write says so at once, and one question alone needs none."""
    options = connection.get_execution_options()
    if GLANCES not in options:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(WRITES, False) else "BEGIN")


def upsert(session: AsyncSession, table: Any) -> Upsert:
    """An insert that can say what happens when the row is there."""
    dialect = session.get_bind().dialect.name
    made: Table = table.__table__
    return postgresql.insert(made) if dialect == "postgresql" else sqlite.insert(made)
