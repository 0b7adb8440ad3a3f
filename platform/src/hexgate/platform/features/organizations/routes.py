"""The addresses of organizations, members, invitations and projects."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter

from hexgate.platform.features.accounts.access import SignedInSeat
from hexgate.platform.features.organizations.access import Admin, AnyMember
from hexgate.platform.features.organizations.schemas import (
    AMember,
    AnInvitation,
    AnOrganization,
    AProject,
    Invitations,
    Members,
    MyOrganizations,
    NewInvitation,
    NewOrganization,
    NewProject,
    NewRank,
    OnlyToken,
    Projects,
    RankName,
)
from hexgate.platform.features.organizations.service import Organizations
from hexgate.platform.features.organizations.store import Invitation, Organization, Project
from hexgate.platform.kit.parts import the
from hexgate.platform.kit.problems import answers
from hexgate.platform.kit.scopes import Rank

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["organizations"])
TheOrganizations = Annotated[Organizations, the(Organizations)]
HERE = "/organizations/{organization_id}"


def name_of(rank: int) -> RankName:
    return cast("RankName", Rank(rank).name.lower())


def rank_of(name: RankName) -> Rank:
    return Rank[name.upper()]


def told(organization: Organization, rank: Rank) -> AnOrganization:
    return AnOrganization(id=organization.id, name=organization.name, rank=name_of(rank))


def told_invitation(invitation: Invitation) -> AnInvitation:
    return AnInvitation(
        id=invitation.id, email=invitation.email, rank=name_of(invitation.rank), expires_at=invitation.expires_at
    )


def told_project(project: Project) -> AProject:
    return AProject(
        id=project.id, title=project.title, organization_id=project.organization_id, created_at=project.created_at
    )


@router.post("/organizations", status_code=201, responses=answers("HX1101", "HX1103", "HX1107", "HX1205"))
async def found(form: NewOrganization, seat: SignedInSeat, organizations: TheOrganizations) -> AnOrganization:
    """Make an organization. You are its owner."""
    return told(await organizations.found(seat, form.name), Rank.OWNER)


@router.get("/organizations", responses=answers("HX1101"))
async def my_organizations(seat: SignedInSeat, organizations: TheOrganizations) -> MyOrganizations:
    """Where you are a member."""
    return MyOrganizations(organizations=[told(*entry) for entry in await organizations.mine(seat)])


@router.get("/projects", responses=answers("HX1101"))
async def my_projects(seat: SignedInSeat, organizations: TheOrganizations) -> Projects:
    """All projects that you may look into."""
    return Projects(projects=[told_project(project) for project in await organizations.my_projects(seat)])


@router.get(HERE, responses=answers("HX1101", "HX1004"))
async def organization(place: AnyMember, organizations: TheOrganizations) -> AnOrganization:
    """One organization."""
    return told(await organizations.get(place), place.rank)


@router.get(f"{HERE}/members", responses=answers("HX1101", "HX1004"))
async def members(place: AnyMember, organizations: TheOrganizations) -> Members:
    """Everybody in an organization."""
    known = [
        AMember(
            account_id=member.account_id,
            email=member.email,
            name=member.name,
            rank=name_of(member.rank),
            since=member.since,
        )
        for member in await organizations.members(place)
    ]
    return Members(members=known)


@router.put(
    f"{HERE}/members/{{account_id}}",
    status_code=204,
    responses=answers("HX1101", "HX1103", "HX1201", "HX1004", "HX1202"),
)
async def set_rank(account_id: str, form: NewRank, place: Admin, organizations: TheOrganizations) -> None:
    """Give a member another rank."""
    await organizations.set_rank(place, account_id, rank_of(form.rank))


@router.delete(
    f"{HERE}/members/{{account_id}}",
    status_code=204,
    responses=answers("HX1101", "HX1103", "HX1201", "HX1004", "HX1202"),
)
async def remove(account_id: str, place: AnyMember, organizations: TheOrganizations) -> None:
    """Remove a member, or leave."""
    await organizations.remove(place, account_id)


@router.post(
    f"{HERE}/invitations",
    status_code=201,
    responses=answers("HX1101", "HX1103", "HX1201", "HX1004", "HX1204", "HX1205"),
)
async def invite(form: NewInvitation, place: Admin, organizations: TheOrganizations) -> AnInvitation:
    """Invite somebody by a letter."""
    return told_invitation(await organizations.invite(place, form.email, rank_of(form.rank)))


@router.get(f"{HERE}/invitations", responses=answers("HX1101", "HX1201", "HX1004"))
async def invitations(place: Admin, organizations: TheOrganizations) -> Invitations:
    """Invitations that nobody has accepted."""
    return Invitations(invitations=[told_invitation(entry) for entry in await organizations.invitations(place)])


@router.delete(
    f"{HERE}/invitations/{{invitation_id}}",
    status_code=204,
    responses=answers("HX1101", "HX1103", "HX1201", "HX1004"),
)
async def uninvite(invitation_id: str, place: Admin, organizations: TheOrganizations) -> None:
    """Take an invitation back."""
    await organizations.uninvite(place, invitation_id)


@router.post("/invitations/accept", responses=answers("HX1101", "HX1103", "HX1106", "HX1107", "HX1203"))
async def accept(form: OnlyToken, seat: SignedInSeat, organizations: TheOrganizations) -> AnOrganization:
    """Accept an invitation with the token of its letter."""
    return told(*await organizations.accept(seat, form.token))


@router.post(
    f"{HERE}/projects",
    status_code=201,
    responses=answers("HX1101", "HX1103", "HX1201", "HX1004", "HX1205", "HX1206"),
)
async def add_project(form: NewProject, place: Admin, organizations: TheOrganizations) -> AProject:
    """Make a project."""
    return told_project(await organizations.add_project(place, form.id, form.title or form.id))


@router.get(f"{HERE}/projects", responses=answers("HX1101", "HX1004"))
async def projects(place: AnyMember, organizations: TheOrganizations) -> Projects:
    """The projects of an organization."""
    return Projects(projects=[told_project(project) for project in await organizations.projects(place)])
