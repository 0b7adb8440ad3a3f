"""The installed doors in, the one that takes an agent out.

# INVARIANT: a door is loaded only when an agent is looked at, and one that cannot be loaded is an error, never passed over.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import cache
from importlib.metadata import entry_points

from hexgate.core.adapters.loops import in_own_loop
from hexgate.core.adapters.manifest import AgentManifest
from hexgate.core.adapters.protocol import Door
from hexgate.core.errors import DoorError

__all__ = ["GROUP", "acreate_manifest", "create_manifest", "door_of", "doors"]

GROUP = "hexgate.doors"


@cache
def doors() -> tuple[Door, ...]:
    """Every door that is installed, by the name of its entry point."""
    return tuple(point.load() for point in sorted(entry_points(group=GROUP), key=lambda point: point.name))


def door_of(agent: object) -> Door:
    """The door that takes an agent. Raises DoorError when none does."""
    for door in doors():
        if door.takes(agent):
            return door
    kind = f"{type(agent).__module__}.{type(agent).__qualname__}".removeprefix("builtins.")
    raise DoorError(
        "HX951",
        f"no installed door takes a `{kind}`",
        help="install the wheel of its framework, such as hexgate-openai, and pass the agent itself",
    )


async def acreate_manifest(agent: object) -> AgentManifest:
    """The manifest of an agent of any framework whose door is installed."""
    return await door_of(agent).manifest(agent)


def create_manifest(agent: object) -> AgentManifest:
    """`acreate_manifest` for code that is not async. Inside of an event loop it works in a thread, with this context."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return in_own_loop(acreate_manifest(agent))
    context = copy_context()
    with ThreadPoolExecutor(1, thread_name_prefix="hexgate-manifest") as thread:
        return thread.submit(context.run, asyncio.run, acreate_manifest(agent)).result()
