"""A call that a framework makes between two of its callbacks: decided in the first, and at its end in the second."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hexgate.core import Hexgate, ToolCall, User, after_tool, before_tool
from hexgate.core.adapters import Held, Run
from hexgate.core.gate.guards import Replace
from hexgate.core.gate.passage import Passage, Result

pytestmark = pytest.mark.anyio
POLICY = {"tools": {"view": {"mode": "allow"}, "drop": {"mode": "deny"}}}
ALICE = User("alice")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Kept:
    """A recorder that remembers what came of a call."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []

    def reserve(self, passage: Passage) -> None: ...

    def settle(self, ticket: Any, passage: Passage) -> None:
        self.seen.append((str(passage.status), type(passage.error).__name__))


def begun(kept: Kept, tool: str = "view", **more: Any) -> Held:
    """A call that was begun."""
    gate = Hexgate.from_policy(POLICY).using(recorder=kept, **more)
    return Held(Run(gate, ALICE), ToolCall(tool, {"order": 7}), "call-1")


async def test_a_call_that_may_run_waits_for_its_end() -> None:
    kept = Kept()
    held = begun(kept)
    assert await held.begin() == {"order": 7}
    assert kept.seen == []
    result = await held.end("order 7")
    assert (result.ran, result.value, kept.seen) == (True, "order 7", [("ran", "NoneType")])


async def test_a_call_that_may_not_run_has_its_result_at_once() -> None:
    kept = Kept()
    result = await begun(kept, "drop").begin()
    assert isinstance(result, Result)
    assert (result.ran, kept.seen) == (False, [("refused", "NoneType")])


async def test_guards_stand_on_both_sides_of_it() -> None:
    @before_tool
    def other(call: Any, user: Any) -> Any:
        return {"order": 8}

    @after_tool
    def hidden(call: Any, user: Any, value: Any) -> Any:
        return Replace("hidden")

    held = begun(Kept(), guards=[other, hidden])
    assert await held.begin() == {"order": 8}
    assert (await held.end("order 8")).value == "hidden"


async def test_what_the_tool_raises_is_recorded_and_not_raised_again() -> None:
    kept = Kept()
    held = begun(kept)
    await held.begin()
    await held.fail(KeyError("gone"))
    assert kept.seen == [("failed", "KeyError")]


@pytest.mark.parametrize("told", [True, False])
async def test_a_call_that_is_cancelled_or_never_told_of_again_is_recorded_as_that(told: bool) -> None:
    kept = Kept()
    held = begun(kept)
    await held.begin()
    await (held.fail(asyncio.CancelledError()) if told else held.cancel())
    assert kept.seen == [("cancelled", "CancelledError")]


async def test_a_call_whose_decision_nobody_waits_for_any_more_is_not_left_behind() -> None:
    asked = asyncio.Event()

    @before_tool
    async def slow(call: Any, user: Any) -> Any:
        asked.set()
        await asyncio.Event().wait()

    held = begun(Kept(), guards=[slow])
    waiting = asyncio.create_task(held.begin())
    await asked.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert held.task.done()
