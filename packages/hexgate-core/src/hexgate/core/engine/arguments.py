"""The closures that nearly every policy is made of, for plain arguments and literals, each in one step.

They answer as the general ones in `functions` do. They exist because a call of Python inside of a check costs as much as the check.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hexgate.core.call import ToolCall
from hexgate.core.identity import User

__all__ = ["argument_begins", "argument_compares", "argument_equals", "argument_is_among"]

Closure = Callable[[ToolCall, User, str, Any], bool]


def argument_compares(name: str, compare: Callable[[Any, Any], bool], bound: float) -> Closure:
    """A number in an order with a bound so near to zero that Python compares it exactly."""

    def holds(call: ToolCall, user: User, role: str, item: Any) -> bool:
        value = call.arguments.get(name)
        kind = type(value)
        return (kind is int or kind is float) and compare(value, bound)

    return holds


def argument_equals(name: str, text: str) -> Closure:
    """A text and no other."""

    def holds(call: ToolCall, user: User, role: str, item: Any) -> bool:
        return bool(call.arguments.get(name) == text)

    return holds


def argument_is_among(name: str, texts: frozenset[str]) -> Closure:
    """One of several texts."""

    def holds(call: ToolCall, user: User, role: str, item: Any) -> bool:
        value = call.arguments.get(name)
        return type(value) is str and value in texts

    return holds


def argument_begins(name: str, part: str) -> Closure:
    """A text with this beginning."""

    def holds(call: ToolCall, user: User, role: str, item: Any) -> bool:
        value = call.arguments.get(name)
        return type(value) is str and value.startswith(part)

    return holds
