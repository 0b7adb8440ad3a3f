"""A policy in, what the rules of the linter look at out: every rule where it was written, and the roles in which it counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

from hexgate.core.expr.normal import Condition, normalise
from hexgate.core.expr.syntax import Const, Path, nodes_of
from hexgate.core.policy.document import Constraint, Document, Role, Rule
from hexgate.core.policy.lint.budget import spend
from hexgate.core.policy.lint.folding import specialised
from hexgate.core.policy.roles import FlatRole, flatten

__all__ = ["DEFAULT", "Placed", "Survey", "View", "found", "judged", "short"]

DEFAULT = "default_policy"
# The conditions of a rule's constraints, in their order, as one role sees them.
View = tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """A rule, the role that it was written in, and the selectable roles in which nothing replaces it."""

    rule: Rule
    tool: str
    listed: bool
    owner: Role
    path: str
    roles: Sequence[FlatRole] = field(repr=False)

    @property
    def name(self) -> str:
        """The rule as messages call it."""
        return f"the rule `{self.tool}`" if self.listed else f"the `{DEFAULT}` of `{self.owner.name}`"

    @property
    def is_prefix(self) -> bool:
        """Whether the rule is for all tools whose names begin alike."""
        return self.listed and self.tool.endswith("*")

    def constraints(self) -> Iterator[tuple[int, Constraint, str]]:
        """Each constraint with its position and its path in the document."""
        for position, constraint in enumerate(self.rule.constraints):
            yield position, constraint, f"{self.path}.constraints[{position}]"


class Survey:
    """One policy, looked over once."""

    def __init__(self, document: Document, tools: Mapping[str, Any] | None, today: date) -> None:
        self.document = document
        # The tools of the manifest with the schemas of their arguments; None when there is no manifest.
        self.tools = tools
        self.today = today
        self.selectable = flatten(document)

    @cached_property
    def flat(self) -> Mapping[str, FlatRole]:
        """Every role with all that it inherits, mixins included."""
        everyone = {name: replace(role, is_mixin=False) for name, role in self.document.roles.items()}
        return flatten(Document(everyone, self.document.consts))

    @cached_property
    def ancestors(self) -> Mapping[str, frozenset[str]]:
        """By role, all roles that it inherits, near and far."""
        known: dict[str, frozenset[str]] = {}
        for name in self.document.roles:
            waiting, seen = [name], set[str]()
            while waiting:
                for parent in self.document.roles[waiting.pop()].inherits:
                    if parent not in seen:
                        seen.add(parent)
                        waiting.append(parent)
            known[name] = frozenset(seen)
        return known

    @cached_property
    def inherited(self) -> frozenset[str]:
        """The roles that a selectable role inherits, near or far."""
        return frozenset().union(*(self.ancestors[name] for name in self.selectable))

    @cached_property
    def rules(self) -> list[Placed]:
        """Every rule of the document, in the order of the document."""
        used: dict[int, list[FlatRole]] = {}
        for flat in self.selectable.values():
            for rule in (*flat.tools.values(), flat.default_policy):
                used.setdefault(id(rule), []).append(flat)
        placed = []
        for role in self.document.roles.values():
            written = [(tool, rule, True) for tool, rule in role.tools.items()]
            rest = [(DEFAULT, role.default_policy, False)] if role.default_policy else []
            for tool, rule, listed in [*rest, *written]:
                path = self.path_of(role.name, f"tools.{tool}" if listed else DEFAULT)
                placed.append(Placed(rule, tool, listed, role, path, used.get(id(rule), ())))
        return placed

    @cached_property
    def by_rule(self) -> Mapping[int, Placed]:
        """Where each rule was written, by its identity."""
        return {id(placed.rule): placed for placed in self.rules}

    def path_of(self, role: str, rest: str) -> str:
        """The path of something in a role, in the document that holds it."""
        return f"roles.{role}.{rest}" if self.document.form == "inline" else rest

    @cached_property
    def views_by_rule(self) -> dict[int, list[View]]:
        return {}

    def views(self, placed: Placed) -> list[View]:
        """What the rule's constraints mean, once for each way in which a selectable role sees it."""
        known = self.views_by_rule.get(id(placed.rule))
        if known is None:
            distinct: dict[str, View] = {}
            consts, reads_role = names_in(placed.rule)
            for role in placed.roles:
                spend(1 + len(consts))
                seen_as = repr(([role.consts[name] for name in consts], role.name if reads_role else ""))
                if seen_as not in distinct:
                    distinct[seen_as] = self.view(placed, role)
            known = self.views_by_rule[id(placed.rule)] = list(distinct.values())
        return known

    def view(self, placed: Placed, role: FlatRole) -> View:
        """What the rule's constraints mean in one role."""
        spend(len(placed.rule.constraints))
        facts = {"role": role.name}
        if placed.listed and not placed.is_prefix:
            facts["tool"] = placed.tool
        return tuple(seen(constraint, role, facts) for constraint in placed.rule.constraints)


def seen(constraint: Constraint, role: FlatRole, facts: Mapping[str, str]) -> Condition:
    """What a constraint means where some facts are known; most constraints read none of them."""
    condition = normalise(constraint.expression, role.consts)
    return specialised(condition, facts) if any(name in constraint.text for name in facts) else condition


def names_in(rule: Rule) -> tuple[list[str], bool]:
    """The constants that the constraints of a rule read, and whether they read the role."""
    nodes = [node for constraint in rule.constraints for node in nodes_of(constraint.expression)]
    consts = sorted({node.name for node in nodes if isinstance(node, Const)})
    return consts, any(isinstance(node, Path) and node.root == "role" for node in nodes)


def found(flat: FlatRole, tool: str) -> Rule | None:
    """The rule of a role for a tool: the exact one, else the longest prefix, else the one for the rest."""
    if tool in flat.tools and not tool.endswith("*"):
        return flat.tools[tool]
    prefixes = [name for name in flat.tools if name.endswith("*") and tool.startswith(name[:-1])]
    return flat.tools[max(prefixes, key=len)] if prefixes else flat.default_policy


def judged(survey: Survey) -> Iterator[Placed]:
    """The rules whose constraints decide something: those of a denial do not, nor those that no role uses."""
    for placed in survey.rules:
        if placed.rule.mode != "deny" and placed.rule.constraints and survey.views(placed):
            yield placed


def short(text: str) -> str:
    """A constraint as a message quotes it."""
    line = " ".join(text.split())
    return line if len(line) <= 80 else f"{line[:77]}…"
