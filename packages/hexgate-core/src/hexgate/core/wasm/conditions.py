"""A condition in, the structure that the runtime asks out.

The runtime decides what holds; what can be known before a call comes is worked out here: which constants are in a list, which
directories are clean, how much a loop may cost, how long a text a pattern may read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from hexgate.core.expr import syntax
from hexgate.core.expr.clean import glob_regex, normal_path
from hexgate.core.expr.normal import All, AnyOf, Condition, Each, Holds
from hexgate.core.expr.patterns import program_size
from hexgate.core.program.work import MOST_PATTERN_WORK, cost_of
from hexgate.core.wasm.blob import NOWHERE, Blob, Words
from hexgate.core.wasm.layout import SIGNS, ConditionKind, Toll
from hexgate.core.wasm.regex import automaton
from hexgate.core.wasm.values import operand, sorted_constants

__all__ = ["condition"]

NEGATED = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
TEXT_TESTS = {"startswith": ConditionKind.STARTS, "endswith": ConditionKind.ENDS, "contains": ConditionKind.CONTAINS}
# What an entry of a table leads to where it counts alone that there is one.
PRESENT = 1
# A condition has six words, however few a leaf needs.
PADDING = tuple((0,) * (6 - count) for count in range(7))


def condition(blob: Blob, asked: Condition, *, inside: bool = False) -> int:
    """The address of a condition; `inside` of a loop that counts its work already."""
    if isinstance(asked, Holds):
        words = LEAVES[type(asked.leaf)](blob, asked.leaf, asked.wanted)
        return blob.words(*words, *PADDING[len(words)])
    match asked:
        case All(items):
            return joined(blob, ConditionKind.ALL, [condition(blob, item, inside=inside) for item in items])
        case AnyOf(items):
            return joined(blob, ConditionKind.ANY_OF, [condition(blob, item, inside=inside) for item in items])
        case _:
            return loop(blob, asked, inside=inside)


def joined(blob: Blob, kind: int, addresses: list[int]) -> int:
    """All of several conditions, or any."""
    return blob.words(kind, 0, blob.words(*addresses), len(addresses), 0, 0)


def loop(blob: Blob, each: Each, *, inside: bool) -> int:
    """A quantifier."""
    cost = cost_of(each, inside=inside)
    kind = ConditionKind.EVERY if each.kind == "every" else ConditionKind.ANY
    toll = (
        (Toll.COUNTS if cost.counts else 0)
        | (Toll.INSIDE if inside else 0)
        | (Toll.WHOLE_CALL if cost.whole_call else 0)
    )
    body = condition(blob, each.body, inside=cost.counts)
    return blob.words(kind, 0, operand(blob, each.path), body, toll, cost.turn)


def comparison(blob: Blob, leaf: syntax.Comparison, wanted: bool) -> Words:
    """`left operator right`; what is not wanted is the opposite operator, which asks for the same types."""
    sign = leaf.operator if wanted else NEGATED[leaf.operator]
    return ConditionKind.COMPARE, wanted, operand(blob, leaf.left), operand(blob, leaf.right), SIGNS[sign]


def membership(blob: Blob, leaf: syntax.Membership, wanted: bool) -> Words:
    """`operand in set`."""
    found = operand(blob, leaf.operand)
    if isinstance(leaf.members, syntax.Literal):
        members = cast("tuple[syntax.Value, ...]", leaf.members.value)
        return ConditionKind.IN_CONSTANTS, wanted, found, *sorted_constants(blob, members)
    return ConditionKind.IN_VALUE, wanted, found, operand(blob, leaf.members)


def text_test(blob: Blob, leaf: syntax.TextTest, wanted: bool) -> Words:
    """`startswith`, `endswith`, `contains`."""
    return TEXT_TESTS[leaf.test], wanted, operand(blob, leaf.text), operand(blob, leaf.part)


def matches(blob: Blob, leaf: syntax.Matches, wanted: bool) -> Words:
    """`matches(operand, pattern)`."""
    longest = MOST_PATTERN_WORK // program_size(leaf.pattern)
    return ConditionKind.MATCHES, wanted, operand(blob, leaf.text), pattern(blob, leaf.pattern), longest


def within(blob: Blob, leaf: syntax.Within, wanted: bool) -> Words:
    """`within(operand, directory, …)`."""
    directories = {normal_path(directory) or directory: PRESENT for directory in leaf.directories}
    return ConditionKind.WITHIN, wanted, operand(blob, leaf.path), blob.words(*blob.table(directories))


def url_host_in(blob: Blob, leaf: syntax.UrlHostIn, wanted: bool) -> Words:
    """`url_host_in(operand, hosts)`."""
    hosts = [str(host).lower() for host in cast("tuple[str, ...]", cast("syntax.Literal", leaf.hosts).value)]
    exact = {host: PRESENT for host in hosts if not host.startswith("*.")}
    below = {host[1:]: PRESENT for host in hosts if host.startswith("*.")}
    tables = (blob.words(*blob.table(names)) for names in (exact, below))
    return ConditionKind.HOST_IN, wanted, operand(blob, leaf.url), *tables


def exists(blob: Blob, leaf: syntax.Exists, wanted: bool) -> Words:
    """`exists(path)`."""
    return ConditionKind.EXISTS, wanted, operand(blob, leaf.path)


def in_scope(blob: Blob, leaf: syntax.InScope, wanted: bool) -> Words:
    """A rule's file scope."""
    allowed = NOWHERE if leaf.allowed is None else globs(blob, leaf.allowed)
    return ConditionKind.IN_SCOPE, wanted, operand(blob, leaf.path), allowed, globs(blob, leaf.denied)


def globs(blob: Blob, patterns: tuple[str, ...]) -> int:
    """Several file patterns."""
    addresses = [pattern(blob, glob_regex(each)) for each in patterns]
    return blob.words(blob.words(*addresses), len(addresses))


def pattern(blob: Blob, text: str) -> int:
    """The address of a pattern's automaton, which is made once a policy."""
    address = blob.known.get(("pattern", text))
    if address is None:
        address = blob.known["pattern", text] = blob.words(*automaton(text))
    return address


LEAVES: Mapping[type[syntax.Leaf], Callable[[Blob, Any, bool], Words]] = {
    syntax.Comparison: comparison,
    syntax.Membership: membership,
    syntax.TextTest: text_test,
    syntax.Matches: matches,
    syntax.Within: within,
    syntax.UrlHostIn: url_host_in,
    syntax.Exists: exists,
    syntax.InScope: in_scope,
}
