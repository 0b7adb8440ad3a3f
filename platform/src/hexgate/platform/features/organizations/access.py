"""A request in, who it is and what they are in the organization or project of its address out, or a refusal.

# INVARIANT: to a stranger every organization and project looks as one that is not there.
"""

# Not `from __future__ import annotations`: what FastAPI calls here is an instance, whose words older releases cannot look up.

from typing import Annotated

from fastapi import Depends, Path

from hexgate.platform.features.accounts.access import SignedInSeat
from hexgate.platform.features.organizations.service import Organizations, Place, ProjectPlace
from hexgate.platform.kit.parts import the
from hexgate.platform.kit.scopes import Rank

__all__ = ["Admin", "AnyMember", "InOrganization", "InProject", "ProjectAdmin", "ProjectMember"]

TheOrganizations = Annotated[Organizations, the(Organizations)]
Id = Annotated[str, Path(max_length=64)]


class InOrganization:
    """Lets in who has this rank, or a higher one, in the organization of the address."""

    def __init__(self, rank: Rank) -> None:
        self.rank = rank

    async def __call__(self, organization_id: Id, seat: SignedInSeat, organizations: TheOrganizations) -> Place:
        return await organizations.place(seat, organization_id, self.rank)


class InProject:
    """Lets in who has this rank, or a higher one, in the organization of the project of the address."""

    def __init__(self, rank: Rank) -> None:
        self.rank = rank

    async def __call__(self, project_id: Id, seat: SignedInSeat, organizations: TheOrganizations) -> ProjectPlace:
        return await organizations.project_place(seat, project_id, self.rank)


AnyMember = Annotated[Place, Depends(InOrganization(Rank.MEMBER))]
Admin = Annotated[Place, Depends(InOrganization(Rank.ADMIN))]
ProjectMember = Annotated[ProjectPlace, Depends(InProject(Rank.MEMBER))]
ProjectAdmin = Annotated[ProjectPlace, Depends(InProject(Rank.ADMIN))]
