"""A condition in, the same tree out with what finding calls for it takes: closures, the facts of leaves, how far a call is from it.

A fact inside of a quantifier belongs to one element. Which one is said by the place of the element, an absolute path, so that a
fact of an element is read and changed like any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hexgate.core.bundle.calls.question import ABSENT, Question
from hexgate.core.bundle.calls.series import operands_of
from hexgate.core.engine.conditions import prepare
from hexgate.core.engine.functions import Closure
from hexgate.core.engine.values import MISSING, literal, operand_getter, path_getter
from hexgate.core.expr import syntax
from hexgate.core.expr.normal import All, AnyOf, Condition, Each, Holds, opposite
from hexgate.core.expr.syntax import Operand, Path
from hexgate.core.policy.lint.budget import WorkExceededError as LintWorkExceededError
from hexgate.core.policy.lint.budget import limited
from hexgate.core.policy.lint.demands import impossible
from hexgate.core.program.work import WorkExceededError

__all__ = ["Asked", "Fact", "Node", "absolute", "element", "other_value", "read"]

# How far a call is from a loop that finds no list, or no element in it.
NO_LIST, NO_ELEMENT = 100, 50
# Of finding out whether a condition can hold at all.
MOST_WORK = 20_000


@dataclass(frozen=True, slots=True)
class Fact:
    """One operand of a leaf that reads something: which side it is, and its path; inside of a loop from the element."""

    side: int
    operand: Operand
    path: Path


@dataclass(frozen=True, slots=True)
class Asked:
    """Of whom a question is asked: the role, and inside of a loop the place of the element."""

    role: str
    item: Path | None = None


class Node:
    """A condition, its parts and, of a leaf, its facts."""

    __slots__ = ("condition", "facts", "holds", "known_impossible", "other_side", "parts")

    def __init__(self, condition: Condition) -> None:
        self.condition = condition
        self.holds: Closure = prepare(condition)
        self.parts: tuple[Node, ...] = tuple(map(Node, parts_of(condition)))
        self.facts = facts_of(condition.leaf) if isinstance(condition, Holds) else ()
        self.other_side: Node | None = None
        self.known_impossible: bool | None = None

    @property
    def opposite(self) -> Node:
        """The condition under which this one is known to be false."""
        if self.other_side is None:
            self.other_side = Node(opposite(self.condition))
        return self.other_side

    @property
    def impossible(self) -> bool:
        """Whether it is certain that the condition holds for no call whatever."""
        if self.known_impossible is None:
            self.known_impossible = never_holds(self.condition)
        return self.known_impossible

    def true_for(self, question: Question, asked: Asked) -> bool:
        """Whether the condition holds; what asks for too much work does not."""
        item = None if asked.item is None else read(question, asked.item, asked.role)
        call, user = question.made_call or question.call, question.made_user or question.user
        try:
            return self.holds(call, user, asked.role, item)
        except WorkExceededError:
            return False

    def distance(self, question: Question, asked: Asked) -> int:
        """How many leaves have to change, at least, until the condition holds."""
        if self.true_for(question, asked):
            return 0
        match self.condition:
            case Holds():
                return 1
            case All():
                return sum(part.distance(question, asked) for part in self.parts)
            case AnyOf():
                return min((part.distance(question, asked) for part in self.parts), default=1)
            case _:
                return self.loop_distance(self.condition, question, asked)

    def loop_distance(self, each: Each, question: Question, asked: Asked) -> int:
        """The same for a loop that does not hold."""
        path = absolute(each.path, asked)
        elements = read(question, path, asked.role)
        if type(elements) is not list:
            return NO_LIST
        body = self.parts[0]
        inner = (body.distance(question, Asked(asked.role, element(path, at))) for at in range(len(elements)))
        return sum(inner) if each.kind == "every" else min(inner, default=NO_ELEMENT)


def never_holds(condition: Condition) -> bool:
    """Whether it is certain that a condition holds for no call; what is not found out in the work allowed is not certain."""
    try:
        with limited(MOST_WORK):
            return impossible(condition)
    except LintWorkExceededError:
        return False


def parts_of(condition: Condition) -> tuple[Condition, ...]:
    """The conditions right below."""
    match condition:
        case All(items) | AnyOf(items):
            return items
        case Each():
            return (condition.body,)
        case _:
            return ()


def facts_of(leaf: syntax.Leaf) -> tuple[Fact, ...]:
    """What a leaf reads."""
    found = ((side, operand, path_of(operand)) for side, operand in enumerate(operands_of(leaf)))
    return tuple(Fact(side, operand, path) for side, operand, path in found if path is not None)


def path_of(operand: Operand) -> Path | None:
    """The fact below `count` and `lower`."""
    match operand:
        case Path():
            return operand
        case syntax.Count(path):
            return path
        case syntax.Lower(inner):
            return path_of(inner)
        case _:
            return None


def other_value(leaf: syntax.Leaf, side: int, question: Question, asked: Asked) -> Any:
    """The value of the other operand of a leaf, `ABSENT` where there is none."""
    operands = operands_of(leaf)
    if len(operands) == 1:
        return ABSENT
    other = operands[1 - side]
    if isinstance(other, syntax.Literal):
        return literal(other.value)
    item = None if asked.item is None else read(question, asked.item, asked.role)
    value = operand_getter(other)(question.call, question.user, asked.role, item)
    return ABSENT if value is MISSING else value


def absolute(path: Path, asked: Asked) -> Path:
    """The path from the question and not from an element of it."""
    if path.root != "item" or asked.item is None:
        return path
    return Path(asked.item.root, asked.item.steps + path.steps)


def element(path: Path, at: int) -> Path:
    """The place of one element of a list."""
    return Path(path.root, (*path.steps, at))


def read(question: Question, path: Path, role: str) -> Any:
    """The value at an absolute path, `MISSING` where there is none."""
    return path_getter(path)(question.call, question.user, role, None)
