"""The whole stream: for each rule its calls, then callers with several roles or none, then mixtures of all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hexgate.core.bundle.calls.callers import caller_calls
from hexgate.core.bundle.calls.chance import Chance
from hexgate.core.bundle.calls.coverage import Coverage
from hexgate.core.bundle.calls.mixing import Kept, mixed
from hexgate.core.bundle.calls.pool import leaves_of
from hexgate.core.bundle.calls.question import Question
from hexgate.core.bundle.calls.rules import Depths, RuleCalls

__all__ = ["VERSION", "Progress", "covering_calls"]

# INVARIANT: whatever changes the calls of any program changes this.
VERSION = "hexgate.calls/1"

# What a program may take: the values of all leaves, and the names of all tools, that are tried together.
MOST_VALUES, MOST_NAMES = 60_000, 20_000
FEWEST_VALUES, MOST_VALUES_OF_A_LEAF = 4, 200
FEWEST_MIXED = 100

Progress = Callable[[int, int], None]


def covering_calls(
    coverage: Coverage, *, calls: int, seed: str, progress: Progress | None = None
) -> Iterator[Question]:
    """At least so many calls, and as many as covering takes; what each of them shows is noted in the coverage."""
    chance = Chance(VERSION, coverage.program.digest, seed)
    kept = Kept(Chance(VERSION, "kept", seed))
    made = RuleCalls(chance, depths(coverage))
    for done, unit in enumerate(coverage.units):
        for question in made.of(unit):
            yield noted(question, coverage, kept)
        if progress is not None:
            progress(done + 1, len(coverage.units))
    for question in caller_calls(coverage, chance):
        yield noted(question, coverage, kept)
    for question in mixed(kept, max(calls - kept.passed, FEWEST_MIXED)):
        yield noted(question, coverage, kept)


def noted(question: Question, coverage: Coverage, kept: Kept) -> Question:
    """The question, after it was looked at."""
    coverage.see(question)
    kept.see(question)
    return question


def depths(coverage: Coverage) -> Depths:
    """How thoroughly a program of this size is asked."""
    nodes = {id(node): node for unit in coverage.units for node in unit.nodes}
    leaves = sum(1 for node in nodes.values() for _ in leaves_of(node))
    return Depths(
        min(max(MOST_VALUES // max(leaves, 1), FEWEST_VALUES), MOST_VALUES_OF_A_LEAF),
        min(max(MOST_NAMES // max(len(coverage.units), 1), 1), 9),
    )
