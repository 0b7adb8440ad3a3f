"""A policy as its author wrote it: frozen values that know their place, and nothing that had to be worked out.

`monitor` says who may turn a refusal into a note: None was not written, False is `enforce: true`, True is `enforce: false`, and
a date is `enforce: false` with that `until`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal as OneOf

from hexgate.core.expr.syntax import Expression, Value
from hexgate.core.text import Span

__all__ = ["Approvers", "Constraint", "Document", "FileScope", "Mode", "Monitor", "Role", "Rule"]

Mode = OneOf["allow", "deny", "approval_required"]
Monitor = bool | date | None
Form = OneOf["flat", "inline", "directory"]


@dataclass(frozen=True, slots=True)
class Constraint:
    """One constraint: the text as it was written and the tree that it means."""

    text: str
    expression: Expression = field(compare=False, repr=False)
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Approvers:
    """Who may approve: `role` is one of their roles, `not_caller` bars the user who called."""

    role: str | None = None
    not_caller: bool = False


@dataclass(frozen=True, slots=True)
class FileScope:
    """Which paths an argument may name. No `argument`: `file_path`, else `path`. No `allowed_paths`: every clean path."""

    argument: str | None = None
    allowed_paths: tuple[str, ...] | None = None
    denied_paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """What a role says about a tool, or about every tool that it does not list."""

    mode: Mode
    constraints: tuple[Constraint, ...] = ()
    reason: str | None = None
    approvers: Approvers | None = None
    monitor: Monitor = None
    file_scope: FileScope | None = None
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Role:
    """One role's body. `tools` is keyed by tool name or by prefix, the latter with its trailing `*`.

    `parents_at` tells where each of the `inherits` stands, `consts_at` where each constant. A role is not `whole` when a mistake
    keeps from knowing all of its constants and parents, or whether it can be selected.
    """

    name: str
    is_mixin: bool = False
    inherits: tuple[str, ...] = ()
    default_policy: Rule | None = None
    tools: Mapping[str, Rule] = field(default_factory=dict)
    consts: Mapping[str, Value] = field(default_factory=dict)
    monitor: Monitor = None
    span: Span | None = field(default=None, compare=False, repr=False)
    parents_at: tuple[Span | None, ...] = field(default=(), compare=False, repr=False)
    consts_at: Mapping[str, Span | None] = field(default_factory=dict, compare=False, repr=False)
    whole: bool = field(default=True, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Document:
    """A set of named roles, and what stands above them all; `consts_at` tells where each constant stands."""

    roles: Mapping[str, Role]
    consts: Mapping[str, Value] = field(default_factory=dict)
    monitor: Monitor = None
    form: Form = "inline"
    consts_at: Mapping[str, Span | None] = field(default_factory=dict, compare=False, repr=False)
