"""A constraint in, the spots at which one leaf alone decides it out: the values of that leaf are what an engine can get wrong.

A leaf that stands in an `or` decides only while the other sides do not hold; one in a loop while the list has one element.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from hexgate.core.bundle.calls.nodes import Asked, Node, absolute, element, read
from hexgate.core.bundle.calls.question import Question, put
from hexgate.core.bundle.calls.solver import Goal
from hexgate.core.expr.normal import All, AnyOf, Holds
from hexgate.core.expr.syntax import Path

__all__ = ["Spot", "prepared", "spots"]

MOST_SPOTS = 80


@dataclass(frozen=True, slots=True)
class Spot:
    """A leaf, what has to hold so that it decides, and the lists that have to have one element first."""

    leaf: Node
    asked: Asked
    goals: tuple[Goal, ...] = ()
    lists: tuple[Path, ...] = ()


def spots(node: Node, asked: Asked) -> list[Spot]:
    """The spots of a constraint, of a very long one the first."""
    return list(islice(within(node, Spot(node, asked)), MOST_SPOTS))


def within(node: Node, spot: Spot) -> Iterator[Spot]:
    """The spots of one part of a constraint."""
    match node.condition:
        case Holds():
            yield Spot(node, spot.asked, spot.goals, spot.lists)
        case All() | AnyOf():
            wanted = isinstance(node.condition, All)
            for at, part in enumerate(node.parts):
                others = tuple(Goal(other, spot.asked, wanted) for i, other in enumerate(node.parts) if i != at)
                yield from within(part, Spot(node, spot.asked, spot.goals + others, spot.lists))
        case _:
            path = absolute(node.condition.path, spot.asked)
            asked = Asked(spot.asked.role, element(path, 0))
            yield from within(node.parts[0], Spot(node, asked, spot.goals, (*spot.lists, path)))


def prepared(question: Question, spot: Spot) -> Question | None:
    """The question with exactly one element in each list around a spot; what stands there already stays."""
    changed: Question | None = question
    for path in spot.lists:
        if changed is None:
            break
        elements = read(changed, path, spot.asked.role)
        changed = put(changed, path, elements[:1] if type(elements) is list and elements else [None])
    return changed
