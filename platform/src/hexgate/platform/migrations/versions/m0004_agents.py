"""Agents with their manifests and policies, and bans."""

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0004"
down_revision = "0003"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "agent",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("project_id", sa.String(40), owned_by("project"), nullable=False, index=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("manifest_version", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.UniqueConstraint("project_id", "name"),
    )
    op.create_table(
        "manifestversion",
        sa.Column("agent_id", sa.String(32), owned_by("agent"), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("manifest", sa.Text, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
    )
    op.create_table(
        "revision",
        sa.Column("agent_id", sa.String(32), owned_by("agent"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("meaning", sa.String(80), nullable=False),
        sa.Column("bundle", sa.LargeBinary, nullable=False),
        sa.Column("digest", sa.String(80), nullable=False),
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.Column("author", sa.String(254), nullable=False),
        sa.Column("message", sa.String(500), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
    )
    op.create_table(
        "ban",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("project_id", sa.String(40), owned_by("project"), nullable=False, index=True),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("name", sa.String(256), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("banned_by", sa.String(254), nullable=False),
        sa.Column("banned_at", MOMENT, nullable=False),
        sa.Column("lifted_by", sa.String(254)),
        sa.Column("lifted_at", MOMENT),
    )


def owned_by(table: str) -> sa.ForeignKey:
    return sa.ForeignKey(f"{table}.id", ondelete="CASCADE")
