"""One run of an agent behind a gate: whose it is, and how each of its calls is made.

A framework carries the run to the tools by its own means, so the user is known there even where the scope of `User` was lost on
the way. Where a scope is there as well, it must be the one of the run.

# INVARIANT: a call whose run and whose scope name different users is denied, and so is one that nobody is known to make.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

from hexgate import core
from hexgate.core.adapters.events import Story
from hexgate.core.adapters.tracing import traced, user_traced
from hexgate.core.call import ToolCall
from hexgate.core.errors import UngatedError
from hexgate.core.gate.approvals import Pending
from hexgate.core.gate.drivers import Flow, arun, run
from hexgate.core.gate.gate import Gate, by_name, uncalled
from hexgate.core.gate.passage import Passage, Result
from hexgate.core.identity import User, current_user

__all__ = ["Run", "current_run", "ungated"]

log = logging.getLogger("hexgate.adapters")
around: ContextVar[Run | None] = ContextVar("hexgate_run", default=None)


def current_run() -> Run | None:
    """The run in which this code is called, or None outside of any."""
    return around.get()


class Run:
    """One run: its gate, its user, and the run that it is a part of."""

    __slots__ = ("begun", "gate", "hexgate", "noted", "parent", "user")

    def __init__(self, hexgate: core.Hexgate, user: User | None, *, story: Story | None = None) -> None:
        self.hexgate = hexgate
        self.user = user
        self.parent = current_run()
        setting = hexgate.gate.setting
        recorder = traced(setting.recorder if story is None else story.heard_by(setting.recorder))
        self.gate = Gate(replace(setting, recorder=recorder), agent=hexgate.agent, policy=hexgate.digest)
        self.begun = False
        self.noted: set[tuple[str, str]] = set()

    @classmethod
    @asynccontextmanager
    async def of(cls, hexgate: core.Hexgate, user: User | None, *, story: Story | None = None) -> AsyncIterator[Run]:
        """A run for `user`, or for the user of the scope around, begun. Inside, that user is the caller."""
        with cls.here(hexgate, user, story=story) as inside:
            await inside.begin()
            yield inside

    @classmethod
    @contextmanager
    def here(cls, hexgate: core.Hexgate, user: User | None, *, story: Story | None = None) -> Iterator[Run]:
        """The same in sync code, to be begun by `begin_here`, or by `begin` in the task of the run."""
        with cls(hexgate, current_user() if user is None else user.bound(), story=story).inside() as inside:
            yield inside

    def inside(self) -> AbstractContextManager[Run]:
        """The scope of this run: its user is the caller, and `current_run` finds it. Where it is open, it stays as it is."""
        there = around.get() is self and (self.user is None or current_user() is self.user)
        return nullcontext(self) if there else self.entered()

    @contextmanager
    def entered(self) -> Iterator[Run]:
        """The scope of this run, opened."""
        if self.user is None:
            with self.around():
                yield self
        else:
            with self.user.sync_scope(), user_traced(self.user, self.hexgate.agent), self.around():
                yield self

    @contextmanager
    def around(self) -> Iterator[Run]:
        """Makes this run the one that `current_run` finds."""
        before = around.get()
        around.set(self)
        try:
            yield self
        finally:
            # In another context than it was entered in, there is nothing to restore.
            if around.get() is self:
                around.set(before)

    async def begin(self) -> None:
        """What is done once, before the model is asked: the policy is taken anew, and who is banned is turned away."""
        if not self.begun:
            self.begun = True
            await self.hexgate.arefresh()
            if self.gate.setting.bans is not None:
                await asyncio.to_thread(self.gate.setting.bans.check, self.hexgate.agent, self.user_id)

    def begin_here(self) -> None:
        """`begin` in sync code."""
        if not self.begun:
            self.begun = True
            self.hexgate.refresh()
            if self.gate.setting.bans is not None:
                self.gate.setting.bans.check(self.hexgate.agent, self.user_id)

    @property
    def user_id(self) -> str | None:
        """The id of the run's user."""
        return None if self.user is None else self.user.user_id

    async def acall(
        self, call: ToolCall, function: Callable[..., Any], *, call_id: str | None = None, whole: bool = False
    ) -> Result:
        """Makes a call through the gate. With `whole` the function takes the arguments as one, else each by its name."""
        return await arun(self.flow(call, function, call_id=call_id, whole=whole))

    def call(
        self, call: ToolCall, function: Callable[..., Any], *, call_id: str | None = None, whole: bool = False
    ) -> Result:
        """`acall` in sync code."""
        return run(self.flow(call, function, call_id=call_id, whole=whole))

    def flow(self, call: ToolCall, function: Callable[..., Any], *, call_id: str | None, whole: bool) -> Flow[Result]:
        """The way of a call, for whoever has a driver of their own."""
        spread = as_one if whole else by_name
        refused = "user_unclear" if self.unclear else None
        return self.gate.flow(call, function, spread, user=self.user, call_id=call_id, refused=refused)

    async def waits(self, call: ToolCall, call_id: str) -> Pending | None:
        """The request for an approval that a call has to wait for, kept in the store of approvals; None where it has not."""
        if self.user is None or self.unclear:
            return None
        return await arun(self.gate.foresee(call, self.user, call_id))

    def waits_here(self, call: ToolCall, call_id: str) -> Pending | None:
        """`waits` in sync code."""
        if self.user is None or self.unclear:
            return None
        return run(self.gate.foresee(call, self.user, call_id))

    def note_ungated(self, tool: str, agent: str) -> None:
        """Says once a run, loudly and in the record, that the model was handed something that runs without the gate.

        What the record raises is raised.
        """
        if (tool, agent) in self.noted:
            return
        self.noted.add((tool, agent))
        log.warning("`%s` of agent `%s` is not behind the gate: `allow_ungated` names it", tool, agent)
        passage = Passage(ToolCall(tool, {}, agent), self.user, uncalled, None, self.hexgate.digest(), by_name)
        passage.let_by("ungated")
        recorder = self.gate.setting.recorder
        recorder.settle(recorder.reserve(passage), passage)

    @property
    def unclear(self) -> bool:
        """The scope around names another user than the run does."""
        scoped = current_user()
        return self.user is not None and scoped is not None and scoped is not self.user


def as_one(arguments: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments as the one argument of a function."""
    return (arguments,), {}


def ungated(tool: str, agent: str, why: str, way: str = "use a function tool") -> UngatedError:
    """The mistake of an agent with something that cannot be gated: why, and what to do about it."""
    return UngatedError(
        "HX952",
        f"`{tool}` of agent `{agent}` cannot be put behind the gate: it {why}",
        help=f'{way}, or let it run without a decision: `allow_ungated=["{tool}"]`',
    )
