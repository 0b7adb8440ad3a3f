"""The addresses of bans. Programs get them with the bundle of their agent."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from hexgate.platform.features.bans.schemas import ABan, Bans, NewBan
from hexgate.platform.features.bans.service import BanList
from hexgate.platform.features.bans.store import Ban
from hexgate.platform.features.organizations.access import ProjectAdmin, ProjectMember
from hexgate.platform.kit.parts import the
from hexgate.platform.kit.problems import answers

__all__ = ["router"]

router = APIRouter(prefix="/v1/projects/{project_id}/bans", tags=["bans"])
TheBans = Annotated[BanList, the(BanList)]


def told(ban: Ban) -> ABan:
    return ABan(
        id=ban.id,
        kind=ban.kind,
        name=ban.name,
        reason=ban.reason,
        banned_by=ban.banned_by,
        banned_at=ban.banned_at,
        lifted_by=ban.lifted_by,
        lifted_at=ban.lifted_at,
    )


@router.post("", status_code=201, responses=answers("HX1101", "HX1103", "HX1201", "HX1004", "HX1205"))
async def ban(form: NewBan, place: ProjectAdmin, bans: TheBans) -> ABan:
    """Ban an agent or a user. It counts from the next run on."""
    return told(await bans.ban(place, form))


@router.get("", responses=answers("HX1101", "HX1004"))
async def trail(place: ProjectMember, bans: TheBans) -> Bans:
    """The newest bans, those that were lifted as well."""
    return Bans(bans=[told(entry) for entry in await bans.trail(place)])


@router.delete("/{ban_id}", status_code=204, responses=answers("HX1101", "HX1103", "HX1201", "HX1004"))
async def lift(ban_id: str, place: ProjectAdmin, bans: TheBans) -> None:
    """Lift a ban. It stays in the list, with who lifted it."""
    await bans.lift(place, ban_id)
