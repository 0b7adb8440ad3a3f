"""Migrations: every step brings a database to the next one, and the last one to what the models say."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from hexgate.platform.kit.database import Database
from hexgate.platform.migrations import migrate, revision_of, running
from hexgate.platform.migrations.tables import METADATA, TABLES
from tests.platform.postgres import Postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database with nothing in it."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/platform.db"
    postgres: Postgres = request.getfixturevalue("postgres")
    return postgres.new()


def on(address: str, work: Callable[[Database], Awaitable[Any]]) -> Any:
    """What comes of work on a database that is opened for it."""

    async def run() -> Any:
        database = Database(address)
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(run())


def steps() -> list[str]:
    """All steps, the first one first."""
    script = ScriptDirectory(str(Path(running.__file__).parent))
    return [step.revision for step in script.walk_revisions()][::-1]


def test_the_steps_are_one_row_without_gaps() -> None:
    assert steps() == [f"{number:04d}" for number in range(1, len(steps()) + 1)]


def test_every_step_follows_the_one_before_it(empty: str) -> None:
    for step in steps():
        on(empty, partial(migrate, revision=step))
        assert on(empty, revision_of) == step


def test_the_last_step_ends_where_the_models_begin(empty: str) -> None:
    on(empty, migrate)

    async def differences(database: Database) -> Any:
        async with database.connection() as connection:
            return await connection.run_sync(
                lambda plain: compare_metadata(MigrationContext.configure(plain, opts={"compare_type": True}), METADATA)
            )

    assert on(empty, differences) == []


def test_every_table_of_the_models_is_known_to_the_migrations() -> None:
    assert {table.__tablename__ for table in TABLES} == set(METADATA.tables)


def test_workers_that_start_at_once_migrate_once(empty: str) -> None:
    async def both() -> None:
        databases = [Database(empty) for _ in range(4)]
        await asyncio.gather(*(migrate(database) for database in databases))
        for database in databases:
            await database.close()

    asyncio.run(both())
    assert on(empty, revision_of) == steps()[-1]


def test_a_step_that_fails_leaves_nothing(empty: str) -> None:
    async def half(database: Database) -> None:
        async with database.connection() as connection:
            await connection.execute(text("create table half (x integer)"))
            raise ZeroDivisionError

    async def fail(database: Database) -> list[str]:
        with pytest.raises(ZeroDivisionError):
            await half(database)
        async with database.connection() as connection:
            return await connection.run_sync(lambda plain: inspect(plain).get_table_names())

    assert on(empty, fail) == []
