"""The roles of a program in, one digest of everything that can influence an answer out, the same on every machine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import orjson

from hexgate.core.expr.normal import All, AnyOf, Condition, Holds
from hexgate.core.expr.printer import show, show_operand
from hexgate.core.expr.syntax import InScope, Leaf
from hexgate.core.program.rules import Check, CompiledRule, RoleIndex

__all__ = ["digest_of"]

VERSION = "hexgate.program/1"


def digest_of(roles: Iterable[RoleIndex], monitor: bool | str) -> str:
    """`sha256:` and the hash over the roles in the order of their names."""
    hasher = hashlib.sha256(orjson.dumps([VERSION, monitor]))
    for role in sorted(roles, key=lambda role: role.name):
        rules = [
            role.rest,
            *(rule for _, rule in sorted(role.exact.items())),
            *(rule for _, rule in sorted(role.prefixes.items())),
        ]
        hasher.update(orjson.dumps([role.name, [rule_data(rule) for rule in rules]]))
    return f"sha256:{hasher.hexdigest()}"


def rule_data(rule: CompiledRule) -> list[Any]:
    """What a rule says, without where it stands."""
    approvers = [rule.approvers.role, rule.approvers.not_caller] if rule.approvers else None
    return [rule.tool, rule.listed, rule.mode, rule.monitor, approvers, [check_data(check) for check in rule.checks]]


def check_data(check: Check) -> list[str]:
    """The text that a violation shows, and the meaning where the text alone does not settle it."""
    if "consts" in check.text or check.text.startswith("file_scope("):
        return [check.text, show_condition(check.condition)]
    return [check.text]


def show_condition(condition: Condition) -> str:
    """A condition as one unambiguous text."""
    match condition:
        case Holds(leaf, wanted):
            return f"{'is' if wanted else 'isnt'}({show_leaf(leaf)})"
        case All(items):
            return f"all({','.join(map(show_condition, items))})"
        case AnyOf(items):
            return f"any({','.join(map(show_condition, items))})"
        case _:
            return f"each_{condition.kind}({show_operand(condition.path)},{show_condition(condition.body)})"


def show_leaf(leaf: Leaf) -> str:
    """A leaf in the words of the language; a file scope, which has none, in words of its own."""
    if isinstance(leaf, InScope):
        parts = [show_operand(leaf.path), leaf.allowed, leaf.denied]
        return f"file_scope({orjson.dumps(parts).decode()})"
    return show(leaf)
