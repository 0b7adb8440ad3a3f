"""The ways through the gate without any framework: `call`, `acall`, and functions that were wrapped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from inspect import isawaitable
from typing import Any

from hexgate.core.gate.gate import Gate, NotRunError
from hexgate.core.gate.passage import Result
from hexgate.core.gate.setting import Setting
from hexgate.core.hexgate import Hexgate
from hexgate.core.identity import User
from tests.conformance.behaviours import Driver, Scene, Told

__all__ = ["DRIVERS"]

Tool = Callable[..., Any]


def gate_of(scene: Scene) -> Gate:
    """The gate that a scene describes."""
    engine = Hexgate.from_policy(scene.policy).engine
    setting = Setting(
        engine.decide,
        guards=scene.guards,
        handler=scene.handler,
        store=scene.store,
        answer_seconds=scene.answer_seconds,
        recorder=scene.record.audit,
        bans=scene.bans,
    )
    return Gate(setting, agent="agent", policy=lambda: engine.digest)


def told(result: Result) -> Told:
    """A result as a caller sees it."""
    return Told(result.for_model(), result.ran)


class AsyncDriver:
    """`acall` in an event loop."""

    def call(self, scene: Scene, tool: str, arguments: dict[str, Any], function: Tool, user: User) -> Told:
        return asyncio.run(self.acall(scene, tool, arguments, function, user))

    async def acall(self, scene: Scene, tool: str, arguments: dict[str, Any], function: Tool, user: User) -> Told:
        async with user:
            return told(await gate_of(scene).acall(tool, arguments, function, call_id="call-1"))


class SyncDriver(AsyncDriver):
    """`call`, and `acall` where there are tasks."""

    def call(self, scene: Scene, tool: str, arguments: dict[str, Any], function: Tool, user: User) -> Told:
        with user.sync_scope():
            return told(gate_of(scene).call(tool, arguments, function, call_id="call-1"))


class WrappedDriver:
    """A function that was wrapped, sync where there is no event loop and async where there is one."""

    def call(self, scene: Scene, tool: str, arguments: dict[str, Any], function: Tool, user: User) -> Told:
        with user.sync_scope():
            return told_by(lambda: gate_of(scene).wrap(function, name=tool)(**arguments))

    async def acall(self, scene: Scene, tool: str, arguments: dict[str, Any], function: Tool, user: User) -> Told:
        async def awaited(**given: Any) -> Any:
            value = function(**given)
            return await value if isawaitable(value) else value

        async with user:
            try:
                return Told(await gate_of(scene).wrap(awaited, name=tool)(**arguments), ran=True)
            except NotRunError as denial:
                return Told(str(denial), ran=False)


def told_by(call: Callable[[], Any]) -> Told:
    """What a wrapped function says."""
    try:
        return Told(call(), ran=True)
    except NotRunError as denial:
        return Told(str(denial), ran=False)


DRIVERS: dict[str, Driver] = {"sync": SyncDriver(), "async": AsyncDriver(), "wrapped": WrappedDriver()}
