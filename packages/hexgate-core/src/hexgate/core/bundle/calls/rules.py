"""A rule of a role in, the calls out that reach it, pass it, fail each of its constraints, and try the edges of each leaf."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from hexgate.core.bundle.calls.chance import Chance
from hexgate.core.bundle.calls.coverage import ALL_SIDES, FALSE, TRUE, UNKNOWN, Unit, side_of
from hexgate.core.bundle.calls.nodes import Asked, Node
from hexgate.core.bundle.calls.pool import Pool
from hexgate.core.bundle.calls.question import Question, is_name
from hexgate.core.bundle.calls.solver import Goal, Solver, values_for
from hexgate.core.bundle.calls.thorough import Spot, prepared, spots
from hexgate.core.bundle.calls.tools import beside, stem_of, tool_for

__all__ = ["Depths", "RuleCalls"]

MOST_SPOILT, FEW = 40, 4


@dataclass(frozen=True, slots=True)
class Depths:
    """How many values of each leaf, and how many names around each rule's tool, a program leaves time for."""

    values: int
    names: int


@dataclass(slots=True)
class Known:
    """What was found for constraints that may stand in other rules as well."""

    questions: list[Question] = field(default_factory=list)
    passing: Question | None = None


class RuleCalls:
    """Makes the calls of one rule after another, and remembers what served for the same constraints."""

    def __init__(self, chance: Chance, depths: Depths) -> None:
        self.chance = chance
        self.depths = depths
        self.known: dict[tuple[int, ...], Known] = {}
        self.tried: set[int] = set()

    def of(self, unit: Unit) -> Iterator[Question]:
        """The calls of one rule. Whoever takes one shows it to the unit before taking the next."""
        tool = tool_for(unit)
        if tool is None or not is_name(unit.role):
            return
        base = Question(tool, {}, (unit.role,), {}, "alice", "s-1")
        key = tuple(map(id, unit.nodes))
        known = self.known.get(key)
        if known is None:
            known = self.known[key] = Known()
            yield from self.first(unit, base, known)
        else:
            yield from (
                question.with_tool(tool).with_caller(base.roles, question.user_id, question.session_id)
                for question in known.questions
            )
        passing = known.passing or base
        yield from (
            passing.with_tool(name).with_caller(base.roles, passing.user_id, passing.session_id)
            for name in beside(unit)[: self.depths.names]
        )

    def first(self, unit: Unit, base: Question, known: Known) -> Iterator[Question]:
        """The calls for constraints that no rule had before."""
        solver = Solver(unit.reaches, Pool(unit.nodes), self.chance, stem=stem_of(unit))
        asked = Asked(unit.role)
        goals = [Goal(node, asked) for node in unit.nodes]
        known.passing = solver.solve(base, goals)
        yield from remembered(unit, [base, *([known.passing] if known.passing else [])], known)
        start = known.passing or base
        yield from remembered(unit, self.edges(unit, solver, start, goals), known)
        for side in (TRUE, FALSE, UNKNOWN):
            for at in unit.lacks(side):
                yield from remembered(unit, self.missing(unit, solver, start, (at, side)), known)

    def edges(self, unit: Unit, solver: Solver, start: Question, goals: list[Goal]) -> Iterator[Question]:
        """The values around which each leaf decides; where another rule had the constraint, only until it was seen on all sides."""
        for at, node in enumerate(unit.nodes):
            first = id(node) not in self.tried
            self.tried.add(id(node))
            others = [goal for goal in goals if goal.node is not node]
            for spot in spots(node, goals[at].asked):
                if not first and unit.seen[at] == ALL_SIDES:
                    break
                question = decided_there(solver, start, spot, others) if first else start
                for fact in spot.leaf.facts:
                    values = values_for(question, spot.leaf, fact, spot.asked)
                    yield from islice(values, self.depths.values) if first else until_seen(unit, at, values)

    def missing(self, unit: Unit, solver: Solver, start: Question, wanted: tuple[int, int]) -> Iterator[Question]:
        """Calls on which a constraint is on a side on which it was not seen, the others being true where that can be."""
        at, side = wanted
        asked = Asked(unit.role)
        node = unit.nodes[at]
        if side == UNKNOWN:
            yield from not_known(solver, start, node, asked)
            return
        goal = Goal(node if side == TRUE else node.opposite, asked)
        others = [Goal(other, asked) for other in unit.nodes if other is not node]
        found = solver.solve(start, [goal, *others]) or solver.solve(start, [goal])
        if found is not None:
            yield found


def until_seen(unit: Unit, at: int, questions: Iterator[Question]) -> Iterator[Question]:
    """A few questions, and none once a constraint was seen on all sides."""
    for question in islice(questions, FEW):
        if unit.seen[at] == ALL_SIDES:
            return
        yield question


def decided_there(solver: Solver, start: Question, spot: Spot, others: list[Goal]) -> Question:
    """The question, changed so that one leaf decides its constraint and the other constraints hold, as far as that can be."""
    if not spot.goals and not spot.lists:
        return start
    question = prepared(start, spot)
    if question is None:
        return start
    leaf = Goal(spot.leaf, spot.asked)
    for goals in ([leaf, *spot.goals, *others], [leaf, *spot.goals], [*spot.goals]):
        found = solver.solve(question, goals) if goals else None
        if found is not None:
            return found
    return question


def not_known(solver: Solver, start: Question, node: Node, asked: Asked) -> Iterator[Question]:
    """A call on which a constraint is neither true nor false."""
    for question in islice(solver.spoilt(start, node, asked), MOST_SPOILT):
        if side_of(node, question, asked) == UNKNOWN:
            yield question
            return


def remembered(unit: Unit, questions: Iterator[Question] | list[Question], known: Known) -> Iterator[Question]:
    """The questions; those that showed something new are kept for rules with the same constraints."""
    for question in questions:
        before = (unit.reached, *unit.seen)
        yield question
        if (unit.reached, *unit.seen) != before:
            known.questions.append(question)
