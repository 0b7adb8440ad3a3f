"""The addresses of agents and policies: for programs with a token, and for people in a project."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Header, Path, Query
from starlette.responses import Response

from hexgate.platform.features.agents.building import Built
from hexgate.platform.features.agents.schemas import (
    AgentList,
    AnAgent,
    ARevision,
    Checking,
    NewAgent,
    NewPolicy,
    Registered,
    Restore,
    Revisions,
    Saved,
    ServedBundle,
    TheAgent,
    TheRevision,
    Valid,
)
from hexgate.platform.features.agents.service import Agents
from hexgate.platform.features.agents.store import Summary
from hexgate.platform.features.organizations.access import ProjectAdmin, ProjectMember
from hexgate.platform.features.tokens.access import WithScope
from hexgate.platform.features.tokens.service import Bearer
from hexgate.platform.kit.parts import the
from hexgate.platform.kit.problems import answers
from hexgate.platform.kit.scopes import ProjectScope

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["agents"])
TheAgents = Annotated[Agents, the(Agents)]
Name = Annotated[str, Path(max_length=100)]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
IfMatch = Annotated[str | None, Header(alias="If-Match", max_length=200)]
IfNoneMatch = Annotated[str | None, Header(alias="If-None-Match", max_length=2000)]
HERE = "/projects/{project_id}/agents"
ONE = f"{HERE}/{{name}}"
SAVING = ("HX1101", "HX1103", "HX1201", "HX1004", "HX1007", "HX1501", "HX1502", "HX1503")


@dataclass(frozen=True, slots=True)
class Edit:
    """Somebody who changes the policy of an agent, and the tag of what they have seen."""

    agents: Agents
    scope: ProjectScope
    author: str
    name: str
    expected: str | None


async def edit(name: Name, place: ProjectAdmin, agents: TheAgents, if_match: IfMatch = None) -> Edit:
    return Edit(agents, place.scope, place.seat.account.email, name, if_match)


TheEdit = Annotated[Edit, Depends(edit)]


def told(summary: Summary) -> dict[str, Any]:
    return {name: getattr(summary, name) for name in ARevision.model_fields}


def told_saved(number: int, built: Built) -> Saved:
    findings = [finding.as_dict() for finding in built.findings]
    return Saved(revision=number, digest=built.digest, findings=findings, certificate=dict(built.certificate))


@router.post(
    "/agents",
    responses={201: {"model": Registered}, **answers("HX1301", "HX1302", "HX1007", "HX1205", "HX1504", "HX1503")},
)
async def register(
    form: NewAgent, bearer: Annotated[Bearer, Depends(WithScope("register"))], agents: TheAgents, response: Response
) -> Registered:
    """Say what an agent is. An agent that was never here gets a policy to begin with (201); one that is known keeps its own."""
    state, agent = await agents.register(bearer.scope, f"token {bearer.token.name}", form.manifest)
    response.status_code = 201 if state == "created" else 200
    return Registered(
        name=agent.name,
        project=agent.project_id,
        state=state,
        manifest_version=agent.manifest_version,
        revision=agent.revision,
    )


@router.get(
    "/agents/{name}",
    response_model=ServedBundle,
    responses={304: {"description": "Nothing has changed."}, **answers("HX1301", "HX1302", "HX1004")},
)
async def serve(
    name: Name,
    bearer: Annotated[Bearer, Depends(WithScope("read_policy"))],
    agents: TheAgents,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """What a run begins with: the signed bundle, and who is banned. With `If-None-Match` it costs hardly anything."""
    served = await agents.served(bearer.scope, name, bearer.stamp)
    headers = {"ETag": served.etag, "Cache-Control": "private, no-cache"}
    if served.etag in {tag.strip() for tag in (if_none_match or "").split(",")}:
        return Response(status_code=304, headers=headers)
    bans = [{"kind": ban.kind, "name": ban.name, "reason": ban.reason} for ban in served.bans]
    said = {
        "agent": name,
        "project": bearer.scope.project_id,
        "revision": served.serving.revision,
        "digest": served.serving.digest,
        "files": orjson.Fragment(await agents.files(bearer.scope, served)),
        "bans": bans,
    }
    return Response(orjson.dumps(said), media_type="application/json", headers=headers)


@router.get(HERE, responses=answers("HX1101", "HX1004"))
async def agents_of_project(place: ProjectMember, agents: TheAgents) -> AgentList:
    """The agents of a project."""
    found = [
        AnAgent(
            name=agent.name,
            manifest_version=agent.manifest_version,
            revision=agent.revision,
            created_at=agent.created_at,
            saved_at=saved_at,
        )
        for agent, saved_at in await agents.all(place.scope)
    ]
    return AgentList(agents=found)


@router.get(ONE, responses=answers("HX1101", "HX1004"))
async def agent(name: Name, place: ProjectMember, agents: TheAgents, response: Response) -> TheAgent:
    """One agent with its manifest and its policy. The ETag is for `If-Match` of the next save."""
    found, manifest, policy = await agents.get(place.scope, name)
    response.headers["ETag"] = f'"{found.revision}"'
    return TheAgent(
        name=found.name,
        manifest_version=found.manifest_version,
        manifest=dict(manifest),
        revision=found.revision,
        policy=policy,
    )


@router.put(ONE, responses=answers(*SAVING))
async def save(form: NewPolicy, edit: TheEdit, response: Response) -> Saved:
    """Save a policy. One with a mistake is refused with every place, and nothing is stored."""
    number, built = await edit.agents.save(
        edit.scope, edit.author, edit.name, policy=form.policy, message=form.message, expected=edit.expected
    )
    response.headers["ETag"] = f'"{number}"'
    return told_saved(number, built)


@router.post(f"{ONE}/validate", responses=answers("HX1101", "HX1103", "HX1004"))
async def validate(name: Name, form: Checking, place: ProjectMember, agents: TheAgents) -> Valid:
    """Say everything about a policy, and save nothing."""
    checked = await agents.check(place.scope, name, form.policy)
    return Valid(
        valid=not checked.mistakes,
        mistakes=checked.mistakes,
        findings=checked.findings,
        certificate=None if checked.certificate is None else dict(checked.certificate),
        meaning=checked.meaning,
    )


@router.get(f"{ONE}/revisions", responses=answers("HX1101", "HX1004"))
async def revisions(
    name: Name,
    place: ProjectMember,
    agents: TheAgents,
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
) -> Revisions:
    """The revisions of a policy, newest first."""
    found, following = await agents.revisions(place.scope, name, before)
    return Revisions(revisions=[ARevision(**told(summary)) for summary in found], next=following)


@router.get(f"{ONE}/revisions/{{number}}", responses=answers("HX1101", "HX1004"))
async def revision(
    name: Name,
    number: Number,
    place: ProjectMember,
    agents: TheAgents,
    against: Annotated[int | None, Query(ge=0, le=2**31 - 1)] = None,
) -> TheRevision:
    """One revision with its policy, compared with the one before it, or with another."""
    found = await agents.revision(place.scope, name, number, against)
    return TheRevision(**told(found.summary), policy=found.text, against=found.against, diff=found.diff)


@router.post(f"{ONE}/revisions/{{number}}/restore", responses=answers(*SAVING))
async def restore(number: Number, form: Restore, edit: TheEdit, response: Response) -> Saved:
    """Let an older policy count again, as a new revision."""
    saved, built = await edit.agents.restore(
        edit.scope, edit.author, edit.name, number, message=form.message, expected=edit.expected
    )
    response.headers["ETag"] = f'"{saved}"'
    return told_saved(saved, built)
