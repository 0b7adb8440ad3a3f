"""A policy in, its program out. The stages are the documentation: each takes what the one before it made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from hexgate.core.expr.normal import All, AnyOf, Condition, Holds, normalise
from hexgate.core.expr.syntax import Exists, InScope, Path, Value
from hexgate.core.policy.document import Constraint, Document, FileScope, Monitor, Rule
from hexgate.core.policy.roles import FlatRole, flatten
from hexgate.core.program.digest import digest_of
from hexgate.core.program.rules import Check, CompiledRule, Program, RoleIndex

__all__ = ["STAGES", "compile_policy"]

# What holds where no `default_policy` was written; it has no name, since nobody wrote it.
NOTHING_WRITTEN = Rule(mode="deny")


def compile_policy(document: Document) -> Program:
    """The program of a policy. A policy that could be read can be compiled: its mistakes were raised before."""
    value: Any = document
    for _, stage in STAGES:
        value = stage(value)
    program: Program = value
    return program


@dataclass(frozen=True, slots=True)
class Flattened:
    """The roles with nothing left to inherit, and the monitoring of the whole document."""

    roles: Mapping[str, FlatRole]
    monitor: Monitor


@dataclass(frozen=True, slots=True)
class Indexed:
    """The compiled roles, and the monitoring of the whole document."""

    roles: Mapping[str, RoleIndex]
    monitor: bool | str


def flatten_roles(document: Document) -> Flattened:
    """Works out inheritance."""
    return Flattened(flatten(document), document.monitor)


def compile_rules(flat: Flattened) -> Indexed:
    """Brings every constraint into normal form and every rule into its index."""
    compiler = RuleCompiler()
    return Indexed(
        {name: compiler.role(role, flat.monitor) for name, role in flat.roles.items()}, settled(flat.monitor)
    )


def seal(indexed: Indexed) -> Program:
    """Makes the whole immutable and names it by its digest."""
    roles, monitor = indexed.roles, indexed.monitor
    return Program(MappingProxyType(dict(roles)), monitor, digest_of(roles.values(), monitor))


STAGES: tuple[tuple[str, Callable[[Any], Any]], ...] = (
    ("flatten_roles", flatten_roles),
    ("compile_rules", compile_rules),
    ("seal", seal),
)


class RuleCompiler:
    """Compiles the rules of all roles; what many roles inherit and what means the same in all of them is compiled once."""

    def __init__(self) -> None:
        self.checks: dict[tuple[str, int], Check] = {}
        self.scopes: dict[int, Check] = {}

    def role(self, role: FlatRole, outer: Monitor) -> RoleIndex:
        """The index of one role."""
        monitor = role.monitor if role.monitor is not None else outer
        compiled = {tool: self.rule(tool, rule, role.consts, monitor) for tool, rule in role.tools.items()}
        exact = {tool: rule for tool, rule in compiled.items() if not tool.endswith("*")}
        prefixes = {tool[:-1]: rule for tool, rule in compiled.items() if tool.endswith("*")}
        longest_first = dict(sorted(prefixes.items(), key=lambda item: (-len(item[0]), item[0])))
        written = role.default_policy
        rest = self.rule(
            "default_policy" if written else "", written or NOTHING_WRITTEN, role.consts, monitor, listed=False
        )
        return RoleIndex(role.name, MappingProxyType(exact), MappingProxyType(longest_first), rest)

    def rule(
        self, tool: str, rule: Rule, consts: Mapping[str, Value], outer: Monitor, *, listed: bool = True
    ) -> CompiledRule:
        """One rule with its monitoring settled."""
        checks = [self.check(constraint, consts) for constraint in rule.constraints]
        if rule.file_scope is not None:
            checks.append(self.scope(rule.file_scope))
        return CompiledRule(
            tool=tool,
            listed=listed,
            mode=rule.mode,
            checks=tuple(checks),
            monitor=settled(rule.monitor if rule.monitor is not None else outer),
            approvers=rule.approvers,
            note=rule.reason,
            document=rule.span.source.name if rule.span else None,
            line=rule.span.line if rule.span else None,
        )

    def check(self, constraint: Constraint, consts: Mapping[str, Value]) -> Check:
        """The check of one constraint."""
        text = constraint.text
        # INVARIANT: the document outlives the compiler, so that the id of one of its parts is that part's alone.
        key = (text, id(consts) if "consts" in text else 0)
        check = self.checks.get(key)
        if check is None:
            check = self.checks[key] = Check(text, normalise(constraint.expression, consts))
        return check

    def scope(self, scope: FileScope) -> Check:
        """The check of one file scope."""
        check = self.scopes.get(id(scope))
        if check is None:
            check = self.scopes[id(scope)] = scope_check(scope)
        return check


def scope_check(scope: FileScope) -> Check:
    """A file scope as one more check of its rule."""
    if scope.argument is not None:
        return Check(f"file_scope({scope.argument})", scope_of(scope.argument, scope))
    named = Path("args", ("file_path",))
    condition: Condition = AnyOf(
        (
            All((Holds(Exists(named), True), scope_of("file_path", scope))),
            All((Holds(Exists(named), False), scope_of("path", scope))),
        )
    )
    return Check("file_scope(file_path|path)", condition)


def scope_of(argument: str, scope: FileScope) -> Condition:
    """The path in this argument is clean, allowed, and not denied."""
    return Holds(InScope(Path("args", (argument,)), scope.allowed_paths, scope.denied_paths), True)


def settled(monitor: Monitor) -> bool | str:
    """The monitoring of a rule in the form that answers carry."""
    if isinstance(monitor, date):
        return monitor.isoformat()
    return bool(monitor)
