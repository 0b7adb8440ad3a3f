"""The caller of an agent, and the scope that makes the caller known to everything that runs inside it.

The scope is a linked list of frames in one context variable. Leaving takes the frame of this user off the list instead of
resetting a token, so one `User` may be entered by many tasks at once, and a generator may be left in another context than the
one that entered it.

# INVARIANT: a task sees the user of its own innermost scope, or none; never another task's.
# INVARIANT: a user that was made of another one may do no more than that one, and no longer.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from copy import deepcopy
from dataclasses import dataclass
from types import TracebackType
from typing import Any, NoReturn, SupportsIndex

from hexgate.core.call import json_copy
from hexgate.core.errors import UserError
from hexgate.core.identity.credential import Credential
from hexgate.core.identity.tools import Tools

__all__ = ["MOST_ROLES", "User", "current_user", "earlier", "limited", "moment_after", "scope"]

MOST_ROLES = 32
LONGEST_SECONDS = 1e12
log = logging.getLogger("hexgate.identity")


class User:
    """Who is calling: an id, one role or several, a session, attributes that constraints read as `ctx.*`.

    >>> with User("alice", "billing", attributes={"region": "EU"}).sync_scope():
    ...     hexgate.decide("refund_order", {"amount": 400})
    """

    __slots__ = (
        *("direct_role", "encoded", "expires_at", "facts", "role", "roles", "scoped", "session_id", "token", "tools"),
        *("ttl_seconds", "user_id"),
    )

    user_id: str | None
    role: str | None
    roles: tuple[str, ...]
    session_id: str | None
    ttl_seconds: float | None
    # The attributes as engines read them, and their canonical JSON: a module is given these bytes, and both count them as work.
    facts: dict[str, Any]
    encoded: bytes
    scoped: bool
    expires_at: float | None
    # The tools that the user was handed; None where all of them are the policy's matter.
    tools: Tools | None
    # What vouches for the user; None where the program that made it does.
    token: Credential | None
    # The role when it is the only one and no limit has to be looked at: what an engine asks for first.
    direct_role: str | None

    def __init__(
        self,
        user_id: str | None,
        role: str | None = None,
        session_id: str | None = None,
        ttl_seconds: float | None = None,
        *,
        roles: Iterable[str] = (),
        attributes: Mapping[str, Any] | None = None,
    ) -> None:
        fill = object.__setattr__
        fill(self, "user_id", text_or_none(user_id, "user_id"))
        fill(self, "role", text_or_none(role, "role"))
        fill(self, "session_id", text_or_none(session_id, "session_id"))
        fill(self, "ttl_seconds", seconds(ttl_seconds))
        fill(self, "roles", distinct(role, roles))
        copy, encoded = own_copy(attributes)
        fill(self, "facts", copy)
        fill(self, "encoded", encoded)
        # The time begins here for who is asked about without a scope, and anew in a scope.
        fill(self, "expires_at", None if self.ttl_seconds is None else time.time() + self.ttl_seconds)
        fill(self, "scoped", False)
        fill(self, "tools", None)
        fill(self, "token", None)
        fill(self, "direct_role", self.roles[0] if len(self.roles) == 1 and self.ttl_seconds is None else None)

    def __setattr__(self, name: str, value: object) -> None:
        """A user is asked about by many tasks at once, and so never changes."""
        raise AttributeError(f"a User cannot be changed; make a new one with another `{name}`")

    def __delattr__(self, name: str) -> None:
        """A user keeps what it has."""
        raise AttributeError(f"a User cannot be changed; make a new one without `{name}`")

    def __copy__(self) -> User:
        """The same user: there is nothing about it that a copy could change."""
        return self

    def __deepcopy__(self, memo: object) -> User:
        """The same user, also inside of what is copied."""
        return self

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        """No user is read from bytes: nobody could say who wrote them."""
        raise TypeError("a User is not pickled; send a token, and let the other side verify it with `verify_caller`")

    def __repr__(self) -> str:
        """The id and the roles; attributes may hold what no log should."""
        return f"User({self.user_id!r}, roles={self.roles!r})"

    @property
    def attributes(self) -> dict[str, Any]:
        """What constraints read as `ctx.*`, as a copy: what a decision reads cannot be reached from here."""
        return deepcopy(self.facts)

    @property
    def expired(self) -> bool:
        """The user was given a time, and it is over."""
        return self.expires_at is not None and time.time() >= self.expires_at

    def obstacle(self, tool: str) -> str | None:
        """The code of the denial that this user's own limits demand before any rule is asked; None when there is no such."""
        expires_at, tools = self.expires_at, self.tools
        if expires_at is not None and time.time() >= expires_at:
            return "user_expired"
        return None if tools is None or tools.admit(tool) else "tool_not_delegated"

    def narrowed(self, *, tools: Iterable[str] | None = None, ttl_seconds: float | None = None) -> User:
        """The same user with fewer tools or less time, for a tool or a sub-agent. Its `token`, if there is one, carries the same.

        `tools` are names, or beginnings of names with a `*` at the end. Whoever is narrowed twice has what both lists allow.
        """
        if tools is None and ttl_seconds is None:
            raise UserError("HX521", "nothing is narrowed", help="pass `tools=`, `ttl_seconds=` or both")
        added = None if tools is None else Tools.listed(tools)
        until = moment_after(ttl_seconds)
        kept = self.tools if added is None else added.within(self.tools)
        token = None if self.token is None else self.token.narrowed(tools=added, expires_at=until)
        return limited(self, expires_at=earlier(self.expires_at, until), tools=kept, token=token)

    def bound(self) -> User:
        """The user with the time of a scope that begins now; who is in a scope already keeps that scope's time."""
        if self.ttl_seconds is None or self.scoped:
            return self
        return changed(self, expires_at=time.time() + self.ttl_seconds, scoped=True)

    async def __aenter__(self) -> User:  # noqa: PYI034 - a scope with a time limit is entered by a copy
        """Makes this user the caller of everything that the block runs."""
        return enter(self)[0]

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Makes the caller who it was before."""
        leave(next((frame for frame in frames() if frame.entered is self), None))

    def __enter__(self) -> NoReturn:
        """A plain `with` says too little: the reader could not see that the caller changes for everything inside."""
        raise TypeError("write `with user.sync_scope():`, or in async code `async with user:`")

    def __exit__(self, *_: object) -> None:
        """Python looks for it before it enters."""

    @contextmanager
    def sync_scope(self) -> Iterator[User]:
        """`async with user` for code that is not async."""
        caller, frame = enter(self)
        try:
            yield caller
        finally:
            leave(frame)


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One scope: who entered it, who is the caller in it, and the scope around it."""

    entered: User | None
    caller: User | None
    outer: Frame | None


OUTSIDE = Frame(None, None, None)
scope: ContextVar[Frame] = ContextVar("hexgate_user", default=OUTSIDE)


def enter(user: User) -> tuple[User, Frame]:
    """Puts a scope around what follows in this context."""
    caller = user.bound()
    frame = Frame(user, caller, scope.get())
    scope.set(frame)
    return caller, frame


def frames() -> Iterator[Frame]:
    """The scopes around this call, from the innermost one."""
    frame = scope.get()
    while frame.outer is not None:
        yield frame
        frame = frame.outer


def leave(left: Frame | None) -> None:
    """Takes off this scope and what was left open inside of it; one of another context is not there, and nothing changes."""
    for frame in frames():
        if frame is left:
            scope.set(frame.outer or OUTSIDE)
            return


def current_user() -> User | None:
    """The user of the innermost scope around this call, or None outside of any."""
    return scope.get().caller


def changed(user: User, **parts: object) -> User:
    """A user that differs from another in some parts."""
    copy = object.__new__(type(user))
    for name in User.__slots__:
        object.__setattr__(copy, name, parts[name] if name in parts else getattr(user, name))
    return copy


def limited(user: User, *, expires_at: float | None, tools: Tools | None, token: Credential | None) -> User:
    """A user whose time ends at a moment that no scope moves, and who was handed these tools."""
    direct = user.direct_role if expires_at is None and tools is None else None
    return changed(
        user, expires_at=expires_at, tools=tools, token=token, direct_role=direct, ttl_seconds=None, scoped=False
    )


def moment_after(ttl_seconds: float | None) -> float | None:
    """The moment that lies so many seconds ahead."""
    allowed = seconds(ttl_seconds)
    return None if allowed is None else time.time() + allowed


def earlier(left: float | None, right: float | None) -> float | None:
    """The moment that comes first; None never comes."""
    return min((moment for moment in (left, right) if moment is not None), default=None)


def text_or_none(value: object, name: str) -> str | None:
    """A text that can be written down, or None."""
    return None if value is None else text(value, name)


def text(value: object, name: str) -> str:
    """A text that can be written down."""
    if not isinstance(value, str) or not value or len(value) > 1024:
        raise UserError(
            "HX502",
            f"`{name}` of a User must be a text of 1 to 1,024 characters",
            help=f"pass `{name}` as a str, or leave it out",
        )
    if any("\ud800" <= char <= "\udfff" for char in value):
        raise UserError("HX502", f"`{name}` of a User holds half of a surrogate pair", help="decode the text strictly")
    return str(value)


def seconds(value: float | None) -> float | None:
    """A positive number of seconds, or None."""
    if value is not None and not (type(value) in (int, float) and 0 < value <= LONGEST_SECONDS):
        raise UserError(
            "HX502",
            "`ttl_seconds` of a User must be a positive number",
            help="leave it out for a scope without a time limit",
        )
    return value


def distinct(role: str | None, roles: Iterable[str]) -> tuple[str, ...]:
    """The roles in the caller's order, each of them once."""
    if isinstance(roles, str) or not isinstance(roles, Iterable):
        raise UserError(
            "HX502", "`roles` of a User must be several texts, not one", help="write `role=` for a single role"
        )
    named = dict.fromkeys([] if role is None else [role])
    for name in roles:
        named[text(name, "roles")] = None
    if len(named) > MOST_ROLES:
        log.warning("a caller has %d roles; the first %d count", len(named), MOST_ROLES)
    return tuple(named)[:MOST_ROLES]


def own_copy(attributes: Mapping[str, Any] | None) -> tuple[dict[str, Any], bytes]:
    """The attributes as a copy that nobody else can change, and as JSON."""
    if not attributes:
        return {}, b"{}"
    try:
        return json_copy(dict(attributes))
    except (TypeError, ValueError) as error:
        raise UserError(
            "HX503",
            f"the attributes of a User must be a JSON object: {str(error).replace('the arguments', 'they')}",
            help="turn dates and objects into texts first",
        ) from None
