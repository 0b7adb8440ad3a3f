"""A letter in, a letter sent out: by Resend, or to stderr where that is not set up.

# INVARIANT: a letter that cannot be sent fails no request; it is logged without its text, which may hold a token.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, Protocol, TextIO

import httpx

from hexgate.platform.settings import Settings

__all__ = ["Letter", "Letters", "Post", "Resend", "Terminal", "post_of"]

log = logging.getLogger("hexgate.platform.letters")
SECONDS = 10.0
MOST_WAITING = 1000


@dataclass(frozen=True, slots=True)
class Letter:
    """Plain text to one address."""

    to: str
    subject: str
    text: str


class Post(Protocol):
    """Takes letters away."""

    async def send(self, letter: Letter) -> None:
        """Sends one, or raises."""
        ...

    async def close(self) -> None:
        """Ends all connections."""
        ...


class Terminal:
    """Letters for who runs the platform on their own machine: they read them where they started it."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream

    async def send(self, letter: Letter) -> None:
        out = self.stream or sys.stderr
        rule = "─" * 72
        out.write(f"{rule}\nTo: {letter.to}\nSubject: {letter.subject}\n\n{letter.text}\n{rule}\n")
        out.flush()

    async def close(self) -> None:
        """There is nothing to end."""


class Resend:
    """Letters by Resend's API."""

    def __init__(self, *, key: str, sender: str, url: str) -> None:
        self.sender = sender
        self.client = httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=SECONDS)

    async def send(self, letter: Letter) -> None:
        body = {"from": self.sender, "to": [letter.to], "subject": letter.subject, "text": letter.text}
        answer = await self.client.post("/emails", json=body)
        answer.raise_for_status()

    async def close(self) -> None:
        await self.client.aclose()


class Letters:
    """Writes and sends letters after the request was answered, so that no answer tells by its time whether there was one."""

    def __init__(self, post: Post) -> None:
        self.post = post
        self.waiting: set[asyncio.Task[None]] = set()

    def send(self, letter: Letter) -> None:
        """Gives a letter away."""
        self.soon(self.carry(letter))

    def soon(self, work: Coroutine[Any, Any, None]) -> None:
        """Does something beside the request."""
        if len(self.waiting) >= MOST_WAITING:
            work.close()
            log.error("a letter was not sent, too many wait")
            return
        task = asyncio.create_task(work)
        self.waiting.add(task)
        task.add_done_callback(self.done)

    def done(self, task: asyncio.Task[None]) -> None:
        self.waiting.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("a letter was not written", exc_info=task.exception())

    async def carry(self, letter: Letter) -> None:
        try:
            await self.post.send(letter)
        except (httpx.HTTPError, OSError) as error:
            log.error("a letter was not sent: %s", type(error).__name__)

    async def sent(self) -> None:
        """Waits for letters that are on their way."""
        while self.waiting:
            await asyncio.gather(*self.waiting, return_exceptions=True)

    async def close(self) -> None:
        """Sends what is on its way, and no more."""
        await self.sent()
        await self.post.close()


def post_of(settings: Settings) -> Post:
    """Resend, where both of its variables are set."""
    if settings.half_of_mail:
        log.warning("letters go to stderr: `%s` is not set, and only both together send mail", settings.half_of_mail)
    if not settings.sends_mail:
        return Terminal()
    return Resend(key=settings.resend_api_key, sender=settings.email_from, url=settings.resend_url)
