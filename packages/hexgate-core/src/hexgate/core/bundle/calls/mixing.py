"""Calls that were made in, further ones out that are mixed of them: nobody thought of these."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hexgate.core.bundle.calls.chance import Chance
from hexgate.core.bundle.calls.question import Question
from hexgate.core.identity.user import MOST_ROLES

__all__ = ["Kept", "mixed"]

MOST_KEPT = 2000


class Kept:
    """A fair choice of the calls that went by, however many they are."""

    def __init__(self, chance: Chance) -> None:
        self.chance = chance
        self.questions: list[Question] = []
        self.passed = 0

    def see(self, question: Question) -> None:
        """Keeps a question, at times in the place of another one."""
        self.passed += 1
        if len(self.questions) < MOST_KEPT:
            self.questions.append(question)
            return
        at = self.chance.below(self.passed)
        if at < MOST_KEPT:
            self.questions[at] = question


def mixed(kept: Kept, count: int) -> Iterator[Question]:
    """So many calls, each of two that were made."""
    chance, questions = kept.chance, list(kept.questions)
    for _ in range(count):
        first, second = chance.pick(questions), chance.pick(questions)
        roles = first.roles if chance.below(2) else tuple(dict.fromkeys(first.roles + second.roles))[:MOST_ROLES]
        yield Question(
            (first, second)[chance.below(4) == 0].tool,
            crossed(chance, first.args, second.args),
            roles[::-1] if chance.below(4) == 0 else roles,
            crossed(chance, first.ctx, second.ctx),
            (first, second)[chance.below(2)].user_id,
            (first, second)[chance.below(2)].session_id,
        )


def crossed(chance: Chance, first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """The fields of two objects, of one that both have either, and now and then one left out."""
    found: dict[str, Any] = {}
    for name in sorted({*first, *second}):
        source = (
            (first, second)[chance.below(2)]
            if name in first and name in second
            else (first if name in first else second)
        )
        if chance.below(8):
            found[name] = source[name]
    return found
