"""A question and what has to hold of it in, a question that is as wanted out, or None where none was found in the work allowed.

It is a local search: of the changes that mend one leaf that does not hold, the one after which the least is left to mend. What two
leaves say of one fact is put together first, so that `x > 100` and `x < 200` do not take turns.

# INVARIANT: what is returned was evaluated: every goal holds of it, and the tool still leads to the rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from hexgate.core.bundle.calls.chance import Chance
from hexgate.core.bundle.calls.nodes import Asked, Fact, Node, absolute, element, other_value, read
from hexgate.core.bundle.calls.pool import Pool
from hexgate.core.bundle.calls.question import ABSENT, Question, put
from hexgate.core.bundle.calls.series import series, through
from hexgate.core.expr.normal import All, AnyOf, Each, Holds
from hexgate.core.expr.syntax import Path

__all__ = ["Goal", "Solver", "values_for"]

MOST_ROUNDS, MOST_STALE_ROUNDS = 24, 4
MOST_MOVES = 60
TOOL = Path("tool")
# With how many values of the one side the other side of a comparison of two facts is tried.
MOST_SEEDS = 4
SEEDED = 6
# Removed, and of types that few leaves take: what leaves most leaves unknown.
SPOILT: tuple[Any, ...] = (ABSENT, {}, True, None, 5)


@dataclass(frozen=True, slots=True)
class Goal:
    """A condition that has to hold, or must not, whatever else it is."""

    node: Node
    asked: Asked
    wanted: bool = True

    @property
    def hopeless(self) -> bool:
        """Whether no call whatever reaches it."""
        return self.wanted and self.node.impossible

    def distance(self, question: Question) -> int:
        """How far a question is from it."""
        if self.wanted:
            return self.node.distance(question, self.asked)
        return int(self.node.true_for(question, self.asked))


class Solver:
    """Finds questions for one rule: `reaches` says which tools lead to it, `stem` how they begin, `pool` what it says of facts."""

    def __init__(self, reaches: Callable[[str], bool], pool: Pool, chance: Chance, *, stem: str = "") -> None:
        self.reaches = reaches
        self.stem = stem
        self.pool = pool
        self.chance = chance

    def solve(self, question: Question, goals: Sequence[Goal], rounds: int = MOST_ROUNDS) -> Question | None:
        """The question, changed until every goal holds."""
        if any(goal.hopeless for goal in goals):
            return None
        left, stale = total(question, goals), 0
        for _ in range(rounds):
            if left == 0 or stale == MOST_STALE_ROUNDS:
                break
            goal = next(goal for goal in self.shuffled(goals) if goal.distance(question))
            found = self.best(question, goals, goal, left)
            if found is None:
                break
            stale += found[1] >= left
            question, left = found
        return question if left == 0 else None

    def shuffled(self, goals: Sequence[Goal]) -> Iterator[Goal]:
        """The goals in their order, begun anywhere."""
        start = self.chance.below(len(goals))
        yield from goals[start:]
        yield from goals[:start]

    def best(self, question: Question, goals: Sequence[Goal], goal: Goal, left: int) -> tuple[Question, int] | None:
        """The change for one goal after which the least is left; the first one that brings it nearer and harms nothing."""
        alternatives: list[Question] = []
        least: int | None = None
        for changed in filter(None, map(self.reaching, islice(self.changes(question, goal), MOST_MOVES))):
            after = total(changed, goals)
            if after < left:
                return changed, after
            if least is None or after < least:
                alternatives, least = [], after
            if after == least:
                alternatives.append(changed)
        return None if least is None else (self.chance.pick(alternatives), least)

    def reaching(self, question: Question) -> Question | None:
        """The question with a tool that leads to the rule; what was wanted of it may stand behind the stem."""
        if self.reaches(question.tool):
            return question
        longer = put(question, TOOL, f"{self.stem}{question.tool}")
        return longer if longer is not None and self.reaches(longer.tool) else None

    def changes(self, question: Question, goal: Goal) -> Iterator[Question]:
        """Questions that are nearer to one goal, perhaps at the cost of others."""
        if goal.wanted:
            return self.mended(question, goal.node, goal.asked)
        return self.broken(question, goal.node, goal.asked)

    def broken(self, question: Question, node: Node, asked: Asked) -> Iterator[Question]:
        """Questions on which a condition no longer holds: it is false, or nothing is known."""
        yield from islice(self.mended(question, node.opposite, asked), MOST_MOVES // 2)
        yield from self.spoilt(question, node, asked)

    def spoilt(self, question: Question, node: Node, asked: Asked) -> Iterator[Question]:
        """Questions in which one fact that a condition reads is not there, or is nothing that can be compared."""
        paths = list(dict.fromkeys(paths_of(node, asked)))
        for value in SPOILT:
            yield from filter(None, (put(question, path, value) for path in paths))
        for value in SPOILT:
            changed: Question | None = question
            for path in paths:
                changed = put(changed, path, value) if changed else None
            if changed:
                yield changed

    def mended(self, question: Question, node: Node, asked: Asked) -> Iterator[Question]:
        """Questions on which a condition holds, or holds nearly."""
        match node.condition:
            case Holds():
                for fact in node.facts:
                    yield from self.leaf_changes(question, node, fact, asked)
            case All():
                for part in node.parts:
                    if not part.true_for(question, asked):
                        yield from self.mended(question, part, asked)
            case AnyOf():
                for part in sorted(node.parts, key=lambda part: part.distance(question, asked)):
                    yield from islice(self.mended(question, part, asked), MOST_MOVES // len(node.parts) + 2)
            case _:
                yield from self.loop_changes(question, node, node.condition, asked)

    def leaf_changes(self, question: Question, node: Node, fact: Fact, asked: Asked) -> Iterator[Question]:
        """Questions with another value of one fact on which the leaf holds."""
        for changed in self.with_values(question, node, fact, asked):
            if node.true_for(changed, asked):
                yield changed
        for other in node.facts:
            if other.side == fact.side:
                continue
            for seeded in islice(self.with_values(question, node, other, asked), MOST_SEEDS):
                for changed in islice(self.with_values(seeded, node, fact, asked), SEEDED):
                    if node.true_for(changed, asked):
                        yield changed

    def with_values(self, question: Question, node: Node, fact: Fact, asked: Asked) -> Iterator[Question]:
        """Questions with other values of one fact, those first on which all leaves that read it agree."""
        path = absolute(fact.path, asked)
        for value in self.pool.values(fact.path):
            changed = put(question, path, value)
            if changed is not None:
                yield changed
        yield from values_for(question, node, fact, asked)

    def loop_changes(self, question: Question, node: Node, each: Each, asked: Asked) -> Iterator[Question]:
        """Questions with another list, or with an element that is nearer."""
        path = absolute(each.path, asked)
        elements = read(question, path, asked.role)
        if type(elements) is not list or (each.kind == "any" and not elements):
            yield from filter(None, [put(question, path, [None]), put(question, path, [])])
            return
        body = node.parts[0]
        for at in range(len(elements)):
            place = Asked(asked.role, element(path, at))
            if each.kind == "any" or not body.true_for(question, place):
                yield from self.mended(question, body, place)
                yield from filter(None, [put(question, path, elements[:at] + elements[at + 1 :])])


def values_for(question: Question, node: Node, fact: Fact, asked: Asked) -> Iterator[Question]:
    """Questions with the values around which one leaf decides, for one fact of it."""
    path = absolute(fact.path, asked)
    leaf = node.condition.leaf  # type: ignore[union-attr]
    now = read(question, path, asked.role)
    tried: set[str] = set()
    for value in series(leaf, fact.side, other_value(leaf, fact.side, question, asked)):
        for inner in through(fact.operand, value, now):
            if (written := repr(inner)) not in tried:
                tried.add(written)
                changed = put(question, path, inner)
                if changed is not None:
                    yield changed


def paths_of(node: Node, asked: Asked) -> Iterator[Path]:
    """The facts that a condition reads; of a loop the list."""
    if isinstance(node.condition, Each):
        yield absolute(node.condition.path, asked)
        return
    yield from (absolute(fact.path, asked) for fact in node.facts)
    for part in node.parts:
        yield from paths_of(part, asked)


def total(question: Question, goals: Sequence[Goal]) -> int:
    """How far a question is from all goals together."""
    return sum(goal.distance(question) for goal in goals)
