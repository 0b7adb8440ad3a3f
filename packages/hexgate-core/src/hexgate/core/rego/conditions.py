"""A condition in, Rego out: the rules of one check, and the names of the functions that they call.

What must all hold stands in one body. What need hold in one of several ways has a rule of its own, with a body for each way.

# INVARIANT: nothing is negated that may be undefined: the condition has no `not`, and every leaf has a function for either side.
"""

from __future__ import annotations

import re

from hexgate.core.expr.normal import All, AnyOf, Condition, Each, Holds
from hexgate.core.expr.syntax import Path, nodes_of
from hexgate.core.rego.helpers import NAMES
from hexgate.core.rego.leaves import Scope, leaf_call, reference

__all__ = ["NAME", "check_rules", "functions_in"]

# Stands for the name of the check until it has one. No text that is printed holds it.
NAME = "\0"
TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
CALLED = re.compile(r"[a-z_]+(?=\()")


def check_rules(condition: Condition, role: str) -> list[str]:
    """The rules of a check whose name is still to be put in, those first that the others call."""
    writer = Writer(role)
    for body in writer.ways(condition, "item", 1):
        writer.rules.append(rule("holds(id)", [f'id == "{NAME}"', *body]))
    return writer.rules


def rule(head: str, body: list[str]) -> str:
    """A rule with one line for each expression."""
    return f"{head} if {{\n{indented(body)}\n}}"


def indented(lines: list[str]) -> str:
    """The lines one level deeper."""
    return "\n".join(f"\t{line}" for line in lines)


class Writer:
    """Writes the rules of one check. A body is a list of lines; `item` is how the innermost element is called in it."""

    def __init__(self, role: str) -> None:
        self.role = role
        self.rules: list[str] = []
        self.parts = 0

    def ways(self, condition: Condition, item: str, depth: int) -> list[list[str]]:
        """The bodies one of which has to hold."""
        match condition:
            case AnyOf(items):
                return [way for each in items for way in self.ways(each, item, depth)]
            case Each("any", path, body):
                return [
                    [f"some {self.element(body, depth)} in {self.elements(path, item)}", *lines]
                    for lines in self.ways(body, named(depth), depth + 1)
                ]
            case _:
                return [self.body(condition, item, depth)]

    def body(self, condition: Condition, item: str, depth: int) -> list[str]:
        """The lines all of which have to hold."""
        match condition:
            case Holds(leaf, wanted):
                return [leaf_call(leaf, wanted, Scope(self.role, item))]
            case All(items):
                return [line for each in items for line in self.body(each, item, depth)]
            case Each("every", path, body):
                lines = indented(self.body(body, named(depth), depth + 1)).split("\n")
                return [f"every {self.element(body, depth)} in {self.elements(path, item)} {{", *lines, "}"]
            case _:
                return [self.part(condition, item, depth)]

    def part(self, condition: Condition, item: str, depth: int) -> str:
        """The call of a rule of its own, for what holds in one of several ways."""
        self.parts += 1
        head = f"{NAME}_{self.parts}" + (f"({item})" if reads_item(condition) else "")
        for body in self.ways(condition, item, depth):
            self.rules.append(rule(head, body))
        return head

    def elements(self, path: Path, item: str) -> str:
        """The list over which a quantifier goes."""
        return f"elements({reference(path, Scope(self.role, item))})"

    def element(self, body: Condition, depth: int) -> str:
        """What an element is called; OPA wants no name for one that nothing reads."""
        return named(depth) if reads_item(body) else "_"


def named(depth: int) -> str:
    """The name of an element, by how many quantifiers there are around it."""
    return "item" if depth == 1 else f"item_{depth}"


def reads_item(condition: Condition) -> bool:
    """Whether a condition reads the element that it is asked about; what stands in another quantifier reads that one's."""
    match condition:
        case Holds(leaf, _):
            return any(isinstance(node, Path) and node.root == "item" for node in nodes_of(leaf))
        case All(items) | AnyOf(items):
            return any(map(reads_item, items))
        case _:
            return condition.path.root == "item"


def functions_in(rule: str) -> frozenset[str]:
    """The functions of ours that a printed rule calls."""
    return NAMES.intersection(CALLED.findall(TEXT.sub("", rule)))
