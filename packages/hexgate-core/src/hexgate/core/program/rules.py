"""The compiled form of a policy. Three engines read it; none of them changes it, and it holds nothing that only one of them knows.

# INVARIANT: two programs with the same digest answer every call alike, to the last violation. Places and notes for people are not
in the digest: moving a rule to another line changes no answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hexgate.core.expr.normal import Condition
from hexgate.core.policy.document import Approvers, Mode

__all__ = ["Check", "CompiledRule", "Program", "RoleIndex"]


@dataclass(frozen=True, slots=True)
class Check:
    """One demand of a rule: the text that a violation shows, and the condition that must hold."""

    text: str
    condition: Condition


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """What one role says about one tool, a prefix of tools, or the rest.

    `tool` is as it was written, with the `*` of a prefix, `default_policy` for the rest, and
    empty for the rest where nobody wrote one. `listed` tells an explicit deny from a
    plain one. `monitor` is settled: False enforces, True monitors, a day monitors until its end.
    """

    tool: str
    listed: bool
    mode: Mode
    checks: tuple[Check, ...] = ()
    monitor: bool | str = False
    approvers: Approvers | None = None
    note: str | None = None
    document: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class RoleIndex:
    """One selectable role: rules by exact name, rules by prefix (without the `*`, longest first), and the rule for the rest."""

    name: str
    exact: Mapping[str, CompiledRule]
    prefixes: Mapping[str, CompiledRule]
    rest: CompiledRule

    def find(self, tool: str) -> CompiledRule:
        """The rule for a tool: the exact one, else the longest prefix, else the rest."""
        rule = self.exact.get(tool)
        if rule is not None:
            return rule
        for prefix, prefix_rule in self.prefixes.items():
            if tool.startswith(prefix):
                return prefix_rule
        return self.rest


@dataclass(frozen=True, slots=True)
class Program:
    """Every selectable role by name, and the digest of all that can influence an answer.

    `monitor` is the document's own: it speaks for a role that the policy does not know and has no `default` for.
    """

    roles: Mapping[str, RoleIndex] = field(repr=False)
    monitor: bool | str
    digest: str

    def role(self, name: str) -> RoleIndex | None:
        """The role of that name, else `default`, else nothing: then everything is denied."""
        return self.roles.get(name) or self.roles.get("default")
