"""Settings in, a running platform out: here, and nowhere else, the parts are made and joined."""

from __future__ import annotations

import asyncio
import logging
import secrets
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from hexgate.core.adapters.manifest import AgentManifest, ToolManifest
from hexgate.platform.features.accounts.service import Accounts
from hexgate.platform.features.agents.building import Builder
from hexgate.platform.features.agents.service import Agents
from hexgate.platform.features.bans.service import BanList
from hexgate.platform.features.organizations.service import Organizations
from hexgate.platform.features.record.service import Record
from hexgate.platform.features.record.steps import STEPS
from hexgate.platform.features.record.writer import Writer
from hexgate.platform.features.tokens.keystore import Keystore
from hexgate.platform.features.tokens.service import Tokens
from hexgate.platform.kit.clickhouse import ClickHouse, clickhouse
from hexgate.platform.kit.database import Database
from hexgate.platform.kit.guesses import Guesses
from hexgate.platform.kit.ledger import climb
from hexgate.platform.kit.letters import Letters, Post, post_of
from hexgate.platform.kit.parts import Parts
from hexgate.platform.kit.passwords import Passwords
from hexgate.platform.kit.rows import Clock, now
from hexgate.platform.migrations import migrate
from hexgate.platform.settings import Settings

__all__ = ["Outside", "running"]

log = logging.getLogger("hexgate.platform")
SECONDS_BETWEEN_SWEEPS, SECONDS_BETWEEN_NOTES = 3600.0, 30.0
FIRST_ORGANIZATION, FIRST_PROJECT = "My organization", "support-bot"
FIRST_AGENTS = tuple(
    AgentManifest(
        name=name,
        description=description,
        framework="hexgate",
        tools=tuple(ToolManifest(name=tool, input_schema={"type": "object"}) for tool in tools),
    )
    for name, description, tools in (
        (
            "default",
            "A support agent: looks up orders, gives credit and refunds.",
            ("lookup_order", "refund_order", "give_credit"),
        ),
        ("read_only", "A support agent that changes nothing.", ("lookup_order",)),
    )
)


@dataclass(frozen=True, slots=True)
class Outside:
    """What a platform takes from the world, where that is not to be the usual."""

    post: Post | None = None
    clock: Clock = now
    passwords: Passwords = field(default_factory=Passwords)
    first_agents: tuple[AgentManifest, ...] = FIRST_AGENTS
    store: Callable[[], AbstractAsyncContextManager[ClickHouse]] | None = None


@asynccontextmanager
async def running(settings: Settings, outside: Outside) -> AsyncIterator[Parts]:
    """The parts of a platform that runs, until this is left."""
    async with AsyncExitStack() as stack:
        database, clock = Database(settings.database_url), outside.clock
        stack.push_async_callback(database.close)
        await migrate(database)
        letters = Letters(outside.post or post_of(settings))
        stack.push_async_callback(letters.close)
        guesses = Guesses(database, clock)
        accounts = Accounts(
            database, passwords=outside.passwords, guesses=guesses, letters=letters, settings=settings, clock=clock
        )
        organizations = Organizations(database, letters=letters, settings=settings, clock=clock)
        keystore = Keystore(settings.folder / "keys")
        keystore.open()
        tokens = Tokens(database, keystore=keystore, clock=clock)
        agents = Agents(database, keystore=keystore, builder=Builder(), clock=clock)
        opened = outside.store or partial(clickhouse, settings.clickhouse_url, cluster=settings.clickhouse_cluster)
        store = await stack.enter_async_context(opened())
        await climb(store, STEPS)
        writer = await stack.enter_async_context(Writer(store).running())
        record = Record(store, writer, clock=clock)
        bans = BanList(database, clock=clock)
        await welcome(accounts, organizations, agents, settings, outside.first_agents)
        stack.push_async_callback(tokens.remember)
        now_and_then = [
            again(SECONDS_BETWEEN_SWEEPS, accounts.forget, organizations.forget, guesses.forget),
            again(SECONDS_BETWEEN_NOTES, tokens.remember),
        ]
        stack.push_async_callback(stopped, [asyncio.create_task(work) for work in now_and_then])
        parts = (settings, database, letters, accounts, organizations, tokens, agents, bans, store, writer, record)
        yield {type(part): part for part in parts}


async def welcome(
    accounts: Accounts,
    organizations: Organizations,
    agents: Agents,
    settings: Settings,
    first_agents: Sequence[AgentManifest],
) -> None:
    """The first start: an account for who runs the platform, with a password that is shown once and has to be changed."""
    password = secrets.token_urlsafe(12)
    account = await accounts.first(settings.admin_email, password)
    if account is not None:
        scope = await organizations.first(account.id, FIRST_ORGANIZATION, FIRST_PROJECT)
        for manifest in first_agents:
            await agents.register(scope, "hexgate", manifest)
        # Not by the log: that is kept.
        print(  # noqa: T201
            f"\nHexgate runs at {settings.public_url}\n"
            f"The first account is {settings.admin_email} with the password {password}\n"
            "It is shown this once; set another one when you have signed in.\n",
            file=sys.stderr,
            flush=True,
        )


async def again(seconds: float, *work: Callable[[], Awaitable[None]]) -> None:
    """Does the same now and then. What the database does not take now, it gets the next time."""
    while True:
        for what in work:
            try:
                await what()
            except (SQLAlchemyError, OSError):
                log.warning("what is done now and then failed, and is tried again", exc_info=True)
        await asyncio.sleep(seconds)


async def stopped(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Ends what is done now and then."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
