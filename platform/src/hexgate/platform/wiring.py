"""Settings in, a running platform out: here, and nowhere else, the parts are made and joined."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from hexgate.platform.features.accounts.service import Accounts
from hexgate.platform.kit.database import Database
from hexgate.platform.kit.guesses import Guesses
from hexgate.platform.kit.letters import Letters, Post, post_of
from hexgate.platform.kit.parts import Parts
from hexgate.platform.kit.passwords import Passwords
from hexgate.platform.kit.rows import Clock, now
from hexgate.platform.migrations import migrate
from hexgate.platform.settings import Settings

__all__ = ["running"]

log = logging.getLogger("hexgate.platform")
SECONDS_BETWEEN_SWEEPS = 3600.0


@asynccontextmanager
async def running(settings: Settings, *, post: Post | None = None, clock: Clock = now) -> AsyncIterator[Parts]:
    """The parts of a platform that runs, until this is left."""
    async with AsyncExitStack() as stack:
        database = Database(settings.database_url)
        stack.push_async_callback(database.close)
        await migrate(database)
        letters = Letters(post or post_of(settings))
        stack.push_async_callback(letters.close)
        guesses = Guesses(database, clock)
        accounts = Accounts(
            database, passwords=Passwords(), guesses=guesses, letters=letters, settings=settings, clock=clock
        )
        await welcome(accounts, settings)
        sweeping = asyncio.create_task(sweep(accounts, guesses, clock))
        stack.push_async_callback(stopped, sweeping)
        yield {Settings: settings, Database: database, Accounts: accounts}


async def welcome(accounts: Accounts, settings: Settings) -> None:
    """The first start: an account for who runs the platform, with a password that is shown once and has to be changed."""
    password = secrets.token_urlsafe(12)
    if await accounts.first(settings.admin_email, password) is not None:
        # Not by the log: that is kept.
        print(  # noqa: T201
            f"\nHexgate runs at {settings.public_url}\n"
            f"The first account is {settings.admin_email} with the password {password}\n"
            "It is shown this once; set another one when you have signed in.\n",
            flush=True,
        )


async def sweep(accounts: Accounts, guesses: Guesses, clock: Clock) -> None:
    """Forgets what is over, now and then."""
    while True:
        await accounts.forget()
        await guesses.forget(clock())
        await asyncio.sleep(SECONDS_BETWEEN_SWEEPS)


async def stopped(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
