"""A request in, the same request out with an id, a limit of bytes and of time, and a line in the log when it is answered.

# INVARIANT: no request is kept in memory that is larger, or waited for longer, than the limits say.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Answered", "Limits", "Requests", "request_id"]

log = logging.getLogger("hexgate.platform.requests")
KNOWN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
ID: ContextVar[str] = ContextVar("hexgate_request_id", default="")
# For answers of an API: nothing of them is to be run, framed, guessed at or kept.
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}


def request_id() -> str:
    """The id of the request that is being answered."""
    return ID.get()


@dataclass(frozen=True, slots=True)
class Limits:
    """What a request may take."""

    body_bytes: int = 4 * 1024 * 1024
    body_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class Answered:
    """What is known of a request when it was answered. `route` is the pattern of its address, so their number is bounded."""

    method: str
    route: str
    status: int
    seconds: float


class Requests:
    """The outermost layer of an application."""

    def __init__(self, app: ASGIApp, *, nothing: ASGIApp, limits: Limits, heard: Callable[[Answered], None]) -> None:
        """`nothing` answers that there is nothing at an address."""
        self.app = app
        self.nothing = nothing
        self.limits = limits
        self.heard = heard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        token = ID.set(given if KNOWN_ID.fullmatch(given) else secrets.token_hex(8))
        answer = Answer(send, ID.get())
        began = time.perf_counter()
        try:
            # No name of anything holds a NUL, and a database fails on it.
            app = self.nothing if "\0" in scope["path"] or b"%00" in scope["query_string"] else self.app
            await app(scope, Body(receive, self.limits).receive, answer.send)
        finally:
            self.tell(scope, answer.status, time.perf_counter() - began)
            ID.reset(token)

    def tell(self, scope: Scope, status: int, seconds: float) -> None:
        """One line for each request, with nothing that a caller wrote but the method and the path."""
        route = getattr(scope.get("route"), "path", "unmatched")
        self.heard(Answered(scope["method"], route, status, seconds))
        log.info(
            "answered",
            extra={
                "fields": {
                    "method": scope["method"],
                    "path": scope["path"][:200],
                    "status": status,
                    "milliseconds": round(seconds * 1000, 2),
                }
            },
        )


class Body:
    """The body of a request, as it comes in."""

    def __init__(self, receive: Receive, limits: Limits) -> None:
        self.given = receive
        self.left = limits.body_bytes
        self.seconds = limits.body_seconds
        self.until: float | None = None
        self.is_whole = False

    async def receive(self) -> Message:
        if self.is_whole:
            # Now the server only says when the caller has gone, which may take as long as it likes.
            return await self.given()
        clock = asyncio.get_running_loop().time
        if self.until is None:
            self.until = clock() + self.seconds
        try:
            message = await asyncio.wait_for(self.given(), self.until - clock())
        except TimeoutError:
            raise HTTPException(408) from None
        self.left -= len(message.get("body", b""))
        if self.left < 0:
            raise HTTPException(413)
        self.is_whole = not message.get("more_body", False)
        return message


class Answer:
    """The answer, as it goes out."""

    def __init__(self, send: Send, id: str) -> None:
        self.given = send
        self.id = id
        self.status = 500

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-ID"] = self.id
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await self.given(message)
