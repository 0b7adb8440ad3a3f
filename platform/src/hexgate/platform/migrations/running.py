"""A database in, the same database with the tables of this release out.

# INVARIANT: of several workers that start at once one migrates, the others wait; a step that fails leaves nothing of itself.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from hexgate.platform.kit.database import Database

__all__ = ["config_for", "migrate", "revision_of"]

# Any number will do, as long as nobody else takes the same lock of this database.
LOCK = 5_064_739_201


async def migrate(database: Database, revision: str = "head") -> None:
    """Brings the database up to a revision."""
    async with database.connection() as connection:
        if not database.is_sqlite:
            await connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        await connection.run_sync(upgrade, revision)


async def revision_of(database: Database) -> str | None:
    """The revision that the database is at; None where there is none."""
    async with database.connection() as connection:
        return await connection.run_sync(lambda plain: MigrationContext.configure(plain).get_current_revision())


def upgrade(connection: Connection, revision: str) -> None:
    command.upgrade(config_for(connection), revision)


def config_for(connection: Connection) -> Config:
    """Where the steps are, and the connection that they run on."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
