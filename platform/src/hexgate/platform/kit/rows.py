"""What all tables share: their metadata with names for every constraint, moments with a time zone, and ids.

# INVARIANT: a moment goes in and comes out in UTC and with its zone, whichever database keeps it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect, MetaData
from sqlalchemy.orm import registry
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

__all__ = ["METADATA", "Clock", "Moment", "Row", "new_id", "now"]

Clock = Callable[[], datetime]
# Without names, a constraint could not be changed by a later migration.
NAMES = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
METADATA = MetaData(naming_convention=NAMES)
# Letters and digits that nobody takes for one another.
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


class Row(SQLModel, registry=registry(metadata=METADATA)):
    """A row of a table."""


class Moment(TypeDecorator[datetime]):
    """A moment in UTC. SQLite keeps no zone, so it is added when the moment is read."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def new_id(kind: str) -> str:
    """An id that nobody can guess, and that says what it is of."""
    return f"{kind}_{''.join(secrets.choice(ALPHABET) for _ in range(20))}"


def now() -> datetime:
    """The moment that it is."""
    return datetime.now(UTC)
