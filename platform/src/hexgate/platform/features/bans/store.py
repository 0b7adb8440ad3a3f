"""The table of bans, and all SQL on it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, col

from hexgate.platform.features.organizations.store import stamped
from hexgate.platform.kit.rows import Moment, Row, new_id
from hexgate.platform.kit.scopes import ProjectScope

__all__ = ["Ban", "BanStore"]


class Ban(Row, table=True):
    """That somebody may do nothing, since when, and by whom. One that was lifted stays, with who lifted it."""

    id: str = Field(default_factory=lambda: new_id("ban"), primary_key=True, max_length=32)
    project_id: str = Field(foreign_key="project.id", ondelete="CASCADE", index=True, max_length=40)
    kind: str = Field(max_length=8)
    name: str = Field(max_length=256)
    reason: str = Field(max_length=500)
    banned_by: str = Field(max_length=254)
    banned_at: datetime = Field(sa_type=Moment)
    lifted_by: str | None = Field(default=None, max_length=254)
    lifted_at: datetime | None = Field(default=None, sa_type=Moment)


class BanStore:
    """Bans of projects."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def add(self, scope: ProjectScope, ban: Ban) -> None:
        """One more."""
        ban.project_id = scope.project_id
        self.session.add(ban)
        await self.session.flush()
        await stamped(self.session, scope)

    async def lift(self, scope: ProjectScope, id: str, by: str, now: datetime) -> bool:
        """Ends one; what was is not forgotten."""
        lifted = await self.session.execute(
            update(Ban)
            .where(col(Ban.project_id) == scope.project_id, col(Ban.id) == id, col(Ban.lifted_at).is_(None))
            .values(lifted_by=by, lifted_at=now)
            .returning(col(Ban.id))
        )
        is_lifted = lifted.first() is not None
        await stamped(self.session, scope)
        return is_lifted

    async def active(self, scope: ProjectScope) -> list[Ban]:
        """Those that count, in an order that says nothing."""
        wanted = select(Ban).where(col(Ban.project_id) == scope.project_id, col(Ban.lifted_at).is_(None))
        return list(await self.session.scalars(wanted.order_by(col(Ban.id))))

    async def count(self, scope: ProjectScope) -> int:
        """How many count."""
        wanted = select(func.count()).where(col(Ban.project_id) == scope.project_id, col(Ban.lifted_at).is_(None))
        return int(await self.session.scalar(wanted) or 0)

    async def trail(self, scope: ProjectScope, most: int) -> list[Ban]:
        """The newest ones, those that were lifted as well."""
        wanted = select(Ban).where(col(Ban.project_id) == scope.project_id)
        return list(await self.session.scalars(wanted.order_by(col(Ban.banned_at).desc(), col(Ban.id)).limit(most)))
