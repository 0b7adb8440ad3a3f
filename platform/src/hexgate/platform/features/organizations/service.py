"""The rules of organizations: who may invite, raise, remove and leave.

# INVARIANT: nobody touches somebody above them or gives more than they have; an organization always has an owner.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from hexgate.platform.features.accounts.service import Seat
from hexgate.platform.features.organizations.store import (
    Invitation,
    Known,
    Member,
    Organization,
    OrganizationStore,
    Project,
)
from hexgate.platform.kit.database import Database
from hexgate.platform.kit.letters import Letter, Letters
from hexgate.platform.kit.problems import Problem
from hexgate.platform.kit.rows import Clock
from hexgate.platform.kit.scopes import INSTALLATION, AccountScope, OrganizationScope, ProjectScope, Rank
from hexgate.platform.kit.secrets import Secret, hash_of
from hexgate.platform.settings import Settings

__all__ = ["Organizations", "Place", "ProjectPlace"]

INVITATION_LASTS = timedelta(days=7)
MOST_ORGANIZATIONS, MOST_MEMBERS, MOST_PROJECTS = 20, 500, 100


@dataclass(frozen=True, slots=True)
class Place:
    """Somebody in an organization."""

    seat: Seat
    rank: Rank
    scope: OrganizationScope


@dataclass(frozen=True, slots=True)
class ProjectPlace:
    """Somebody in a project."""

    seat: Seat
    rank: Rank
    scope: ProjectScope


class Organizations:
    """Organizations, members, invitations and projects."""

    def __init__(self, database: Database, *, letters: Letters, settings: Settings, clock: Clock) -> None:
        self.database = database
        self.letters = letters
        self.settings = settings
        self.clock = clock

    async def place(self, seat: Seat, organization_id: str, least: Rank) -> Place:
        """Somebody where they want to be; a stranger is told that there is nothing."""
        async with self.database.reading() as session:
            rank = await OrganizationStore(session).rank(seat.scope, organization_id)
        if rank is None:
            raise Problem("HX1004")
        allowed(rank, least)
        return Place(seat, rank, OrganizationScope(organization_id))

    async def project_place(self, seat: Seat, project_id: str, least: Rank) -> ProjectPlace:
        """The same in a project."""
        async with self.database.reading() as session:
            found = await OrganizationStore(session).rank_in_project(seat.scope, project_id)
        if found is None:
            raise Problem("HX1004")
        organization_id, rank = found
        allowed(rank, least)
        return ProjectPlace(seat, rank, ProjectScope(organization_id, project_id))

    async def found(self, seat: Seat, name: str) -> Organization:
        """A new organization."""
        seat.must_be_verified()
        async with self.database.writing() as session:
            store = OrganizationStore(session)
            if len(await store.of_account(seat.scope)) >= MOST_ORGANIZATIONS:
                raise Problem("HX1205", f"an account is in at most {MOST_ORGANIZATIONS} organizations")
            organization = Organization(name=name, created_at=self.clock())
            await store.add(seat.scope, organization)
        return organization

    async def first(self, account_id: str, name: str, project_id: str) -> ProjectScope:
        """The organization of the first account, with a project to begin with."""
        now = self.clock()
        async with self.database.writing() as session:
            store = OrganizationStore(session)
            organization = Organization(name=name, created_at=now)
            await store.add(AccountScope(account_id), organization)
            scope = OrganizationScope(organization.id)
            await store.add_project(
                scope, Project(id=project_id, organization_id=organization.id, title=project_id, created_at=now)
            )
        return ProjectScope(organization.id, project_id)

    async def mine(self, seat: Seat) -> list[tuple[Organization, Rank]]:
        """Where somebody is a member."""
        async with self.database.reading() as session:
            return await OrganizationStore(session).of_account(seat.scope)

    async def get(self, place: Place) -> Organization:
        """One organization."""
        async with self.database.reading() as session:
            return await OrganizationStore(session).get(place.scope)

    async def members(self, place: Place) -> list[Known]:
        """Everybody there."""
        async with self.database.reading() as session:
            return await OrganizationStore(session).members(place.scope)

    async def set_rank(self, place: Place, account_id: str, rank: Rank) -> None:
        """Another rank for a member."""
        async with self.database.writing() as session:
            store = OrganizationStore(session)
            actor, was = await self.both(store, place, account_id)
            not_above(actor, was)
            not_above(actor, rank)
            if was is Rank.OWNER and rank is not Rank.OWNER:
                await not_the_last(store, place.scope)
            await store.set_rank(place.scope, account_id, rank)

    async def remove(self, place: Place, account_id: str) -> None:
        """A member leaves, or is shown the door."""
        async with self.database.writing() as session:
            store = OrganizationStore(session)
            actor, was = await self.both(store, place, account_id)
            if account_id != place.seat.account.id:
                allowed(actor, Rank.ADMIN)
                not_above(actor, was)
            if was is Rank.OWNER:
                await not_the_last(store, place.scope)
            await store.remove(place.scope, account_id)

    async def both(self, store: OrganizationStore, place: Place, account_id: str) -> tuple[Rank, Rank]:
        """What the two are now that nobody else can change it: who acts may have been somebody else a moment ago."""
        await store.hold(place.scope)
        actor = await store.member(place.scope, place.seat.account.id)
        other = await store.member(place.scope, account_id)
        if actor is None or other is None:
            raise Problem("HX1004", "nobody with this id is a member")
        return actor, other

    async def invite(self, place: Place, email: str, rank: Rank) -> Invitation:
        """A letter to somebody who may become a member."""
        not_above(place.rank, rank)
        secret, now = Secret.new(), self.clock()
        invitation = Invitation(
            organization_id=place.scope.organization_id,
            email=email,
            rank=int(rank),
            hash=secret.hash,
            expires_at=now + INVITATION_LASTS,
        )
        async with self.database.writing() as session:
            store = OrganizationStore(session)
            await store.hold(place.scope)
            members, invited = await store.members(place.scope), await store.invitations(place.scope, now)
            if any(member.email == email for member in members):
                raise Problem("HX1204")
            if len(members) + len(invited) >= MOST_MEMBERS:
                raise Problem("HX1205", f"an organization has at most {MOST_MEMBERS} members and invitations")
            await store.invite(place.scope, invitation)
            name = (await store.get(place.scope)).name
        self.letters.send(invited_to(email, name, f"{self.settings.public_url}/invitation?token={secret.text}"))
        return invitation

    async def invitations(self, place: Place) -> list[Invitation]:
        """Those that nobody has accepted."""
        async with self.database.reading() as session:
            return await OrganizationStore(session).invitations(place.scope, self.clock())

    async def uninvite(self, place: Place, id: str) -> None:
        """Takes an invitation back."""
        async with self.database.writing() as session:
            if not await OrganizationStore(session).uninvite(place.scope, id):
                raise Problem("HX1004", "there is no invitation with this id")

    async def accept(self, seat: Seat, token: str) -> tuple[Organization, Rank]:
        """Somebody becomes a member, if the letter was to them."""
        seat.must_be_verified()
        async with self.database.writing() as session:
            store = OrganizationStore(session)
            invitation = await store.invitation(INSTALLATION, hash_of(token), self.clock())
            if invitation is None:
                raise Problem("HX1106")
            if invitation.email != seat.account.email:
                raise Problem("HX1203")
            scope, rank = OrganizationScope(invitation.organization_id), Rank(invitation.rank)
            await store.uninvite(scope, invitation.id)
            known = await store.member(scope, seat.account.id)
            if known is None:
                member = Member(
                    organization_id=scope.organization_id, account_id=seat.account.id, rank=rank, since=self.clock()
                )
                await store.add_member(scope, member)
            return await store.get(scope), known or rank

    async def projects(self, place: Place) -> list[Project]:
        """The projects of an organization."""
        async with self.database.reading() as session:
            return await OrganizationStore(session).projects(place.scope)

    async def my_projects(self, seat: Seat) -> list[Project]:
        """All projects that somebody may look into."""
        async with self.database.reading() as session:
            return await OrganizationStore(session).projects_of_account(seat.scope)

    async def add_project(self, place: Place, id: str, title: str) -> Project:
        """A new project."""
        project = Project(id=id, organization_id=place.scope.organization_id, title=title, created_at=self.clock())
        async with self.database.writing() as session:
            store = OrganizationStore(session)
            if await store.is_taken(INSTALLATION, id):
                raise Problem("HX1206", f"there is a project `{id}` already")
            if len(await store.projects(place.scope)) >= MOST_PROJECTS:
                raise Problem("HX1205", f"an organization has at most {MOST_PROJECTS} projects")
            await store.add_project(place.scope, project)
        return project

    async def forget(self) -> None:
        """Forgets invitations that are over."""
        async with self.database.writing() as session:
            await OrganizationStore(session).forget(INSTALLATION, self.clock())


def allowed(rank: Rank, least: Rank) -> None:
    """Refuses who is too little."""
    if rank < least:
        raise Problem("HX1201", f"this needs the rank `{least.name.lower()}`, yours is `{rank.name.lower()}`")


def not_above(actor: Rank, other: Rank) -> None:
    """Refuses who would touch somebody above them."""
    if other > actor:
        raise Problem("HX1201", f"only an `{other.name.lower()}` can do this, you are `{actor.name.lower()}`")


async def not_the_last(store: OrganizationStore, scope: OrganizationScope) -> None:
    """Refuses to leave an organization without an owner."""
    if await store.owners(scope) == 1:
        raise Problem("HX1202")


def invited_to(to: str, name: str, link: str) -> Letter:
    text = (
        f"You are invited to the organization {name}. To accept, sign in with this address and open\n\n{link}\n\n"
        "within a week. If you do not know why you got this, do nothing."
    )
    return Letter(to, "You are invited", text)
