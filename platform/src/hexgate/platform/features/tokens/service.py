"""The rules of tokens: what one may do, and when it may nothing any more.

# INVARIANT: a token comes in only if one of our keys signed it and its row says so: a key of ours without a row opens nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from hexgate.core.errors import TokenError, UserError
from hexgate.core.identity.tokens import Claims, Token, mint, verify
from hexgate.core.identity.tokens.claims import LAST_MOMENT
from hexgate.core.identity.user import User
from hexgate.platform.features.accounts.service import Seat
from hexgate.platform.features.tokens.keystore import Keystore
from hexgate.platform.features.tokens.schemas import NewToken, NewUserToken, TokenScope
from hexgate.platform.features.tokens.store import ApiToken, Doorstep, TokenStore
from hexgate.platform.kit.database import Database
from hexgate.platform.kit.problems import Problem
from hexgate.platform.kit.rows import Clock, new_id
from hexgate.platform.kit.scopes import INSTALLATION, ProjectScope
from hexgate.platform.kit.secrets import hash_of

__all__ = ["CHALLENGE", "Bearer", "Tokens"]

MOST_TOKENS, MOST_REMEMBERED = 100, 1000
ENDING = 4
CHALLENGE = {"WWW-Authenticate": "Bearer"}
# What a tool or a sub-agent that was handed a token is never asked to do.
FOR_WHOLE_TOKENS: frozenset[TokenScope] = frozenset({"register", "mint_user_token", "read_audit"})


@dataclass(frozen=True, slots=True)
class Bearer:
    """A program that came in with a token."""

    scope: ProjectScope
    token: Token
    # The number of what programs of the project are served now.
    stamp: int

    def must(self, wanted: TokenScope) -> None:
        """Refuses a token that is not for this, or that was narrowed so that it can do less."""
        is_narrow = self.token.caller is not None or self.token.tools is not None
        if wanted not in self.token.scopes:
            raise Problem("HX1302", f"the token has no scope `{wanted}`")
        if is_narrow and wanted in FOR_WHOLE_TOKENS:
            raise Problem("HX1302", f"a token that names a user or lists tools is not for `{wanted}`")


class Tokens:
    """Tokens of projects, and the keys that sign them."""

    def __init__(self, database: Database, *, keystore: Keystore, clock: Clock) -> None:
        self.database = database
        self.keystore = keystore
        self.clock = clock
        self.seen: dict[str, datetime] = {}
        self.verified_once: dict[tuple[bytes, tuple[str, ...]], Token] = {}

    async def make(self, scope: ProjectScope, seat: Seat, form: NewToken) -> tuple[str, ApiToken]:
        """A new token: its text, which is told once, and what is kept of it."""
        now, id = self.clock(), new_id("tok")
        claims = Claims(scope.project_id, form.env, id, form.name, frozenset(form.scopes), now)
        token = mint(self.keystore.current.text, claims)
        row = ApiToken(
            id=id,
            project_id=scope.project_id,
            hash=hash_of(token.revocation_ids[0]),
            name=form.name,
            env=form.env,
            scopes=" ".join(sorted(claims.scopes)),
            ending=token.text[-ENDING:],
            created_by=seat.account.email,
            created_at=now,
        )
        async with self.database.writing() as session:
            store = TokenStore(session)
            if await store.live(scope) >= MOST_TOKENS:
                raise Problem("HX1205", f"a project has at most {MOST_TOKENS} tokens")
            await store.add(scope, row)
        return token.text, row

    async def all(self, scope: ProjectScope) -> list[ApiToken]:
        """Those of a project."""
        async with self.database.reading() as session:
            return await TokenStore(session).all(scope)

    async def revoke(self, scope: ProjectScope, id: str) -> None:
        """From now on nobody comes in with it."""
        async with self.database.writing() as session:
            if not await TokenStore(session).revoke(scope, id, self.clock()):
                raise Problem("HX1004", "there is no token with this id that could be revoked")

    async def bearer(self, text: str) -> Bearer:
        """Who comes in with a token."""
        token = self.verified(text)
        async with self.database.glance() as connection:
            hashed = hash_of(token.revocation_ids[0])
            known = await Doorstep(connection).known(INSTALLATION, token.token_id, hashed)
        if known is None or known.scope.project_id != token.project:
            raise Problem("HX1301", "the token was revoked, or was not made here", headers=CHALLENGE)
        self.seen[token.token_id] = self.clock()
        return Bearer(known.scope, token, known.stamp)

    def verified(self, text: str) -> Token:
        """The token of a text. What was verified is remembered, for as long as the same keys count and the token is not over."""
        trusted = self.keystore.trusted
        key = sha256(text.encode("utf-8", "surrogatepass")).digest(), self.keystore.names
        now = self.clock().timestamp()
        token = self.verified_once.get(key)
        if token is not None and (token.expires_at is None or now < token.expires_at):
            return token
        try:
            token = verify(text, [known.public.text for known in trusted], clock=lambda: now)
        except TokenError as error:
            raise Problem("HX1301", error.message, headers=CHALLENGE) from None
        if len(self.verified_once) >= MOST_REMEMBERED:
            self.verified_once.pop(next(iter(self.verified_once)))
        self.verified_once[key] = token
        return token

    def for_user(self, bearer: Bearer, form: NewUserToken) -> tuple[str, datetime]:
        """A token that names a caller, made of the one that came in."""
        until = self.clock().replace(microsecond=0) + timedelta(seconds=form.ttl_seconds)
        try:
            user = User(
                form.user_id,
                form.roles[0] if form.roles else None,
                form.session_id,
                roles=form.roles,
                attributes=form.attributes,
            )
            token = bearer.token.for_user(user).narrowed(tools=None, expires_at=until.timestamp())
        except (TokenError, UserError) as error:
            raise Problem("HX1303", error.message, help=error.help) from None
        return token.text, min(until, datetime.fromtimestamp(token.expires_at or LAST_MOMENT, UTC))

    async def remember(self) -> None:
        """Writes down which tokens were used, which no request waits for."""
        seen, self.seen = self.seen, {}
        if seen:
            async with self.database.writing() as session:
                await TokenStore(session).used(INSTALLATION, seen)
