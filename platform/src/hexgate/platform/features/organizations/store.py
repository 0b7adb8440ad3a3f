"""The tables of organizations, members, invitations and projects, and all SQL on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, col

from hexgate.platform.features.accounts.store import Account
from hexgate.platform.kit.rows import Moment, Row, new_id
from hexgate.platform.kit.scopes import AccountScope, InstallationScope, OrganizationScope, ProjectScope, Rank

__all__ = ["Invitation", "Known", "Member", "Organization", "OrganizationStore", "Project", "stamped"]


class Organization(Row, table=True):
    """Who everything belongs to."""

    id: str = Field(default_factory=lambda: new_id("org"), primary_key=True, max_length=32)
    name: str = Field(max_length=100)
    created_at: datetime = Field(sa_type=Moment)


class Member(Row, table=True):
    """That an account belongs to an organization."""

    organization_id: str = Field(foreign_key="organization.id", ondelete="CASCADE", primary_key=True, max_length=32)
    account_id: str = Field(foreign_key="account.id", ondelete="CASCADE", primary_key=True, index=True, max_length=32)
    rank: int
    since: datetime = Field(sa_type=Moment)


class Invitation(Row, table=True):
    """That somebody with an address may become a member."""

    id: str = Field(default_factory=lambda: new_id("inv"), primary_key=True, max_length=32)
    organization_id: str = Field(foreign_key="organization.id", ondelete="CASCADE", index=True, max_length=32)
    email: str = Field(max_length=254)
    rank: int
    hash: str = Field(unique=True, max_length=64)
    expires_at: datetime = Field(sa_type=Moment)


class Project(Row, table=True):
    """What tokens, agents, policies and records belong to. Its id stands in its tokens, so people choose it once."""

    id: str = Field(primary_key=True, max_length=40)
    organization_id: str = Field(foreign_key="organization.id", ondelete="CASCADE", index=True, max_length=32)
    title: str = Field(max_length=100)
    # Counts what programs are served: another policy or another ban is another number, whichever process made it.
    stamp: int = 0
    created_at: datetime = Field(sa_type=Moment)


async def stamped(session: AsyncSession, scope: ProjectScope) -> None:
    """What programs of a project are served has changed."""
    await session.execute(
        update(Project).where(col(Project.id) == scope.project_id).values(stamp=col(Project.stamp) + 1)
    )


@dataclass(frozen=True, slots=True)
class Known:
    """A member with the account's own words."""

    account_id: str
    email: str
    name: str
    rank: Rank
    since: datetime


class OrganizationStore:
    """Organizations with what belongs to them."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def add(self, scope: AccountScope, organization: Organization) -> None:
        """A new organization, owned by who made it."""
        self.session.add(organization)
        await self.session.flush()
        self.session.add(
            Member(
                organization_id=organization.id,
                account_id=scope.account_id,
                rank=Rank.OWNER,
                since=organization.created_at,
            )
        )

    async def of_account(self, scope: AccountScope) -> list[tuple[Organization, Rank]]:
        """Where somebody is a member."""
        wanted = (
            select(Organization, col(Member.rank))
            .join(Member, col(Member.organization_id) == col(Organization.id))
            .where(col(Member.account_id) == scope.account_id)
            .order_by(col(Organization.created_at), col(Organization.id))
        )
        return [(row[0], Rank(row[1])) for row in await self.session.execute(wanted)]

    async def rank(self, scope: AccountScope, organization_id: str) -> Rank | None:
        """What somebody is there; None for a stranger."""
        return await rank_of(self.session, organization_id, scope.account_id)

    async def rank_in_project(self, scope: AccountScope, project_id: str) -> tuple[str, Rank] | None:
        """Whose a project is, and what somebody is there; None for a stranger."""
        wanted = (
            select(col(Project.organization_id), col(Member.rank))
            .join(Member, col(Member.organization_id) == col(Project.organization_id))
            .where(col(Project.id) == project_id, col(Member.account_id) == scope.account_id)
        )
        found = (await self.session.execute(wanted)).first()
        return None if found is None else (found[0], Rank(found[1]))

    async def hold(self, scope: OrganizationScope) -> None:
        """Lets no other transaction change the members until this one is over. SQLite has one writer anyway."""
        held = select(Organization).where(col(Organization.id) == scope.organization_id).with_for_update()
        await self.session.execute(held)

    async def get(self, scope: OrganizationScope) -> Organization:
        """The organization itself."""
        wanted = select(Organization).where(col(Organization.id) == scope.organization_id)
        return (await self.session.scalars(wanted)).one()

    async def members(self, scope: OrganizationScope) -> list[Known]:
        """Everybody there, who is most first."""
        wanted = (
            select(Account, Member)
            .join(Member, col(Member.account_id) == col(Account.id))
            .where(col(Member.organization_id) == scope.organization_id)
            .order_by(col(Member.rank).desc(), col(Account.email))
        )
        return [
            Known(row[0].id, row[0].email, row[0].name, Rank(row[1].rank), row[1].since)
            for row in await self.session.execute(wanted)
        ]

    async def member(self, scope: OrganizationScope, account_id: str) -> Rank | None:
        """What a member is."""
        return await rank_of(self.session, scope.organization_id, account_id)

    async def owners(self, scope: OrganizationScope) -> int:
        """How many owners there are."""
        wanted = select(func.count()).where(
            col(Member.organization_id) == scope.organization_id, col(Member.rank) == Rank.OWNER
        )
        return int(await self.session.scalar(wanted) or 0)

    async def add_member(self, scope: OrganizationScope, member: Member) -> None:
        """One more."""
        member.organization_id = scope.organization_id
        self.session.add(member)
        await self.session.flush()

    async def set_rank(self, scope: OrganizationScope, account_id: str, rank: Rank) -> None:
        """Another rank for a member."""
        await self.session.execute(
            update(Member)
            .where(col(Member.organization_id) == scope.organization_id, col(Member.account_id) == account_id)
            .values(rank=int(rank))
        )

    async def remove(self, scope: OrganizationScope, account_id: str) -> None:
        """One less."""
        await self.session.execute(
            delete(Member).where(
                col(Member.organization_id) == scope.organization_id, col(Member.account_id) == account_id
            )
        )

    async def invite(self, scope: OrganizationScope, invitation: Invitation) -> None:
        """An invitation, in the place of an older one to the same address."""
        await self.session.execute(
            delete(Invitation).where(
                col(Invitation.organization_id) == scope.organization_id, col(Invitation.email) == invitation.email
            )
        )
        invitation.organization_id = scope.organization_id
        self.session.add(invitation)

    async def invitations(self, scope: OrganizationScope, now: datetime) -> list[Invitation]:
        """Those that nobody has accepted."""
        wanted = select(Invitation).where(
            col(Invitation.organization_id) == scope.organization_id, col(Invitation.expires_at) > now
        )
        return list(await self.session.scalars(wanted.order_by(col(Invitation.email))))

    async def uninvite(self, scope: OrganizationScope, id: str) -> bool:
        """Takes an invitation back."""
        gone = await self.session.execute(
            delete(Invitation)
            .where(col(Invitation.organization_id) == scope.organization_id, col(Invitation.id) == id)
            .returning(col(Invitation.id))
        )
        return gone.first() is not None

    async def invitation(self, _: InstallationScope, hashed: str, now: datetime) -> Invitation | None:
        """What the token of a letter is for."""
        wanted = select(Invitation).where(col(Invitation.hash) == hashed, col(Invitation.expires_at) > now)
        return await self.session.scalar(wanted.with_for_update())

    async def projects(self, scope: OrganizationScope) -> list[Project]:
        """All projects, by name."""
        wanted = select(Project).where(col(Project.organization_id) == scope.organization_id)
        return list(await self.session.scalars(wanted.order_by(col(Project.id))))

    async def projects_of_account(self, scope: AccountScope) -> list[Project]:
        """All projects that somebody may look into."""
        wanted = (
            select(Project)
            .join(Member, col(Member.organization_id) == col(Project.organization_id))
            .where(col(Member.account_id) == scope.account_id)
            .order_by(col(Project.id))
        )
        return list(await self.session.scalars(wanted))

    async def is_taken(self, _: InstallationScope, project_id: str) -> bool:
        """Whether there is a project with this name, of whomever: names stand in tokens, and are unique."""
        return await self.session.scalar(select(col(Project.id)).where(col(Project.id) == project_id)) is not None

    async def add_project(self, scope: OrganizationScope, project: Project) -> None:
        """A new project."""
        project.organization_id = scope.organization_id
        self.session.add(project)
        await self.session.flush()

    async def forget(self, _: InstallationScope, now: datetime) -> None:
        """Forgets invitations that are over."""
        await self.session.execute(delete(Invitation).where(col(Invitation.expires_at) <= now))


async def rank_of(session: AsyncSession, organization_id: str, account_id: str) -> Rank | None:
    wanted = select(col(Member.rank)).where(
        col(Member.organization_id) == organization_id, col(Member.account_id) == account_id
    )
    found = await session.scalar(wanted)
    return None if found is None else Rank(found)
