"""What Alembic runs for each command: the steps, on the connection that it was given."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from hexgate.platform.migrations.tables import METADATA

__all__: list[str] = []


def run(connection: Connection) -> None:
    """All steps in the one transaction of whoever asked for them."""
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        render_as_batch=True,
        compare_type=True,
        transactional_ddl=False,
    )
    context.run_migrations()


run(context.config.attributes["connection"])
