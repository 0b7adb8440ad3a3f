"""Async work in sync code leaves the thread the event loop that it has, which frameworks use again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from hexgate.core.adapters import create_manifest, discovery, in_own_loop
from hexgate.core.adapters.manifest import AgentManifest


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """The loop that this thread has."""
    mine = asyncio.new_event_loop()
    asyncio.set_event_loop(mine)
    yield mine
    asyncio.set_event_loop(None)
    mine.close()


def test_the_loop_of_the_thread_stays(loop: asyncio.AbstractEventLoop) -> None:
    async def work() -> bool:
        return asyncio.get_running_loop() is loop

    assert in_own_loop(work()) is False
    assert asyncio.get_event_loop() is loop


def test_the_loop_of_the_thread_stays_when_a_manifest_is_made(
    loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Door:
        async def manifest(self, agent: Any) -> AgentManifest:
            return AgentManifest(name=agent, framework="none")

    monkeypatch.setattr(discovery, "door_of", lambda _: Door())
    assert create_manifest("mine").name == "mine"
    assert asyncio.get_event_loop() is loop


def test_what_the_work_raises_is_raised() -> None:
    async def work() -> None:
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        in_own_loop(work())
