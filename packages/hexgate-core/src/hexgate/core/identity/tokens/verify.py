"""The text of a token and the public keys that are trusted in, the verified token out, or the user whom it names.

It needs no network and no platform. What it cannot know is whether a token was revoked: who must know asks the platform.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from biscuit_auth import Biscuit, BiscuitValidationError

from hexgate.core.errors import TokenError
from hexgate.core.identity.tokens.block import blocks_of
from hexgate.core.identity.tokens.caller import caller_of
from hexgate.core.identity.tokens.claims import claims_of
from hexgate.core.identity.tokens.envelope import Envelope
from hexgate.core.identity.tokens.frame import framed
from hexgate.core.identity.tokens.keys import Keys, PublicKeyAndId, keys_of
from hexgate.core.identity.tokens.limits import limits_of
from hexgate.core.identity.tokens.token import Token
from hexgate.core.identity.user import User

__all__ = ["verify", "verify_caller"]


def verify_caller(
    token: str, key: Keys, *, project: str | None = None, env: str | None = None, scope: str | None = None
) -> User:
    """Who is calling: the user whom a token names, once everything about the token holds.

    One key signs the tokens of many projects, so a service that belongs to one of them says which.
    """
    verified = verify(token, key)
    verified.demand(project=project, env=env, scope=scope)
    return verified.user


def verify(token: str, key: Keys, *, clock: Callable[[], float] = time.time) -> Token:
    """A token whose signatures, facts and checks hold, with or without a user in it."""
    keys = keys_of(key)
    envelope = Envelope.parse(token)
    frame = framed(envelope.biscuit)
    biscuit, key_id = signed(envelope.biscuit, candidates(frame.root_key_id, keys))
    blocks = tuple(blocks_of(frame.blocks))
    claims = claims_of(blocks[0])
    if envelope.env is not None and (envelope.env, envelope.project) != (claims.env, claims.project):
        raise TokenError(
            "HX514",
            "the envelope of the token names another environment or project than the token itself",
            help="pass the key as it was shown; somebody changed the beginning of this one",
        )
    limits = limits_of(blocks)
    if limits.expires_at is not None and clock() >= limits.expires_at:
        raise TokenError("HX515", "the time of the token is over", help="ask whoever made the token for a new one")
    return Token(biscuit, claims, key_id, caller_of(blocks), limits)


def candidates(root_key_id: int | None, keys: tuple[PublicKeyAndId, ...]) -> list[PublicKeyAndId]:
    """The keys that a token may be signed with: those that it names, or all when it names none."""
    return [key for key in keys if root_key_id in {None, key.root_key_id}]


def signed(biscuit: bytes, keys: list[PublicKeyAndId]) -> tuple[Biscuit, str]:
    """The biscuit whose signatures one of the keys confirms, and the id of that key."""
    for key in keys:
        try:
            return Biscuit.from_bytes(biscuit, key.public), key.id
        except BiscuitValidationError:
            continue
    raise TokenError(
        "HX512",
        "no key that was given confirms the token: it is signed with another, or was changed",
        help="pass the public keys of the platform that issued the token, and the token as it was issued",
    )
