"""The facts of the first block in, what the platform says about a key out: project, id, name, environment, date, scopes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from hexgate.core.errors import TokenError
from hexgate.core.identity.tokens.block import Block, Term
from hexgate.core.identity.tokens.envelope import ENVIRONMENTS, PROJECT, is_text

__all__ = ["LAST_MOMENT", "Claims", "claims_of", "incomplete", "moment_of", "one"]

LONGEST_TEXT = 256
MOST_SCOPES = 64
# The last second that a `datetime` can hold.
LAST_MOMENT = 253_402_300_799


def now() -> datetime:
    """The second that it is."""
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True, slots=True)
class Claims:
    """What a key says about itself. `scopes` are what it is for; who asks for something asks for a scope."""

    project: str
    env: str
    token_id: str
    name: str
    scopes: frozenset[str] = frozenset()
    issued_at: datetime = field(default_factory=now)

    def __post_init__(self) -> None:
        if not is_text(self.project, LONGEST_TEXT) or not PROJECT.fullmatch(self.project):
            raise bad("`project` must have 1 to 64 letters, digits and dashes, and begin with no dash")
        if self.env not in ENVIRONMENTS:
            raise bad("`env` must be `live` or `test`")
        object.__setattr__(self, "scopes", distinct(self.scopes))
        for value in (self.token_id, self.name, *self.scopes):
            if not is_text(value, LONGEST_TEXT) or not is_whole(value):
                raise bad(f"`token_id`, `name` and each scope must be a text of 1 to {LONGEST_TEXT} characters")
        if not is_moment(self.issued_at):
            raise bad("`issued_at` must be a moment with a time zone, and not before 1970")
        # Tokens know no parts of a second.
        object.__setattr__(self, "issued_at", self.issued_at.replace(microsecond=0))


def claims_of(block: Block) -> Claims:
    """The claims of the first block; facts with other names have no meaning here."""
    project, env, token_id, name = (text(one(block, fact)) for fact in ("project", "env", "token_id", "name"))
    scopes = frozenset(text(scope) for scope in block.values("scope"))
    issued_at = moment_of(one(block, "issued_at"))
    try:
        return Claims(project, env, token_id, name, scopes, issued_at)
    except TokenError as error:
        raise incomplete(error.message) from None


def one(block: Block, name: str) -> Term:
    """The term of the one fact with this name."""
    values = block.values(name)
    if len(values) != 1:
        raise incomplete(f"it has {len(values)} facts `{name}` where one belongs")
    return values[0]


def text(term: Term) -> str:
    """The text that a term is."""
    if not isinstance(term.value, str):
        raise incomplete("a fact holds something else than a text")
    return term.value


def moment_of(term: Term) -> datetime:
    """The moment that a term is."""
    if term.kind != "date" or not isinstance(term.value, int) or term.value > LAST_MOMENT:
        raise incomplete("a fact holds something else than a moment")
    return datetime.fromtimestamp(term.value, UTC)


def distinct(scopes: Iterable[str]) -> frozenset[str]:
    """The scopes, each of them once."""
    if isinstance(scopes, str) or not isinstance(scopes, Iterable):
        raise bad("`scopes` must be several texts, not one")
    found = frozenset(scopes)
    if len(found) > MOST_SCOPES:
        raise bad(f"a key has at most {MOST_SCOPES} scopes")
    return found


def is_moment(value: object) -> bool:
    """A date with a time zone that a token can hold."""
    return isinstance(value, datetime) and value.tzinfo is not None and value.timestamp() >= 0


def is_whole(value: str) -> bool:
    """The text can be written down."""
    return not any("\ud800" <= char <= "\udfff" for char in value)


def bad(why: str) -> TokenError:
    """The error of a key that cannot be made."""
    return TokenError("HX520", f"a key cannot say this about itself: {why}", help="change what the message names")


def incomplete(why: str) -> TokenError:
    """The error of a token with the wrong facts."""
    return TokenError("HX513", f"the token is not one of Hexgate: {why}", help="ask who issued it for a new one")
