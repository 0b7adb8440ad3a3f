"""Accounts, sessions, letters, and how often somebody tried something."""

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("email", sa.String(254), nullable=False, unique=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("password", sa.String(256), nullable=False),
        sa.Column("verified_at", MOMENT),
        sa.Column("has_first_password", sa.Boolean, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
    )
    op.create_table(
        "session",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("id", sa.String(32), nullable=False, unique=True),
        owner(),
        sa.Column("program", sa.String(200), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
    )
    op.create_table(
        "errand",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("purpose", sa.String(16), nullable=False),
        owner(),
        sa.Column("expires_at", MOMENT, nullable=False),
    )
    op.create_table(
        "guess",
        sa.Column("subject", sa.String(64), primary_key=True),
        sa.Column("since", sa.BigInteger, primary_key=True),
        sa.Column("tries", sa.Integer, nullable=False),
    )


def owner() -> "sa.Column[str]":
    return sa.Column(
        "account_id", sa.String(32), sa.ForeignKey("account.id", ondelete="CASCADE"), nullable=False, index=True
    )
