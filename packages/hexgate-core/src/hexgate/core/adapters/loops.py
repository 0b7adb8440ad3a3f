"""Async work in sync code, without touching the event loop that the thread has."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

__all__ = ["in_own_loop"]

T = TypeVar("T")


def in_own_loop(work: Coroutine[Any, Any, T]) -> T:
    """Runs the work to its end in a loop of its own.

    `asyncio.run` would leave the thread without its loop, and frameworks keep theirs from one run to the next.
    """
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return runner.run(work)
