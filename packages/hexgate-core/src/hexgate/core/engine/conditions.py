"""A condition in, the closure that answers it out.

A quantifier is a loop, and what stands in it may walk the whole call again for each element: a loop whose body looks beyond its
element or asks much counts its work, so that no call can keep an engine busy.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from hexgate.core.call import ToolCall
from hexgate.core.engine.functions import LEAVES, Closure
from hexgate.core.engine.values import Getter, path_getter
from hexgate.core.expr.normal import All, AnyOf, Condition, Each, Holds
from hexgate.core.identity import User
from hexgate.core.program.work import MOST_LOOP_WORK, WorkExceededError, cost_of

__all__ = ["prepare"]

work_left: ContextVar[list[int]] = ContextVar("hexgate_work_left")


def prepare(condition: Condition, *, inside: bool = False) -> Closure:
    """The closure of a condition; `inside` of a loop that counts its work already."""
    match condition:
        case Holds(leaf, wanted):
            return LEAVES[type(leaf)](leaf, wanted)
        case All(items):
            return all_of(tuple(prepare(item, inside=inside) for item in items))
        case AnyOf(items):
            return any_of(tuple(prepare(item, inside=inside) for item in items))
        case _:
            return loop(condition, inside=inside)


def all_of(parts: tuple[Closure, ...]) -> Closure:
    """Every part holds; two of them, the usual number, without a loop."""
    if len(parts) == 2:
        first, second = parts
        return lambda call, user, role, item: first(call, user, role, item) and second(call, user, role, item)

    def holds(call: ToolCall, user: User, role: str, item: Any) -> bool:
        for part in parts:
            if not part(call, user, role, item):
                return False
        return True

    return holds


def any_of(parts: tuple[Closure, ...]) -> Closure:
    """At least one part holds."""
    if len(parts) == 2:
        first, second = parts
        return lambda call, user, role, item: first(call, user, role, item) or second(call, user, role, item)

    def holds(call: ToolCall, user: User, role: str, item: Any) -> bool:
        for part in parts:
            if part(call, user, role, item):
                return True
        return False

    return holds


def loop(each: Each, *, inside: bool) -> Closure:
    """The closure of a quantifier, with its work counted where the body can walk the whole call."""
    cost = cost_of(each, inside=inside)
    body = prepare(each.body, inside=cost.counts)
    get = path_getter(each.path)
    turns = every(get, body) if each.kind == "every" else any_element(get, body)
    if not cost.counts:
        return turns
    counted = counting(get, turns, cost.turn, whole_call=cost.whole_call)
    return counted if inside else with_budget(counted)


def every(get: Getter, body: Closure) -> Closure:
    """A list all of whose elements pass."""

    def holds(call: ToolCall, user: User, role: str, item: Any) -> bool:
        elements = get(call, user, role, item)
        if type(elements) is not list:
            return False
        for element in elements:
            if not body(call, user, role, element):
                return False
        return True

    return holds


def any_element(get: Getter, body: Closure) -> Closure:
    """A list at least one of whose elements passes."""

    def holds(call: ToolCall, user: User, role: str, item: Any) -> bool:
        elements = get(call, user, role, item)
        if type(elements) is not list:
            return False
        for element in elements:
            if body(call, user, role, element):
                return True
        return False

    return holds


def counting(get: Getter, turns: Closure, turn: int, *, whole_call: bool) -> Closure:
    """A loop that first takes its turns from what is left, each with all bytes of the question if the body may look at them."""

    def holds(call: ToolCall, user: User, role: str, item: Any) -> bool:
        elements = get(call, user, role, item)
        left = work_left.get()
        if type(elements) is list:
            left[0] -= len(elements) * (turn + len(call.encoded) + len(user.encoded) if whole_call else turn)
        if left[0] < 0:
            raise WorkExceededError
        return turns(call, user, role, item)

    return holds


def with_budget(counted: Closure) -> Closure:
    """The outermost loop that counts: the work of all loops inside of it is taken from one budget."""

    def holds(call: ToolCall, user: User, role: str, item: Any) -> bool:
        token = work_left.set([MOST_LOOP_WORK])
        try:
            return counted(call, user, role, item)
        finally:
            work_left.reset(token)

    return holds
