"""The tables of accounts, sessions and letters, and all SQL on them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, col

from hexgate.platform.kit.rows import Moment, Row, new_id
from hexgate.platform.kit.scopes import AccountScope, InstallationScope

__all__ = ["Account", "AccountStore", "Errand", "Session"]


class Account(Row, table=True):
    """A person."""

    id: str = Field(default_factory=lambda: new_id("acc"), primary_key=True, max_length=32)
    email: str = Field(unique=True, max_length=254)
    name: str = Field(default="", max_length=100)
    password: str = Field(max_length=256)
    verified_at: datetime | None = Field(default=None, sa_type=Moment)
    has_first_password: bool = False
    created_at: datetime = Field(sa_type=Moment)

    @property
    def is_verified(self) -> bool:
        """Whether the address is known to be this person's."""
        return self.verified_at is not None


class Session(Row, table=True):
    """Somebody who is signed in, somewhere. The text in the cookie is not kept, only its hash."""

    hash: str = Field(primary_key=True, max_length=64)
    id: str = Field(default_factory=lambda: new_id("ses"), unique=True, max_length=32)
    account_id: str = Field(foreign_key="account.id", ondelete="CASCADE", index=True, max_length=32)
    program: str = Field(default="", max_length=200)
    created_at: datetime = Field(sa_type=Moment)
    expires_at: datetime = Field(sa_type=Moment)


class Errand(Row, table=True):
    """What somebody may do once who has the text of a letter: confirm an address, or set a new password."""

    hash: str = Field(primary_key=True, max_length=64)
    purpose: str = Field(max_length=16)
    account_id: str = Field(foreign_key="account.id", ondelete="CASCADE", index=True, max_length=32)
    expires_at: datetime = Field(sa_type=Moment)


class AccountStore:
    """Accounts with what belongs to them."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def add(self, _: InstallationScope, account: Account) -> None:
        """A new account."""
        self.session.add(account)
        await self.session.flush()

    async def any(self, _: InstallationScope) -> bool:
        """Whether there is one at all."""
        return await self.session.scalar(select(col(Account.id)).limit(1)) is not None

    async def by_email(self, _: InstallationScope, email: str) -> Account | None:
        """Whose address this is."""
        return await self.session.scalar(select(Account).where(col(Account.email) == email))

    async def by_session(self, _: InstallationScope, hashed: str, now: datetime) -> tuple[Account, Session] | None:
        """Who is signed in with a cookie."""
        wanted = (
            select(Account, Session)
            .join(Session, col(Session.account_id) == col(Account.id))
            .where(col(Session.hash) == hashed, col(Session.expires_at) > now)
        )
        found = (await self.session.execute(wanted)).first()
        return None if found is None else (found[0], found[1])

    async def get(self, scope: AccountScope) -> Account:
        """The account itself."""
        return (await self.session.scalars(select(Account).where(col(Account.id) == scope.account_id))).one()

    async def verify(self, scope: AccountScope, now: datetime) -> None:
        """The address is this person's."""
        await self.session.execute(
            update(Account)
            .where(col(Account.id) == scope.account_id, col(Account.verified_at).is_(None))
            .values(verified_at=now)
        )

    async def set_password(self, scope: AccountScope, password: str) -> None:
        """Another hash."""
        await self.session.execute(
            update(Account)
            .where(col(Account.id) == scope.account_id)
            .values(password=password, has_first_password=False)
        )

    async def add_session(self, scope: AccountScope, session: Session) -> None:
        """Signs somebody in."""
        session.account_id = scope.account_id
        self.session.add(session)

    async def sessions(self, scope: AccountScope, now: datetime) -> list[Session]:
        """Where somebody is signed in, newest first."""
        wanted = select(Session).where(col(Session.account_id) == scope.account_id, col(Session.expires_at) > now)
        return list(await self.session.scalars(wanted.order_by(col(Session.created_at).desc())))

    async def end_session(self, scope: AccountScope, id: str) -> bool:
        """Signs somebody out somewhere."""
        ended = await self.session.execute(
            delete(Session)
            .where(col(Session.account_id) == scope.account_id, col(Session.id) == id)
            .returning(col(Session.id))
        )
        return ended.first() is not None

    async def end_sessions(self, scope: AccountScope, *, but: str | None = None) -> None:
        """Signs somebody out everywhere, or everywhere else."""
        await self.session.execute(
            delete(Session).where(col(Session.account_id) == scope.account_id, col(Session.id) != (but or ""))
        )

    async def add_errand(self, scope: AccountScope, errand: Errand) -> None:
        """A letter was written; those of the same purpose before it are over."""
        await self.session.execute(
            delete(Errand).where(col(Errand.account_id) == scope.account_id, col(Errand.purpose) == errand.purpose)
        )
        self.session.add(errand)

    async def take_errand(self, _: InstallationScope, hashed: str, purpose: str, now: datetime) -> str | None:
        """Whose letter this was; it cannot be used again."""
        taken = await self.session.execute(
            delete(Errand)
            .where(col(Errand.hash) == hashed, col(Errand.purpose) == purpose, col(Errand.expires_at) > now)
            .returning(col(Errand.account_id))
        )
        return taken.scalar_one_or_none()

    async def forget(self, _: InstallationScope, now: datetime) -> None:
        """Forgets sessions and letters that are over."""
        for table in (Session, Errand):
            await self.session.execute(delete(table).where(col(table.expires_at) <= now))
