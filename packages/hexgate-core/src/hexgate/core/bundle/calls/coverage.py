"""Questions in, which rules they reached out, and on which sides they saw each constraint: true, false, or not known.

It is measured by evaluating what was asked, never by what was meant when a call was made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hexgate.core.bundle.calls.nodes import Asked, Node
from hexgate.core.bundle.calls.question import Question
from hexgate.core.program import Check, CompiledRule, Program, RoleIndex

__all__ = ["ALL_SIDES", "FALSE", "TRUE", "UNKNOWN", "Coverage", "Nodes", "Unit", "side_of"]

TRUE, FALSE, UNKNOWN = 1, 2, 4
ALL_SIDES = TRUE | FALSE | UNKNOWN


class Nodes:
    """The trees of all constraints of a program; constraints that mean the same share a tree.

    # INVARIANT: what is shared depends on what constraints mean, as the digest does, and not on which objects a program is made of.
    """

    def __init__(self) -> None:
        self.made: dict[str, Node] = {}

    def of(self, rule: CompiledRule) -> tuple[Node, ...]:
        """The trees of one rule's constraints."""
        return tuple(map(self.node, rule.checks))

    def node(self, check: Check) -> Node:
        """The tree of one constraint. Its text says what it means, but for constants and file scopes."""
        text = check.text
        key = f"{text}\0{check.condition!r}" if "consts" in text or text.startswith("file_scope(") else text
        node = self.made.get(key)
        if node is None:
            node = self.made[key] = Node(check.condition)
        return node


@dataclass(slots=True)
class Unit:
    """One rule of one role, and what was seen of it."""

    role: str
    index: RoleIndex
    rule: CompiledRule
    nodes: tuple[Node, ...]
    seen: list[int]
    reached: bool = False

    def reaches(self, tool: str) -> bool:
        """Whether the role answers a tool by this rule."""
        return self.index.find(tool) is self.rule

    def lacks(self, side: int) -> list[int]:
        """The constraints of which a side was not seen."""
        return [at for at, seen in enumerate(self.seen) if not seen & side]

    def see(self, question: Question) -> None:
        """Notes what a question that reached the rule showed of it."""
        self.reached = True
        asked = Asked(self.role)
        for at, node in enumerate(self.nodes):
            if self.seen[at] != ALL_SIDES:
                self.seen[at] |= side_of(node, question, asked)


class Coverage:
    """Every rule of every role, and what was seen of each."""

    def __init__(self, program: Program) -> None:
        nodes = Nodes()
        self.program = program
        self.default = program.roles.get("default")
        self.units: list[Unit] = []
        self.by_rule: dict[tuple[str, int], Unit] = {}
        for name in sorted(program.roles):
            index = program.roles[name]
            for rule in rules_of(index):
                unit = Unit(name, index, rule, nodes.of(rule), [0] * len(rule.checks))
                self.units.append(unit)
                self.by_rule[name, id(rule)] = unit

    def see(self, question: Question) -> None:
        """Notes what a question showed of the rules that it reached."""
        roles = {
            index.name: index for name in question.user.roles or ("default",) if (index := self.program.role(name))
        }
        for name, index in roles.items():
            self.by_rule[name, id(index.find(question.tool))].see(question)

    def count(self, side: int) -> int:
        """How many constraints were seen on a side."""
        return sum(1 for unit in self.units for seen in unit.seen if seen & side)


def rules_of(index: RoleIndex) -> Iterator[CompiledRule]:
    """The rules of a role in an order that depends on nothing but their names."""
    yield from (rule for _, rule in sorted(index.exact.items()))
    yield from (rule for _, rule in sorted(index.prefixes.items()))
    yield index.rest


def side_of(node: Node, question: Question, asked: Asked) -> int:
    """What a constraint is on a question."""
    if node.true_for(question, asked):
        return TRUE
    return FALSE if node.opposite.true_for(question, asked) else UNKNOWN
