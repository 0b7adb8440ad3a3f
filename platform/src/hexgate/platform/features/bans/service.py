"""The rules of bans: any admin sets and lifts one, and each leaves its trail."""

from __future__ import annotations

from hexgate.platform.features.bans.schemas import NewBan
from hexgate.platform.features.bans.store import Ban, BanStore
from hexgate.platform.features.organizations.service import ProjectPlace
from hexgate.platform.kit.database import Database
from hexgate.platform.kit.problems import Problem
from hexgate.platform.kit.rows import Clock

__all__ = ["BanList"]

MOST_BANS, MOST_SHOWN = 1000, 1000


class BanList:
    """Bans of projects."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    async def ban(self, place: ProjectPlace, form: NewBan) -> Ban:
        """From its next run on, an agent does nothing, or nothing for a user."""
        ban = Ban(
            project_id=place.scope.project_id,
            kind=form.kind,
            name=form.name,
            reason=form.reason,
            banned_by=place.seat.account.email,
            banned_at=self.clock(),
        )
        async with self.database.writing() as session:
            store = BanStore(session)
            if await store.count(place.scope) >= MOST_BANS:
                raise Problem("HX1205", f"a project has at most {MOST_BANS:,} bans at once")
            await store.add(place.scope, ban)
        return ban

    async def lift(self, place: ProjectPlace, id: str) -> None:
        """Ends a ban."""
        async with self.database.writing() as session:
            if not await BanStore(session).lift(place.scope, id, place.seat.account.email, self.clock()):
                raise Problem("HX1004", "there is no ban with this id that could be lifted")

    async def trail(self, place: ProjectPlace) -> list[Ban]:
        """The newest bans."""
        async with self.database.reading() as session:
            return await BanStore(session).trail(place.scope, MOST_SHOWN)
