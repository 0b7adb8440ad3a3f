"""How often somebody tried something in, a refusal out when that is too often. The database counts, for all workers together.

# INVARIANT: a try is counted before it is made, in one statement; of many at once none slips through.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import BigInteger, delete
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, col

from hexgate.platform.kit.database import Database, upsert
from hexgate.platform.kit.problems import Problem
from hexgate.platform.kit.rows import Clock, Row
from hexgate.platform.kit.scopes import INSTALLATION, InstallationScope
from hexgate.platform.kit.secrets import hash_of

__all__ = ["Allowance", "Guess", "GuessStore", "Guesses"]

# After this, no window is counted in any more.
LONGEST_WINDOW = timedelta(days=1)


class Guess(Row, table=True):
    """How many tries there were of one kind by one subject in one stretch of time."""

    subject: str = Field(primary_key=True, max_length=64)
    since: int = Field(primary_key=True, sa_type=BigInteger)
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many tries of a kind one subject has in some seconds."""

    kind: str
    tries: int
    seconds: int


class GuessStore:
    """The counts."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def add(self, _: InstallationScope, subject: str, since: int) -> int:
        """Counts a try; how many there are with it."""
        insert = upsert(self.session, Guess).values(subject=subject, since=since, tries=1)
        counted = insert.on_conflict_do_update(
            index_elements=["subject", "since"], set_={"tries": col(Guess.tries) + 1}
        ).returning(col(Guess.tries))
        return int((await self.session.execute(counted)).scalar_one())

    async def forgive(self, _: InstallationScope, subject: str) -> None:
        """Forgets the tries of a subject."""
        await self.session.execute(delete(Guess).where(col(Guess.subject) == subject))

    async def forget(self, _: InstallationScope, before: int) -> None:
        """Forgets windows that began before a second."""
        await self.session.execute(delete(Guess).where(col(Guess.since) < before))


class Guesses:
    """Lets somebody try only so often."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    async def spend(self, allowance: Allowance, subject: str) -> None:
        """Counts a try, and refuses it when there were too many."""
        second = int(self.clock().timestamp())
        window = second - second % allowance.seconds
        async with self.database.writing() as session:
            tries = await GuessStore(session).add(INSTALLATION, key_of(allowance, subject), window)
        if tries > allowance.tries:
            seconds = window + allowance.seconds - second
            raise Problem("HX1104", headers={"Retry-After": str(seconds)})

    async def forgive(self, allowance: Allowance, subject: str) -> None:
        """What was tried before does not count, once it was right."""
        async with self.database.writing() as session:
            await GuessStore(session).forgive(INSTALLATION, key_of(allowance, subject))

    async def forget(self) -> None:
        """Forgets what is over."""
        before = int((self.clock() - LONGEST_WINDOW).timestamp())
        async with self.database.writing() as session:
            await GuessStore(session).forget(INSTALLATION, before)


def key_of(allowance: Allowance, subject: str) -> str:
    """What is kept in place of the subject: a column of its own length, and no address of anybody."""
    return hash_of(f"{allowance.kind}\0{subject}")
