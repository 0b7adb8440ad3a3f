"""A condition in, the closure that answers it out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hexgate.core.call import ToolCall
from hexgate.core.engine.functions import LEAVES, Closure
from hexgate.core.engine.values import Getter, path_getter
from hexgate.core.expr.normal import All, AnyOf, Condition, Each, Holds
from hexgate.core.identity import User

__all__ = ["prepare"]


def prepare(condition: Condition) -> Closure:
    """The closure of a condition."""
    match condition:
        case Holds(leaf, wanted):
            return LEAVES[type(leaf)](leaf, wanted)
        case All(items):
            return all_of(tuple(map(prepare, items)))
        case AnyOf(items):
            return any_of(tuple(map(prepare, items)))
        case Each(kind, path, body):
            return EACH[kind](path_getter(path), prepare(body))


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


EACH: Mapping[str, Callable[[Getter, Closure], Closure]] = {"every": every, "any": any_element}
