"""The closures that nearly every policy is made of, for plain arguments and literals, each in one step.

They answer as the general ones in `functions` do. They exist because a call of Python inside of a check costs as much as the check.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hexgate.core.call import ToolCall
from hexgate.core.identity import User

__all__ = ["ARGUMENT_ORDERS", "argument_begins", "argument_equals", "argument_is_among"]

Closure = Callable[[ToolCall, User, str, Any], bool]


def at_most(name: str, bound: float) -> Closure:
    """A number that is not above a bound."""

    def holds(call: ToolCall, user: User, role: str, item: Any) -> bool:
        value: Any = call.arguments.get(name)
        kind = type(value)
        return (kind is int or kind is float) and value <= bound

    return holds


def at_least(name: str, bound: float) -> Closure:
    """A number that is not below a bound."""

    def holds(call: ToolCall, user: User, role: str, item: Any) -> bool:
        value: Any = call.arguments.get(name)
        kind = type(value)
        return (kind is int or kind is float) and value >= bound

    return holds


def below(name: str, bound: float) -> Closure:
    """A number below a bound."""

    def holds(call: ToolCall, user: User, role: str, item: Any) -> bool:
        value: Any = call.arguments.get(name)
        kind = type(value)
        return (kind is int or kind is float) and value < bound

    return holds


def above(name: str, bound: float) -> Closure:
    """A number above a bound."""

    def holds(call: ToolCall, user: User, role: str, item: Any) -> bool:
        value: Any = call.arguments.get(name)
        kind = type(value)
        return (kind is int or kind is float) and value > bound

    return holds


def same_number(name: str, number: float) -> Closure:
    """A number of this value."""

    def holds(call: ToolCall, user: User, role: str, item: Any) -> bool:
        value: Any = call.arguments.get(name)
        kind = type(value)
        return (kind is int or kind is float) and value == number

    return holds


# INVARIANT: only for bounds so near to zero that Python compares an int and a float with them as their decimals would.
ARGUMENT_ORDERS: Mapping[str, Callable[[str, float], Closure]] = {
    "<=": at_most,
    ">=": at_least,
    "<": below,
    ">": above,
    "==": same_number,
}


def argument_equals(name: str, text: str) -> Closure:
    """A text and no other."""

    def holds(call: ToolCall, user: User, role: str, item: Any) -> bool:
        return bool(call.arguments.get(name) == text)

    return holds


def argument_is_among(name: str, texts: frozenset[str]) -> Closure:
    """One of several texts."""

    def holds(call: ToolCall, user: User, role: str, item: Any) -> bool:
        value: Any = call.arguments.get(name)
        return type(value) is str and value in texts

    return holds


def argument_begins(name: str, part: str) -> Closure:
    """A text with this beginning."""

    def holds(call: ToolCall, user: User, role: str, item: Any) -> bool:
        value: Any = call.arguments.get(name)
        return type(value) is str and value.startswith(part)

    return holds
