"""A leaf in, the call of the Rego function out that says whether it is known and is what is wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from hexgate.core.expr import syntax
from hexgate.core.expr.clean import glob_regex, normal_path
from hexgate.core.expr.syntax import Leaf, Operand, Path
from hexgate.core.rego.literals import step, string, strings, value
from hexgate.core.rego.patterns import go_pattern

__all__ = ["Scope", "leaf_call", "reference"]

COMPARISONS = {
    "==": ("is_equal", "is_not_equal"),
    "!=": ("is_not_equal", "is_equal"),
    "<": ("is_less", "is_at_least"),
    "<=": ("is_at_most", "is_more"),
    ">": ("is_more", "is_at_most"),
    ">=": ("is_at_least", "is_less"),
}
TEXT_TESTS = {"startswith": "starting_with", "endswith": "ending_with", "contains": "containing"}
EVERYTHING = ("**",)


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a leaf is asked: the role that is evaluated, and the name of the innermost quantifier's element."""

    role: str
    item: str = "item"


def leaf_call(leaf: Leaf, wanted: bool, scope: Scope) -> str:
    """The call for a leaf."""
    return LEAVES[type(leaf)](leaf, wanted, scope)


def call(name: str, *arguments: str) -> str:
    """A function with its arguments."""
    return f"{name}({', '.join(arguments)})"


def either(wanted: bool, name: str) -> str:
    """The function for what is wanted: that it is so, or that it is known not to be so."""
    return f"is_{name}" if wanted else f"is_not_{name}"


def reference(path: Path, scope: Scope) -> str:
    """Where a fact stands in the input."""
    if path.root == "role":
        return string(scope.role)
    root = scope.item if path.root == "item" else f"input.{path.root}"
    return root + "".join(map(step, path.steps))


def operand(of: Operand, scope: Scope) -> str:
    """What stands on one side of a leaf."""
    match of:
        case Path():
            return reference(of, scope)
        case syntax.Count(path):
            return call("size", reference(path, scope))
        case syntax.Lower(inner):
            return call("lowered", operand(inner, scope))
        case _:
            return value(cast("syntax.Literal", of).value)


def comparison(leaf: syntax.Comparison, wanted: bool, scope: Scope) -> str:
    name = COMPARISONS[leaf.operator][0 if wanted else 1]
    return call(name, operand(leaf.left, scope), operand(leaf.right, scope))


def membership(leaf: syntax.Membership, wanted: bool, scope: Scope) -> str:
    return call(either(wanted, "in"), operand(leaf.operand, scope), operand(leaf.members, scope))


def text_test(leaf: syntax.TextTest, wanted: bool, scope: Scope) -> str:
    return call(either(wanted, TEXT_TESTS[leaf.test]), operand(leaf.text, scope), operand(leaf.part, scope))


def matches(leaf: syntax.Matches, wanted: bool, scope: Scope) -> str:
    return call(either(wanted, "matching"), operand(leaf.text, scope), string(go_pattern(leaf.pattern)))


def within(leaf: syntax.Within, wanted: bool, scope: Scope) -> str:
    """Every absolute path lies below `/`, which is no clean path itself."""
    directories = [normal_path(directory) or directory for directory in leaf.directories]
    ended = strings(directory if directory == "/" else f"{directory}/" for directory in directories)
    return call(either(wanted, "within"), operand(leaf.path, scope), ended)


def url_host_in(leaf: syntax.UrlHostIn, wanted: bool, scope: Scope) -> str:
    hosts = [str(host).lower() for host in cast("tuple[str, ...]", cast("syntax.Literal", leaf.hosts).value)]
    exact = strings(host for host in hosts if not host.startswith("*."))
    endings = strings(host[1:] for host in hosts if host.startswith("*."))
    return call(either(wanted, "host_in"), operand(leaf.url, scope), exact, endings)


def exists(leaf: syntax.Exists, wanted: bool, scope: Scope) -> str:
    found = reference(leaf.path, scope)
    return call("is_present", found) if wanted else call("is_not_present", f"[found | found := {found}]")


def in_scope(leaf: syntax.InScope, wanted: bool, scope: Scope) -> str:
    allowed = EVERYTHING if leaf.allowed is None else leaf.allowed
    patterns = (strings(map(glob_regex, globs)) for globs in (allowed, leaf.denied))
    return call(either(wanted, "in_scope"), operand(leaf.path, scope), *patterns)


LEAVES: Mapping[type[Leaf], Callable[[Any, bool, Scope], str]] = {
    syntax.Comparison: comparison,
    syntax.Membership: membership,
    syntax.TextTest: text_test,
    syntax.Matches: matches,
    syntax.Within: within,
    syntax.UrlHostIn: url_host_in,
    syntax.Exists: exists,
    syntax.InScope: in_scope,
}
