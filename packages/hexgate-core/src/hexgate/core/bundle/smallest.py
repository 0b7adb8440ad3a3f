"""A question on which something goes wrong in, the smallest one that taking parts away leads to out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from hexgate.core.bundle.calls.question import Question

__all__ = ["smallest"]

MOST_TRIES = 3000
LONGEST_KEPT = 8


def smallest(question: Question, wrong: Callable[[Question], bool]) -> Question:
    """Takes away one part after another for as long as it stays wrong."""
    tries = MOST_TRIES
    smaller = True
    while smaller and tries:
        smaller = False
        for candidate in candidates(question):
            tries -= 1
            if tries == 0:
                break
            if wrong(candidate):
                question, smaller = candidate, True
                break
    return question


def candidates(question: Question) -> Iterator[Question]:
    """Everything that is one step smaller."""
    for at in range(len(question.roles)):
        roles = question.roles[:at] + question.roles[at + 1 :]
        yield question.with_caller(roles, question.user_id, question.session_id)
    if question.user_id is not None:
        yield question.with_caller(question.roles, None, question.session_id)
    if question.session_id is not None:
        yield question.with_caller(question.roles, question.user_id, None)
    yield from map(question.with_args, less(question.args))
    yield from map(question.with_ctx, less(question.ctx))


def less(value: Any) -> Iterator[Any]:
    """A value with a part of it gone, the large parts first."""
    if type(value) is dict:
        yield from ({name: inner for name, inner in value.items() if name != gone} for gone in value)
        for name, inner in value.items():
            yield from ({**value, name: changed} for changed in less(inner))
    elif type(value) is list:
        yield from ([], value[: len(value) // 2]) if len(value) > 1 else ()
        yield from (value[:at] + value[at + 1 :] for at in range(min(len(value), LONGEST_KEPT)))
        for at, inner in enumerate(value[:LONGEST_KEPT]):
            yield from ([*value[:at], changed, *value[at + 1 :]] for changed in less(inner))
    elif type(value) is str and len(value) > 1:
        yield from (value[: len(value) // 2], value[len(value) // 2 :], value[1:], value[:-1])
    elif type(value) is int and abs(value) > 10**6:
        yield from (value // 10**6, value // 10)
