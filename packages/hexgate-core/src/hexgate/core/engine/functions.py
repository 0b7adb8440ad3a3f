"""One table: for each kind of leaf, how its closure is made. A closure answers whether the leaf is known and is what is wanted.

# INVARIANT: a closure answers False when something that the leaf reads is missing or of the wrong type, whatever is wanted.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, cast

from hexgate.core.call import ToolCall
from hexgate.core.engine.arguments import ARGUMENT_ORDERS, argument_begins, argument_equals, argument_is_among
from hexgate.core.engine.values import MISSING, Getter, as_decimal, compared, equal, literal, operand_getter
from hexgate.core.expr import syntax
from hexgate.core.expr.clean import glob_regex, host_of, normal_path
from hexgate.core.expr.patterns import compile_pattern
from hexgate.core.expr.syntax import Leaf
from hexgate.core.identity import User
from hexgate.core.program.work import MOST_PATTERN_WORK, WorkExceededError

__all__ = ["LEAVES", "Closure"]

Closure = Callable[[ToolCall, User, str, Any], bool]
Test = Callable[[Any], bool]

OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
NEGATED = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
MIRRORED = {"==": "==", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
# Up to here every integer is a float of its own, so Python compares an int and a float as their decimals would.
EXACT = 2**53


def comparison(leaf: syntax.Comparison, wanted: bool) -> Closure:
    """`left operator right`, with the literal brought to the right where there is just one."""
    left, right, sign = leaf.left, leaf.right, leaf.operator
    if isinstance(left, syntax.Literal) and not isinstance(right, syntax.Literal):
        left, right, sign = right, left, MIRRORED[sign]  # type: ignore[assignment]
    sign = sign if wanted else NEGATED[sign]  # type: ignore[assignment]
    get = operand_getter(left)
    if isinstance(right, syntax.Literal):
        name, value = argument_of(left), literal(right.value)
        if name is not None and sign == "==" and type(value) is str:
            return argument_equals(name, value)
        if name is not None and sign in ARGUMENT_ORDERS and is_near(value):
            return ARGUMENT_ORDERS[sign](name, value)
        return on_value(get, against_literal(sign, value), name)
    return on_values(get, operand_getter(right), equality(sign) if sign in ("==", "!=") else order(sign))


def argument_of(operand: syntax.Operand) -> str | None:
    """The name when the operand is a plain argument, which is read without a getter."""
    if isinstance(operand, syntax.Path) and operand.root == "args" and len(operand.steps) == 1:
        step = operand.steps[0]
        return step if isinstance(step, str) else None
    return None


def on_value(get: Getter, test: Test, argument: str | None = None) -> Closure:
    """A closure over one fact; most facts are arguments, and for those a call is saved."""
    if argument is not None:
        return lambda call, user, role, item: test(call.arguments.get(argument, MISSING))
    return lambda call, user, role, item: test(get(call, user, role, item))


def on_values(get: Getter, get_other: Getter, test: Callable[[Any, Any], bool]) -> Closure:
    """A closure over two facts."""
    return lambda call, user, role, item: test(get(call, user, role, item), get_other(call, user, role, item))


def against_literal(sign: str, value: Any) -> Test:
    """A test of one value against an author's."""
    kind = type(value)
    if kind is int or kind is float or kind is Decimal:
        return against_number(sign, value)
    if kind is str:
        return against_text(sign, value)
    if sign == "==":
        return lambda other: equal(other, value)
    if sign == "!=":
        return lambda other: other is not MISSING and not equal(other, value)
    # Nothing comes before or after a boolean, null or a list.
    return lambda other: False


def against_number(sign: str, value: Any) -> Test:
    """A test against a number."""
    compare = OPERATORS[sign]
    different = sign == "!="

    def test(other: Any) -> bool:
        if is_number(other):
            return compare(compared(other, value), 0)
        return different and other is not MISSING

    return test


def is_near(value: Any) -> bool:
    """A number so near to zero that Python's comparison with it is exact."""
    return (type(value) is int or type(value) is float) and -EXACT <= value <= EXACT


def against_text(sign: str, value: str) -> Test:
    """A test against a text; code points order texts, as Python does."""
    if sign == "!=":
        return lambda other: other is not MISSING and bool(other != value)
    compare = OPERATORS[sign]
    return lambda other: type(other) is str and compare(other, value)


def equality(sign: str) -> Callable[[Any, Any], bool]:
    """`==` or `!=` of two facts, both of them present."""
    same = sign == "=="
    return lambda left, right: left is not MISSING and right is not MISSING and equal(left, right) is same


def order(sign: str) -> Callable[[Any, Any], bool]:
    """An order of two facts: two numbers or two texts."""
    compare = OPERATORS[sign]

    def ordered(left: Any, right: Any) -> bool:
        if type(left) is str:
            return type(right) is str and compare(left, right)
        return is_number(left) and is_number(right) and compare(compared(left, right), 0)

    return ordered


def is_number(value: Any) -> bool:
    """A number, which a boolean is not."""
    kind = type(value)
    return kind is int or kind is float or kind is Decimal


def membership(leaf: syntax.Membership, wanted: bool) -> Closure:
    """`operand in set`."""
    get = operand_getter(leaf.operand)
    if isinstance(leaf.members, syntax.Literal):
        name, members = argument_of(leaf.operand), cast("tuple[syntax.Value, ...]", leaf.members.value)
        if name is not None and wanted and all(isinstance(member, str) for member in members):
            return argument_is_among(name, frozenset(map(str, members)))
        return on_value(get, among(members, wanted), name)

    def member(value: Any, members: Any) -> bool:
        return value is not MISSING and type(members) is list and any(equal(value, each) for each in members) is wanted

    return on_values(get, operand_getter(leaf.members), member)


def among(members: tuple[syntax.Value, ...], wanted: bool) -> Test:
    """A test for membership in an author's list: by hash where that is equality, since a list may be long and a call full of it.

    Python holds `True == 1` and takes a float for another value than its shortest decimal, so each kind has a set of its own.
    """
    texts = frozenset(member for member in members if isinstance(member, str))
    numbers = frozenset(member for member in members if is_number(member))
    others = [literal(member) for member in members if not isinstance(member, str) and not is_number(member)]

    def found(value: Any) -> bool:
        kind = type(value)
        if kind is str:
            return value in texts
        if is_number(value):
            return as_decimal(value) in numbers
        return any(equal(value, other) for other in others)

    return lambda value: value is not MISSING and found(value) is wanted


TEXT_TESTS: Mapping[str, Callable[[str, str], bool]] = {
    "startswith": str.startswith,
    "endswith": str.endswith,
    "contains": operator.contains,
}


def text_test(leaf: syntax.TextTest, wanted: bool) -> Closure:
    """`startswith`, `endswith`, `contains`."""
    test = TEXT_TESTS[leaf.test]

    def holds(text: Any, part: Any) -> bool:
        return type(text) is str and type(part) is str and test(text, part) is wanted

    if isinstance(leaf.part, syntax.Literal):
        name, part = argument_of(leaf.text), leaf.part.value
        if name is not None and wanted and leaf.test == "startswith" and isinstance(part, str):
            return argument_begins(name, part)
        return on_value(operand_getter(leaf.text), lambda text: holds(text, part), name)
    return on_values(operand_getter(leaf.text), operand_getter(leaf.part), holds)


def matches(leaf: syntax.Matches, wanted: bool) -> Closure:
    """`matches(operand, pattern)`; bytes spare the pattern engine the translation of places, which nobody asks for."""
    pattern = compile_pattern(leaf.pattern)
    search, longest = pattern.search, MOST_PATTERN_WORK // pattern.programsize

    def found(text: Any) -> bool:
        if type(text) is not str:
            return False
        encoded = text.encode()
        if len(encoded) > longest:
            raise WorkExceededError
        return (search(encoded) is not None) is wanted

    return on_value(operand_getter(leaf.text), found, argument_of(leaf.text))


def within(leaf: syntax.Within, wanted: bool) -> Closure:
    """`within(operand, directory, …)`."""
    directories = tuple(normal_path(directory) or directory for directory in leaf.directories)
    # Every absolute path lies below the root, which is no clean path itself.
    below = tuple(directory if directory == "/" else f"{directory}/" for directory in directories)

    def lies_within(text: Any) -> bool:
        if type(text) is not str:
            return False
        path = normal_path(text)
        return (path is not None and (path in directories or path.startswith(below))) is wanted

    return on_value(operand_getter(leaf.path), lies_within, argument_of(leaf.path))


def url_host_in(leaf: syntax.UrlHostIn, wanted: bool) -> Closure:
    """`url_host_in(operand, hosts)`."""
    hosts = [str(host).lower() for host in literal(cast("syntax.Literal", leaf.hosts).value)]
    exact = frozenset(host for host in hosts if not host.startswith("*."))
    below = tuple(host[1:] for host in hosts if host.startswith("*."))

    def host_is_in(text: Any) -> bool:
        if type(text) is not str:
            return False
        host = host_of(text)
        return (host is not None and (host in exact or host.endswith(below))) is wanted

    return on_value(operand_getter(leaf.url), host_is_in, argument_of(leaf.url))


def exists(leaf: syntax.Exists, wanted: bool) -> Closure:
    """`exists(path)`, which is never unknown."""
    return on_value(operand_getter(leaf.path), lambda value: (value is not MISSING) is wanted, argument_of(leaf.path))


def in_scope(leaf: syntax.InScope, wanted: bool) -> Closure:
    """A rule's file scope: a clean relative path that is allowed and not denied."""
    allowed = None if leaf.allowed is None else one_of(leaf.allowed)
    denied = one_of(leaf.denied)

    def scoped(text: Any) -> bool:
        if type(text) is not str:
            return False
        path = normal_path(text, absolute=False)
        if path is None:
            return not wanted
        encoded = path.encode()
        inside = (allowed is None or allowed(encoded)) and not denied(encoded)
        return inside is wanted

    return on_value(operand_getter(leaf.path), scoped, argument_of(leaf.path))


def one_of(patterns: tuple[str, ...]) -> Callable[[bytes], bool]:
    """The test for any of several path patterns. One by one: together they could outgrow what the pattern engine takes."""
    searches = tuple(compile_pattern(glob_regex(pattern)).search for pattern in patterns)
    return lambda path: any(search(path) is not None for search in searches)


LEAVES: Mapping[type[Leaf], Callable[[Any, bool], Closure]] = {
    syntax.Comparison: comparison,
    syntax.Membership: membership,
    syntax.TextTest: text_test,
    syntax.Matches: matches,
    syntax.Within: within,
    syntax.UrlHostIn: url_host_in,
    syntax.Exists: exists,
    syntax.InScope: in_scope,
}
