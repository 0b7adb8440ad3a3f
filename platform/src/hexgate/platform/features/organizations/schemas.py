"""What requests about organizations say, and what is answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, StringConstraints

from hexgate.platform.features.accounts.schemas import Email, OnlyToken
from hexgate.platform.kit.forms import Form

__all__ = [
    "AnInvitation",
    "AMember",
    "AProject",
    "AnOrganization",
    "Invitations",
    "Members",
    "NewInvitation",
    "NewOrganization",
    "NewProject",
    "NewRank",
    "OnlyToken",
    "MyOrganizations",
    "Projects",
    "RankName",
]

RankName = Literal["member", "admin", "owner"]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
# What stands in a token and in an address: short, and the same in every place.
ProjectName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$")]


class NewOrganization(Form):
    """An organization that is to be."""

    name: Title


class AnOrganization(BaseModel):
    """An organization, and what you are there."""

    id: str
    name: str
    rank: RankName


class MyOrganizations(BaseModel):
    """Where you are a member."""

    organizations: list[AnOrganization]


class AMember(BaseModel):
    """Somebody in an organization."""

    account_id: str
    email: str
    name: str
    rank: RankName
    since: datetime


class Members(BaseModel):
    """Everybody in an organization."""

    members: list[AMember]


class NewRank(Form):
    """What a member is to be."""

    rank: RankName


class NewInvitation(Form):
    """Who is to become a member, and what there."""

    email: Email
    rank: RankName = "member"


class AnInvitation(BaseModel):
    """An invitation that nobody has accepted; its token is only in the letter."""

    id: str
    email: str
    rank: RankName
    expires_at: datetime


class Invitations(BaseModel):
    """All of them."""

    invitations: list[AnInvitation]


class NewProject(Form):
    """A project that is to be. Its `id` stands in its tokens and cannot be changed."""

    id: ProjectName
    title: Title | None = None


class AProject(BaseModel):
    """A project."""

    id: str
    title: str
    organization_id: str
    created_at: datetime


class Projects(BaseModel):
    """Several."""

    projects: list[AProject]
