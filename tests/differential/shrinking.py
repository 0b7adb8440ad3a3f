"""A policy and a question on which something goes wrong in, the smallest such pair that taking parts away leads to out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from hexgate.core.errors import PolicyError
from hexgate.core.expr import syntax
from hexgate.core.expr.parser import parse
from hexgate.core.expr.printer import show
from hexgate.core.expr.syntax import Expression
from tests.differential.reference import Question

__all__ = ["smallest"]

MOST_TRIES = 4000
Wrong = Callable[[Any, Question], bool]


def smallest(policy: Any, question: Question, wrong: Wrong) -> tuple[Any, Question]:
    """Takes away one part after another for as long as it stays wrong."""
    left = MOST_TRIES
    found = True
    while found:
        found = False
        for candidate in candidates(policy, question):
            left -= 1
            if left < 0:
                return policy, question
            if wrong(*candidate):
                policy, question = candidate
                found = True
                break
    return policy, question


def candidates(policy: Any, question: Question) -> Iterator[tuple[Any, Question]]:
    """Everything that is one step smaller."""
    for less in smaller(policy):
        yield less, question
    for less_asked in smaller_questions(question):
        yield policy, less_asked


def smaller(value: Any) -> Iterator[Any]:
    """The value with one part of it gone, the large parts first; a constraint is replaced by one of its parts."""
    if isinstance(value, Mapping):
        yield from ({name: part for name, part in value.items() if name != gone} for gone in value)
        for key, inner in value.items():
            for less in shorter_constraints(inner) if key == "constraints" else smaller(inner):
                yield {**value, key: less}
    elif isinstance(value, list):
        yield from (value[:gone] + value[gone + 1 :] for gone in range(len(value)))
        for index, inner in enumerate(value):
            yield from ([*value[:index], less, *value[index + 1 :]] for less in smaller(inner))


def shorter_constraints(texts: list[str]) -> Iterator[list[str]]:
    """The list with one constraint gone, or replaced by a part of it."""
    yield from (texts[:gone] + texts[gone + 1 :] for gone in range(len(texts)))
    for index, text in enumerate(texts):
        yield from ([*texts[:index], part, *texts[index + 1 :]] for part in parts(text))


def parts(text: str) -> Iterator[str]:
    """The expressions that one is made of."""
    try:
        expression = parse(text)
    except PolicyError:
        return
    match expression:
        case syntax.Not(operand):
            yield show(operand)
            yield from (show(syntax.Not(parse(less))) for less in parts(show(operand)))
        case syntax.And(items) | syntax.Or(items):
            yield from map(show, items)
            yield from (show(less) for less in shorter(type(expression), items))
        case syntax.Quantified(kind, path):
            yield show(syntax.Quantified(kind, path, syntax.Comparison("==", syntax.Literal(1), syntax.Literal(1))))
        case _:
            return


def shorter(kind: type[syntax.And | syntax.Or], items: tuple[Expression, ...]) -> Iterator[Expression]:
    """What joins several, with one of them gone or made smaller."""
    if len(items) > 2:
        yield from (kind(items[:gone] + items[gone + 1 :]) for gone in range(len(items)))
    for index, item in enumerate(items):
        yield from (kind((*items[:index], parse(less), *items[index + 1 :])) for less in parts(show(item)))


def smaller_questions(question: Question) -> Iterator[Question]:
    """The question with one argument, attribute, role or part of them gone."""
    for less in smaller(dict(question.args)):
        yield replace(question, args=less)
    for less in smaller(dict(question.ctx)):
        yield replace(question, ctx=less)
    for less in smaller(list(question.roles)):
        yield replace(question, roles=tuple(less))
    if question.session_id is not None:
        yield replace(question, session_id=None)
