"""Facts of a question in, values out; and what it means that two values are equal or that one comes before the other.

A getter takes the question as four arguments (call, user, role, element) and answers a value of JSON or `MISSING`. Four arguments
and no object, since a question is asked a million times and an object would have to be made each time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from hexgate.core.call import ToolCall
from hexgate.core.expr import syntax
from hexgate.core.expr.lower import lower
from hexgate.core.expr.syntax import Operand, Path
from hexgate.core.identity import User

__all__ = ["MISSING", "Getter", "as_decimal", "compared", "equal", "literal", "operand_getter", "path_getter"]

Getter = Callable[[ToolCall, User, str, Any], Any]


class Missing:
    """The value of a fact that is not there; it equals nothing and is of no type."""

    __slots__ = ()


MISSING = Missing()

NUMBERS = frozenset((int, float, Decimal))


def equal(left: Any, right: Any) -> bool:
    """Equality of JSON, deep: a boolean is never a number, and numbers are the decimals they are written as."""
    kind, other = type(left), type(right)
    if kind is str or left is None or kind is bool:
        return kind is other and bool(left == right)
    if kind is list:
        return other is list and len(left) == len(right) and all(map(equal, left, right))
    if kind is dict:
        return (
            other is dict
            and left.keys() == right.keys()
            and all(equal(value, right[key]) for key, value in left.items())
        )
    if kind in NUMBERS and other in NUMBERS:
        return compared(left, right) == 0
    return False


def compared(left: Any, right: Any) -> int:
    """-1, 0 or 1 for two numbers: floats count as the shortest decimals that read back as them."""
    if type(left) is not type(right):
        left, right = as_decimal(left), as_decimal(right)
    return int(left > right) - int(left < right)


def as_decimal(value: float | Decimal) -> int | Decimal:
    """The number as a decimal value that Python compares exactly."""
    return Decimal(repr(value)) if type(value) is float else value  # type: ignore[return-value]


def literal(value: syntax.Value) -> Any:
    """An author's value as a call would hold it: lists are lists, and a decimal is a float where that is the same value."""
    if isinstance(value, tuple):
        return [literal(item) for item in value]
    if isinstance(value, Decimal):
        nearest = float(value) if abs(value.adjusted()) < 300 else None
        if nearest is not None and Decimal(repr(nearest)) == value:
            return nearest
    return value


def operand_getter(operand: Operand) -> Getter:
    """The getter of what stands on one side of a leaf."""
    match operand:
        case Path():
            return path_getter(operand)
        case syntax.Count(path):
            return count_getter(path_getter(path))
        case syntax.Lower(inner):
            return lower_getter(operand_getter(inner))
        case syntax.Literal(value):
            return constant_getter(literal(value))
        case _:
            raise KeyError(f"the constant {operand.name} was not put in")


def constant_getter(value: Any) -> Getter:
    return lambda call, user, role, item: value


def count_getter(get: Getter) -> Getter:
    def count(call: ToolCall, user: User, role: str, item: Any) -> Any:
        value = get(call, user, role, item)
        kind = type(value)
        return len(value) if kind is list or kind is dict or kind is str else MISSING

    return count


def lower_getter(get: Getter) -> Getter:
    def lowered(call: ToolCall, user: User, role: str, item: Any) -> Any:
        value = get(call, user, role, item)
        return lower(value) if type(value) is str else MISSING

    return lowered


def path_getter(path: Path) -> Getter:
    """The getter of a fact."""
    if path.root == "args" and len(path.steps) == 1:
        return argument_getter(path.steps[0])
    root = ROOTS[path.root]
    if path.root in ("user", "session"):
        return root
    return steps_getter(root, path.steps) if path.steps else root


def argument_getter(name: Any) -> Getter:
    """The one that nearly every constraint needs, without a call inside."""
    return lambda call, user, role, item: call.arguments.get(name, MISSING)


def steps_getter(root: Getter, steps: tuple[Any, ...]) -> Getter:
    def get(call: ToolCall, user: User, role: str, item: Any) -> Any:
        value = root(call, user, role, item)
        for step in steps:
            if type(value) is dict:
                value = value.get(step, MISSING)
            elif type(value) is list and type(step) is int and step < len(value):
                value = value[step]
            else:
                return MISSING
        return value

    return get


def user_id(call: ToolCall, user: User, role: str, item: Any) -> Any:
    return MISSING if user.user_id is None else user.user_id


def session_id(call: ToolCall, user: User, role: str, item: Any) -> Any:
    return MISSING if user.session_id is None else user.session_id


ROOTS: Mapping[str, Getter] = {
    "args": lambda call, user, role, item: call.arguments,
    "ctx": lambda call, user, role, item: user.facts,
    "user": user_id,
    "session": session_id,
    "role": lambda call, user, role, item: role,
    "tool": lambda call, user, role, item: call.tool,
    "item": lambda call, user, role, item: item,
}
