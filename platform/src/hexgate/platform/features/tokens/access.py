"""A request in, the program that came in with a token out, or a refusal."""

# Not `from __future__ import annotations`: what FastAPI calls here is an instance, whose words older releases cannot look up.

from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from hexgate.platform.features.tokens.schemas import TokenScope
from hexgate.platform.features.tokens.service import CHALLENGE, Bearer, Tokens
from hexgate.platform.kit.parts import the
from hexgate.platform.kit.problems import Problem

__all__ = ["AnyBearer", "OptionalBearer", "WithScope"]

BEARER = HTTPBearer(scheme_name="token", bearerFormat="fty_<live|test>_<project>_<biscuit>", auto_error=False)


async def bearer_or_none(
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)],
    tokens: Annotated[Tokens, the(Tokens)],
) -> Bearer | None:
    """Who comes in with a token, whatever it is for; None where there is none."""
    return None if credentials is None else await tokens.bearer(credentials.credentials)


OptionalBearer = Annotated[Bearer | None, Depends(bearer_or_none)]


async def bearer(found: OptionalBearer) -> Bearer:
    """Who comes in with a token, whatever it is for."""
    if found is None:
        raise Problem("HX1301", headers=CHALLENGE)
    return found


AnyBearer = Annotated[Bearer, Depends(bearer)]


class WithScope:
    """Lets in a token that is for this."""

    def __init__(self, scope: TokenScope) -> None:
        self.scope: TokenScope = scope

    async def __call__(self, bearer: AnyBearer) -> Bearer:
        bearer.must(self.scope)
        return bearer
