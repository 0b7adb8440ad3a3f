"""A request in, who is signed in out, or a refusal.

# INVARIANT: a request that changes something and comes with a cookie is refused unless it also has the token of that session.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends
from fastapi.security import APIKeyCookie
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from hexgate.platform.features.accounts.service import SESSION_LASTS, Accounts, Origin, Seat
from hexgate.platform.kit.parts import the
from hexgate.platform.kit.problems import Problem
from hexgate.platform.kit.secrets import Secret
from hexgate.platform.settings import Settings

__all__ = [
    "COOKIE",
    "CSRF_HEADER",
    "From",
    "OptionalSeat",
    "SignedInSeat",
    "from_another_site",
    "keep_cookie",
    "lose_cookie",
]

COOKIE = "hexgate_session"
CSRF_HEADER = "X-Hexgate-CSRF"
SAFE = {"GET", "HEAD", "OPTIONS"}
SESSION = APIKeyCookie(name=COOKIE, scheme_name="session", auto_error=False)
SECONDS = int(SESSION_LASTS.total_seconds())


def from_another_site(connection: HTTPConnection, public_url: str) -> bool:
    """Whether a browser says that a page of another site sent this."""
    if connection.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return True
    said = connection.headers.get("origin")
    ours = {connection.headers.get("host", ""), urlsplit(public_url).netloc}
    return said is not None and urlsplit(said).netloc not in ours


async def no_other_site(request: Request, settings: Annotated[Settings, the(Settings)]) -> None:
    """Refuses what a browser says comes from another site, even where no cookie is needed: nobody is signed in by a stranger."""
    if request.method not in SAFE and from_another_site(request, settings.public_url):
        raise Problem("HX1103")


OfThisSite = Annotated[None, Depends(no_other_site)]


async def origin(connection: HTTPConnection, _: OfThisSite) -> Origin:
    """Where a request comes from."""
    client = connection.client
    return Origin(client.host if client else "", connection.headers.get("user-agent", ""))


async def seat_or_none(
    request: Request,
    _: OfThisSite,
    cookie: Annotated[str | None, Depends(SESSION)],
    accounts: Annotated[Accounts, the(Accounts)],
) -> Seat | None:
    """Who is signed in; None where there is no cookie."""
    if not cookie:
        return None
    found = await accounts.seat(cookie)
    if request.method not in SAFE and not found.may_change(request.headers.get(CSRF_HEADER, "")):
        raise Problem("HX1103")
    return found


OptionalSeat = Annotated[Seat | None, Depends(seat_or_none)]


async def seat(found: OptionalSeat) -> Seat:
    """Who is signed in."""
    if found is None:
        raise Problem("HX1101")
    return found


From = Annotated[Origin, Depends(origin)]
SignedInSeat = Annotated[Seat, Depends(seat)]


def keep_cookie(response: Response, secret: Secret, settings: Settings) -> None:
    """Gives the browser its session, which no script of a page can read."""
    response.set_cookie(
        COOKIE, secret.text, max_age=SECONDS, httponly=True, secure=settings.is_secure, samesite="lax", path="/"
    )


def lose_cookie(response: Response, settings: Settings) -> None:
    """Takes the session from the browser."""
    response.delete_cookie(COOKIE, httponly=True, secure=settings.is_secure, samesite="lax", path="/")
