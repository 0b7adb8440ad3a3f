"""What a constraint makes of the facts: True, False, or None for unknown. POLICY.md section 4, leaf by leaf.

Nothing is compiled and nothing is normalised: the tree is walked as it was written, with Kleene's three values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import re2

from hexgate.core.expr import syntax
from hexgate.core.expr.syntax import Expression, Operand, Path, Value
from tests.differential.reference_text import host_in, lies_within, lower

__all__ = ["MISSING", "Facts", "Truth", "read", "truth"]

Truth = bool | None


class Missing:
    """What a path reads where nothing is, and `count` or `lower` of something of the wrong type."""


MISSING = Missing()


@dataclass(frozen=True)
class Facts:
    """ "`args.*` the call's arguments; `ctx.*` the caller's attributes; `user.id`; `session.id`; `role` the role being
    evaluated; `tool` the tool called. Inside a quantifier `.` is the element." """

    args: Mapping[str, Any]
    ctx: Mapping[str, Any]
    user: Mapping[str, Any]
    session: Mapping[str, Any]
    role: str
    tool: str
    consts: Mapping[str, Value]
    item: Any = MISSING


def truth(expression: Expression, facts: Facts) -> Truth:
    """ "A constraint is true, false or unknown." """
    match expression:
        case syntax.Not(operand):
            return negation(truth(operand, facts))
        case syntax.And(items):
            return conjunction([truth(item, facts) for item in items])
        case syntax.Or(items):
            return disjunction([truth(item, facts) for item in items])
        case syntax.Quantified(kind, path, body):
            return quantified(kind, read(path, facts), body, facts)
        case _:
            return leaf(expression, facts)


def negation(value: Truth) -> Truth:
    """ "`not unknown` is unknown" """
    return None if value is None else not value


def conjunction(values: list[Truth]) -> Truth:
    """ "`and` is false if one side is false" """
    if False in values:
        return False
    return None if None in values else True


def disjunction(values: list[Truth]) -> Truth:
    """ "`or` is true if one side is true, whatever the other" """
    if True in values:
        return True
    return None if None in values else False


def quantified(kind: str, items: Any, body: Expression, facts: Facts) -> Truth:
    """ "`every`, `any`: list; true for all, true for at least one (empty: true, false); three-valued like `and` and `or`" """
    if not isinstance(items, list):
        return None
    values = [truth(body, replace(facts, item=item)) for item in items]
    return conjunction(values) if kind == "every" else disjunction(values)


def leaf(expression: Expression, facts: Facts) -> Truth:
    """ "A leaf is unknown when something it reads is missing or of the wrong type." """
    match expression:
        case syntax.Exists(path):
            return read(path, facts) is not MISSING  # "`exists(path)` alone is never unknown"
        case syntax.Comparison(operator, left, right):
            return comparison(operator, read(left, facts), read(right, facts))
        case syntax.Membership(operand, members):
            return membership(read(operand, facts), read(members, facts))
        case _:
            return text_leaf(expression, facts)


def comparison(operator: str, left: Any, right: Any) -> Truth:
    """ "`==` `!=`: any JSON values, both present: JSON equality"; the four others by `order`."""
    if left is MISSING or right is MISSING:
        return None
    if operator == "==":
        return same(left, right)
    if operator == "!=":
        return not same(left, right)
    return order(operator, left, right)


def same(left: Any, right: Any) -> bool:
    """ "JSON equality, deep; bool is never a number, at any depth; 5 == 5.0" """
    if is_number(left) and is_number(right):
        return number(left) == number(right)
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(same(one, other) for one, other in zip(left, right, strict=True))
    if isinstance(left, dict) and isinstance(right, dict):
        return set(left) == set(right) and all(same(left[key], right[key]) for key in left)
    return type(left) is type(right) and bool(left == right)


def order(operator: str, left: Any, right: Any) -> Truth:
    """ "two numbers or two strings: numeric order, or code point order; anything else is unknown" """
    if is_number(left) and is_number(right):
        left, right = number(left), number(right)
    elif isinstance(left, str) and isinstance(right, str):
        left, right = [ord(character) for character in left], [ord(character) for character in right]
    else:
        return None
    return bool({"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[operator])


def is_number(value: Any) -> bool:
    """ "bool is never a number" """
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def number(value: int | float | Decimal) -> Decimal:
    """ "Integers of any size compare exactly. A float is the shortest decimal that reads back as it." """
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def membership(value: Any, members: Any) -> Truth:
    """ "`in`: value present, set a list; membership by `==`" """
    if value is MISSING or not isinstance(members, list | tuple):
        return None
    return any(same(value, member) for member in members)


def text_leaf(expression: Expression, facts: Facts) -> Truth:
    """The leaves whose operands are strings; of anything else they are unknown."""
    match expression:
        case syntax.TextTest(test, text, part):
            return text_test(test, read(text, facts), read(part, facts))
        case syntax.Matches(text, pattern):
            return one_text(read(text, facts), lambda found: re2.search(pattern, found) is not None)
        case syntax.Within(path, directories):
            return one_text(read(path, facts), lambda found: lies_within(found, directories))
        case syntax.UrlHostIn(url, hosts):
            return one_text(read(url, facts), lambda found: host_in(found, read(hosts, facts)))
        case _:
            raise AssertionError(f"no such leaf: {expression!r}")


def one_text(found: Any, test: Any) -> Truth:
    """A test of one string."""
    return bool(test(found)) if isinstance(found, str) else None


def text_test(test: str, text: Any, part: Any) -> Truth:
    """ "`startswith` …: as named, code points, no normalisation" """
    if not isinstance(text, str) or not isinstance(part, str):
        return None
    if test == "startswith":
        return text[: len(part)] == part
    if test == "endswith":
        return text[max(len(text) - len(part), 0) :] == part
    return any(text[start : start + len(part)] == part for start in range(len(text) + 1))


def read(operand: Operand, facts: Facts) -> Any:
    """The value of an operand, or MISSING."""
    match operand:
        case syntax.Literal(value):
            return value
        case syntax.Const(name):
            return facts.consts[name]
        case syntax.Path():
            return follow(root(operand, facts), operand.steps)
        case syntax.Count(path):
            return count(read(path, facts))
        case syntax.Lower(inner):
            text = read(inner, facts)
            return lower(text) if isinstance(text, str) else MISSING


def root(path: Path, facts: Facts) -> Any:
    """What a path starts from."""
    return getattr(facts, path.root)


def follow(value: Any, steps: tuple[str | int, ...]) -> Any:
    """`.name` and `["name"]` are a key of an object, `[0]` is an element of a list; everything else is missing."""
    for step in steps:
        is_key = isinstance(step, str) and isinstance(value, dict) and step in value
        is_index = isinstance(step, int) and isinstance(value, list) and step < len(value)
        if not is_key and not is_index:
            return MISSING
        value = value[step]
    return value


def count(value: Any) -> Any:
    """ "`count(p)`: list, object or string: elements, keys, or code points; else missing" """
    return len(value) if isinstance(value, list | dict | str) else MISSING
