"""Organizations, members, invitations and projects."""

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0002"
down_revision = "0001"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "organization",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
    )
    op.create_table(
        "member",
        sa.Column("organization_id", sa.String(32), owned_by("organization"), primary_key=True),
        sa.Column("account_id", sa.String(32), owned_by("account"), primary_key=True, index=True),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("since", MOMENT, nullable=False),
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("organization_id", sa.String(32), owned_by("organization"), nullable=False, index=True),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False, unique=True),
        sa.Column("expires_at", MOMENT, nullable=False),
    )
    op.create_table(
        "project",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("organization_id", sa.String(32), owned_by("organization"), nullable=False, index=True),
        sa.Column("title", sa.String(100), nullable=False),
        sa.Column("stamp", sa.Integer, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
    )


def owned_by(table: str) -> sa.ForeignKey:
    return sa.ForeignKey(f"{table}.id", ondelete="CASCADE")
