"""A verified token: what it says, the user whom it names, and the same token with one block more.

# INVARIANT: a block is added to what was verified, never anything taken away; the text is shown by `text` alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NoReturn, SupportsIndex

from biscuit_auth import Biscuit, BlockBuilder

from hexgate.core.errors import TokenError
from hexgate.core.identity.tokens.caller import facts_of, plain
from hexgate.core.identity.tokens.claims import Claims
from hexgate.core.identity.tokens.envelope import LONGEST_TOKEN, Envelope
from hexgate.core.identity.tokens.frame import MOST_BLOCKS
from hexgate.core.identity.tokens.limits import Limits, checks_of
from hexgate.core.identity.tools import Tools
from hexgate.core.identity.user import User, earlier, limited, moment_after

__all__ = ["Token"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Token:
    """A token whose signatures were checked. `caller` is None for a key by itself, which names nobody."""

    biscuit: Biscuit
    claims: Claims
    key_id: str
    caller: User | None
    limits: Limits

    def __repr__(self) -> str:
        """What is no secret."""
        claims = self.claims
        return f"Token(project={claims.project!r}, env={claims.env!r}, token_id={claims.token_id!r})"

    def __copy__(self) -> Token:
        """The same token: nothing about it changes."""
        return self

    def __deepcopy__(self, memo: object) -> Token:
        """The same token, also inside of what is copied."""
        return self

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        """No token is taken for verified because somebody wrote it down so."""
        raise TypeError("a Token is not pickled; send its `text`, and let the other side verify it")

    @property
    def project(self) -> str:
        """The project that the token belongs to."""
        return self.claims.project

    @property
    def env(self) -> str:
        """`live` or `test`."""
        return self.claims.env

    @property
    def token_id(self) -> str:
        """The id of the key that the token was made of."""
        return self.claims.token_id

    @property
    def name(self) -> str:
        """The name that people gave the key."""
        return self.claims.name

    @property
    def issued_at(self) -> datetime:
        """When the key was made."""
        return self.claims.issued_at

    @property
    def scopes(self) -> frozenset[str]:
        """What the key is for."""
        return self.claims.scopes

    @property
    def expires_at(self) -> float | None:
        """When the token ends, in seconds since 1970."""
        return self.limits.expires_at

    @property
    def tools(self) -> Tools | None:
        """The tools that the bearer was handed; None for all that the policy allows."""
        return self.limits.tools

    @property
    def revocation_ids(self) -> tuple[str, ...]:
        """One id for each block: who revokes one revokes all tokens that have the block."""
        return tuple(self.biscuit.revocation_ids)

    @property
    def text(self) -> str:
        """The token itself. It is a secret."""
        return Envelope(self.env, self.project, bytes(self.biscuit.to_bytes())).format()

    @property
    def user(self) -> User:
        """The user whom block 1 names, with the limits of the token."""
        if self.caller is None:
            raise TokenError(
                "HX516",
                "the token names no user: its block 1 says nothing about who is calling",
                help="name the caller with `token.for_user(user)`, and send that token",
            )
        return limited(self.caller, expires_at=self.expires_at, tools=self.tools, token=self)

    def demand(self, *, project: str | None = None, env: str | None = None, scope: str | None = None) -> None:
        """Raises unless the token is of this project and this environment, and for this scope; None demands nothing."""
        for what, wanted, holds in (
            ("project", project, project in {None, self.project}),
            ("environment", env, env in {None, self.env}),
            ("scope", scope, scope is None or scope in self.scopes),
        ):
            if not holds:
                raise TokenError(
                    "HX517", f"the token is not for the {what} `{wanted}`", help="present a token that was made for it"
                )

    def for_user(self, user: User, *, ttl_seconds: float | None = None) -> Token:
        """A token that names a caller: the key with a block 1. With `ttl_seconds` it ends so many seconds from now."""
        if self.biscuit.block_count() > 1:
            raise TokenError("HX522", "the token has a block 1 already", help="start from the key itself")
        if user.user_id is None:
            raise TokenError("HX522", "a token cannot name a user without an id", help="pass a `User` with a `user_id`")
        facts, values = facts_of(user)
        limits = Limits(earlier(user.expires_at, moment_after(ttl_seconds)), user.tools)
        return replace(self.added(facts, values, limits), caller=plain(user))

    def narrowed(self, *, tools: Tools | None, expires_at: float | None) -> Token:
        """The token with one block more, which restricts it to these tools and this moment."""
        return self.added([], {}, Limits(expires_at, tools))

    def added(self, facts: list[str], values: Mapping[str, str], limits: Limits) -> Token:
        """The token with one block more, if it does not grow too long."""
        checks, parameters = checks_of(limits)
        block = BlockBuilder("; ".join([*facts, *checks]), {**values, **parameters})
        token = replace(self, biscuit=self.biscuit.append(block), limits=self.limits.and_also(limits))
        if token.biscuit.block_count() > MOST_BLOCKS or len(token.text) > LONGEST_TOKEN:
            raise TokenError(
                "HX523",
                f"the token would have more than {MOST_BLOCKS} blocks or {LONGEST_TOKEN:,} characters",
                help="narrow less often, list fewer tools, or send fewer attributes",
            )
        return token
