"""A condition in, the closure that answers it out.

A quantifier is a loop, and what stands in it may walk the whole call again for each element: a loop whose body looks beyond its
element or asks much counts its work, so that no call can keep an engine busy.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import fields
from typing import Any

from hexgate.core.call import ToolCall
from hexgate.core.engine.functions import LEAVES, Closure
from hexgate.core.engine.values import Getter, path_getter
from hexgate.core.engine.work import MOST_LOOP_WORK, TURN, WorkExceededError
from hexgate.core.expr import syntax
from hexgate.core.expr.normal import All, AnyOf, Condition, Each, Holds
from hexgate.core.identity import User

__all__ = ["prepare"]

# A body of so few leaves is cheap however often it is turned.
FEW_LEAVES = 2

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
    leaves = leaves_of(each.body)
    counts = inside or leaves > FEW_LEAVES or looks_beyond(each.body)
    body = prepare(each.body, inside=counts)
    get = path_getter(each.path)
    turns = every(get, body) if each.kind == "every" else any_element(get, body)
    if not counts:
        return turns
    counted = counting(get, turns, leaves * TURN, whole_call=leaf_looks_beyond(each.body))
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


def leaves_of(condition: Condition) -> int:
    """How many leaves a turn may ask, loops in it left aside: they count their own."""
    match condition:
        case All(items) | AnyOf(items):
            return sum(map(leaves_of, items))
        case _:
            return 1


def looks_beyond(condition: Condition) -> bool:
    """Whether a body, or a loop in it, reads more than the element that it is asked about."""
    match condition:
        case Holds():
            return leaf_looks_beyond(condition)
        case All(items) | AnyOf(items):
            return any(map(looks_beyond, items))
        case _:
            return condition.path.root != "item" or looks_beyond(condition.body)


def leaf_looks_beyond(condition: Condition) -> bool:
    """Whether a leaf of a body, loops in it left aside, reads arguments or attributes."""
    match condition:
        case Holds(leaf, _):
            return any(reads_call(getattr(leaf, field.name)) for field in fields(leaf))
        case All(items) | AnyOf(items):
            return any(map(leaf_looks_beyond, items))
        case _:
            return False


def reads_call(operand: object) -> bool:
    """Whether an operand is, or is made of, something whose size the caller chooses."""
    match operand:
        case syntax.Path(root, _) | syntax.Count(syntax.Path(root, _)):
            return root in CALLER_SIZED
        case syntax.Lower(inner):
            return reads_call(inner)
        case _:
            return False


CALLER_SIZED = frozenset(("args", "ctx"))
