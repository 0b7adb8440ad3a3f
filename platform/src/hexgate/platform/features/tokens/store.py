"""The table of tokens, and all SQL on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlmodel import Field, col

from hexgate.platform.features.organizations.store import Project
from hexgate.platform.kit.rows import Moment, Row
from hexgate.platform.kit.scopes import InstallationScope, ProjectScope

__all__ = ["ApiToken", "Doorstep", "KnownToken", "TokenStore"]


class ApiToken(Row, table=True):
    """A token that was made for a project. The text is not kept: only a hash of its signature, and how it ends."""

    id: str = Field(primary_key=True, max_length=32)
    project_id: str = Field(foreign_key="project.id", ondelete="CASCADE", index=True, max_length=40)
    hash: str = Field(unique=True, max_length=64)
    name: str = Field(max_length=100)
    env: str = Field(max_length=4)
    scopes: str = Field(max_length=200)
    ending: str = Field(max_length=8)
    created_by: str = Field(max_length=254)
    created_at: datetime = Field(sa_type=Moment)
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)
    used_at: datetime | None = Field(default=None, sa_type=Moment)


@dataclass(frozen=True, slots=True)
class KnownToken:
    """Whose a token is, and the number of what programs of that project are served now."""

    scope: ProjectScope
    stamp: int


# Asked with every request of a program, so it is put together once.
KNOWN = (
    select(col(Project.organization_id), col(Project.id), col(Project.stamp))
    .join(ApiToken, col(ApiToken.project_id) == col(Project.id))
    .where(
        col(ApiToken.id) == bindparam("token_id"),
        col(ApiToken.hash) == bindparam("hashed"),
        col(ApiToken.revoked_at).is_(None),
    )
)


class Doorstep:
    """What is asked about a token before it is known whose it is."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection

    async def known(self, _: InstallationScope, id: str, hashed: str) -> KnownToken | None:
        """Whose a token is that was made here and was not revoked."""
        found = (await self.connection.execute(KNOWN, {"token_id": id, "hashed": hashed})).first()
        return None if found is None else KnownToken(ProjectScope(found[0], found[1]), found[2])


class TokenStore:
    """Tokens of projects."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def add(self, scope: ProjectScope, token: ApiToken) -> None:
        """A new token."""
        token.project_id = scope.project_id
        self.session.add(token)
        await self.session.flush()

    async def live(self, scope: ProjectScope) -> int:
        """How many there are that were not revoked."""
        wanted = select(func.count()).where(
            col(ApiToken.project_id) == scope.project_id, col(ApiToken.revoked_at).is_(None)
        )
        return int(await self.session.scalar(wanted) or 0)

    async def all(self, scope: ProjectScope) -> list[ApiToken]:
        """Those of a project, newest first."""
        wanted = select(ApiToken).where(col(ApiToken.project_id) == scope.project_id)
        return list(await self.session.scalars(wanted.order_by(col(ApiToken.created_at).desc(), col(ApiToken.id))))

    async def revoke(self, scope: ProjectScope, id: str, now: datetime) -> bool:
        """Nobody comes in with it any more."""
        revoked = await self.session.execute(
            update(ApiToken)
            .where(
                col(ApiToken.project_id) == scope.project_id,
                col(ApiToken.id) == id,
                col(ApiToken.revoked_at).is_(None),
            )
            .values(revoked_at=now)
            .returning(col(ApiToken.id))
        )
        return revoked.first() is not None

    async def used(self, _: InstallationScope, moments: Mapping[str, datetime]) -> None:
        """When tokens were used last, several at once."""
        for id, moment in moments.items():
            await self.session.execute(
                update(ApiToken)
                .where(col(ApiToken.id) == id, or_(col(ApiToken.used_at).is_(None), col(ApiToken.used_at) < moment))
                .values(used_at=moment)
            )
