"""The addresses of tokens and of the keys that sign them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from hexgate.platform.features.organizations.access import ProjectAdmin, ProjectMember
from hexgate.platform.features.tokens.access import AnyBearer, WithScope
from hexgate.platform.features.tokens.schemas import (
    AToken,
    JsonWebKey,
    JsonWebKeys,
    NewToken,
    NewUserToken,
    ProjectTokens,
    ShownToken,
    UserToken,
    WhoAmI,
)
from hexgate.platform.features.tokens.service import Bearer, Tokens
from hexgate.platform.features.tokens.store import ApiToken
from hexgate.platform.kit.parts import the
from hexgate.platform.kit.problems import answers

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["tokens"])
TheTokens = Annotated[Tokens, the(Tokens)]
HERE = "/projects/{project_id}/tokens"
# How long a program may go by the keys that it has: a key that is added signs at once, so not for long.
SECONDS_TO_KEEP = 60


def told(row: ApiToken) -> AToken:
    return AToken(
        id=row.id,
        name=row.name,
        env=row.env,
        scopes=row.scopes.split(),
        masked=f"fty_{row.env}_{row.project_id}_…{row.ending}",
        created_by=row.created_by,
        created_at=row.created_at,
        used_at=row.used_at,
        revoked_at=row.revoked_at,
    )


@router.post(HERE, status_code=201, responses=answers("HX1101", "HX1103", "HX1201", "HX1004", "HX1205"))
async def make(form: NewToken, place: ProjectAdmin, tokens: TheTokens) -> ShownToken:
    """Make a token. Its text is in this answer, and never again."""
    text, row = await tokens.make(place.scope, place.seat, form)
    return ShownToken(token=text, details=told(row))


@router.get(HERE, responses=answers("HX1101", "HX1004"))
async def tokens_of_project(place: ProjectMember, tokens: TheTokens) -> ProjectTokens:
    """The tokens of a project, those that were revoked as well."""
    return ProjectTokens(tokens=[told(row) for row in await tokens.all(place.scope)])


@router.delete(f"{HERE}/{{token_id}}", status_code=204, responses=answers("HX1101", "HX1103", "HX1201", "HX1004"))
async def revoke(token_id: str, place: ProjectAdmin, tokens: TheTokens) -> None:
    """Revoke a token, and all that was made of it, at once."""
    await tokens.revoke(place.scope, token_id)


@router.get("/.well-known/keys")
async def keys(tokens: TheTokens, response: Response) -> JsonWebKeys:
    """The public keys of this platform. Who verifies its tokens and bundles goes by these."""
    response.headers["Cache-Control"] = f"public, max-age={SECONDS_TO_KEEP}"
    known = [JsonWebKey(kid=known.public.key_id, x=known.public.text) for known in tokens.keystore.trusted]
    return JsonWebKeys(keys=known)


@router.get("/whoami", responses=answers("HX1301"))
async def who_am_i(bearer: AnyBearer) -> WhoAmI:
    """What the token is that comes with this request."""
    token = bearer.token
    return WhoAmI(
        project=token.project,
        env=token.env,
        name=token.name,
        token_id=token.token_id,
        scopes=sorted(token.scopes),
        user_id=token.caller.user_id if token.caller else None,
        roles=list(token.caller.roles) if token.caller else [],
        expires_at=None if token.expires_at is None else datetime.fromtimestamp(token.expires_at, UTC),
    )


@router.post("/user-tokens", status_code=201, responses=answers("HX1301", "HX1302", "HX1303"))
async def for_user(
    form: NewUserToken, bearer: Annotated[Bearer, Depends(WithScope("mint_user_token"))], tokens: TheTokens
) -> UserToken:
    """Make a token that names a caller of the one that comes with this request."""
    text, expires_at = tokens.for_user(bearer, form)
    return UserToken(token=text, expires_at=expires_at)
