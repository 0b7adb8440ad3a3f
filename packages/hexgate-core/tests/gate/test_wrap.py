"""A wrapped function keeps its signature, and the policy sees its arguments by their names."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

import pytest

from hexgate.core.gate.gate import Gate, NotRunError
from hexgate.core.gate.guards import before_tool
from hexgate.core.gate.setting import Setting
from hexgate.core.hexgate import Hexgate
from hexgate.core.identity import User

POLICY = {"tools": {"ship": {"mode": "allow", "constraints": ["args.weight <= 10"]}, "any*": {"mode": "allow"}}}
ALICE = User("alice")


@pytest.fixture
def gate() -> Gate:
    return gate_of()


def gate_of(**parts: Any) -> Gate:
    engine = Hexgate.from_policy(POLICY).engine
    return Gate(Setting(engine.decide, **parts), agent="shop", policy=lambda: engine.digest)


def test_the_signature_stays(gate: Gate) -> None:
    def ship(order: str, /, weight: float = 1, *parts: str, fast: bool = False, **more: int) -> str:
        """Ships it."""
        return f"{order} {weight} {parts} {fast} {more}"

    wrapped = gate.wrap(ship)
    assert (inspect.signature(wrapped), wrapped.__doc__) == (inspect.signature(ship), "Ships it.")
    with ALICE.sync_scope():
        assert wrapped("o-1", 2, "a", "b", fast=True, x=1) == "o-1 2 ('a', 'b') True {'x': 1}"
        assert wrapped("o-1") == "o-1 1 () False {}"
        with pytest.raises(NotRunError, match=r"args\.weight <= 10") as caught:
            wrapped("o-1", weight=11)
        with pytest.raises(TypeError, match="order"):
            wrapped(weight=1)  # type: ignore[call-arg]
    assert (caught.value.decision.code, caught.value.result.ran) == ("constraint_failed", False)
    assert str(caught.value) == caught.value.decision.for_model()


def test_a_keyword_cannot_pose_as_a_positional_parameter(gate: Gate) -> None:
    seen: list[Any] = []

    @before_tool
    def look(call: Any, user: Any) -> None:
        seen.append(call.arguments)

    def any_ship(weight: int, /, **more: int) -> tuple[int, dict[str, int]]:
        return weight, more

    with ALICE.sync_scope():
        assert gate_of(guards=(look,)).wrap(any_ship)(99, weight=1) == (99, {"weight": 1})
    assert seen == [{"weight": 99, "more.weight": 1}]


def test_hidden_parameters_are_passed_on_and_not_seen(gate: Gate) -> None:
    database = object()

    def ship(weight: int, database: object) -> object:
        return database

    with ALICE.sync_scope():
        assert gate.wrap(ship, hidden=["database"])(1, database) is database
        with pytest.raises(NotRunError, match="nothing that JSON knows"):
            gate.wrap(ship)(1, database)
    with pytest.raises(TypeError, match="`hidden` names `nothing`"):
        gate.wrap(ship, hidden=["nothing"])


def test_a_denial_can_be_told_instead_of_raised(gate: Gate) -> None:
    def ship(weight: int) -> Any:
        return weight

    wrapped = gate.wrap(ship, on_denied="tell")
    with ALICE.sync_scope():
        assert wrapped(5) == 5
        assert wrapped(50).startswith("[policy_denied] Tool 'ship'")
    assert wrapped(5).endswith("nobody is known to be calling. The tool was not executed.")


def test_methods_and_callable_objects_can_be_wrapped(gate: Gate) -> None:
    class Shop:
        def ship(self, weight: int) -> int:
            return weight

        async def __call__(self, weight: int) -> int:
            return weight

    shop = Shop()

    async def main() -> int:
        async with ALICE:
            return await gate.wrap(shop, name="ship")(3)

    assert asyncio.run(main()) == 3
    with ALICE.sync_scope():
        assert gate.wrap(shop.ship)(2) == 2
    assert asyncio.run(no_user(gate.wrap(shop, name="ship"))) == "no_user"


async def no_user(wrapped: Callable[..., Any]) -> str:
    with pytest.raises(NotRunError) as caught:
        await wrapped(1)
    return str(caught.value.decision.code)


def test_generators_are_refused_when_they_are_wrapped(gate: Gate) -> None:
    def numbers() -> Any:
        yield 1

    async def more() -> Any:
        yield 1

    for function in (numbers, more):
        with pytest.raises(TypeError, match="is a generator, which runs while it is read"):
            gate.wrap(function)


def test_an_async_tool_cannot_be_called_in_sync_code(gate: Gate) -> None:
    async def ship(weight: int) -> int:
        return weight

    with ALICE.sync_scope(), pytest.raises(TypeError, match=r"await hexgate\.acall"):
        gate.call("ship", {"weight": 1}, ship)

    def late(weight: int) -> Any:
        return ship(weight)

    with ALICE.sync_scope(), pytest.raises(TypeError, match="`late` is async and was asked in sync code"):
        gate.call("ship", {"weight": 1}, late)


def test_what_a_guard_added_must_fit_the_function() -> None:
    @before_tool
    def add(call: Any, user: Any) -> dict[str, Any]:
        return {**call.arguments, "extra": 1}

    with ALICE.sync_scope(), pytest.raises(TypeError, match="unexpected keyword argument 'extra'"):
        gate_of(guards=(add,)).wrap(lambda weight: weight, name="ship")(1)


def test_what_a_guard_took_away_is_left_to_the_function() -> None:
    @before_tool()
    def less(call: Any, user: Any) -> dict[str, Any]:
        return {}

    with ALICE.sync_scope():
        assert gate_of(guards=(less,)).wrap(lambda weight=7: weight, name="any")(1) == 7


def test_nothing_that_is_done_to_the_arguments_later_changes_what_the_tool_gets() -> None:
    arguments: dict[str, Any] = {"weight": 1, "to": ["a"]}

    @before_tool(observe=True)
    def meddle(call: Any, user: Any) -> None:
        arguments["to"].append("b")
        arguments["weight"] = 11

    seen: list[Any] = []
    with ALICE.sync_scope():
        result = gate_of(guards=(meddle,)).call("ship", arguments, lambda **given: seen.append(given))
    assert (result.ran, seen) == (True, [{"weight": 1, "to": ["a"]}])
    assert result.as_dict()["status"] == "ran"
