"""Joined conditions and quantifiers are three-valued: what is known decides, whatever the rest, and nothing is guessed."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexgate.core import ToolCall, User
from hexgate.core.engine.conditions import prepare
from hexgate.core.expr import parse
from hexgate.core.expr.normal import normalise

USER = User("u")
# How an argument is left out, false or true of `args.N == 1`.
WAYS: dict[bool | None, dict[str, int]] = {None: {}, False: {"v": 0}, True: {"v": 1}}


def truth(constraint: str, arguments: dict[str, Any]) -> bool | None:
    tree, call = parse(constraint), ToolCall("t", arguments)
    yes, no = (prepare(normalise(tree, {}, wanted=wanted))(call, USER, "r", None) for wanted in (True, False))
    assert not (yes and no)
    return True if yes else False if no else None


def kleene_and(values: list[bool | None]) -> bool | None:
    return False if False in values else None if None in values else True


def kleene_or(values: list[bool | None]) -> bool | None:
    return True if True in values else None if None in values else False


@pytest.mark.parametrize("count", [2, 3, 4])
def test_and_and_or_are_those_of_three_values(count: int) -> None:
    names = "abcd"[:count]
    for values in itertools.product((None, False, True), repeat=count):
        arguments = {name: WAYS[value]["v"] for name, value in zip(names, values, strict=True) if value is not None}
        leaves = [f"args.{name} == 1" for name in names]
        assert truth(" and ".join(leaves), arguments) is kleene_and(list(values))
        assert truth(" or ".join(leaves), arguments) is kleene_or(list(values))


ELEMENTS = st.lists(st.sampled_from([0, 1, "x", None]), max_size=5)


def of(element: Any) -> bool | None:
    """What `. > 0` is of an element."""
    return None if element in ("x", None) else element > 0


@given(ELEMENTS)
def test_every_and_any_are_and_and_or_over_the_elements(elements: list[Any]) -> None:
    values = [of(element) for element in elements]
    assert truth("every(args.l, . > 0)", {"l": elements}) is kleene_and(values)
    assert truth("any(args.l, . > 0)", {"l": elements}) is kleene_or(values)


@given(ELEMENTS)
def test_counted_loops_answer_as_the_others(elements: list[Any]) -> None:
    arguments = {"l": elements, "zero": 0}
    assert truth("every(args.l, . > args.zero)", arguments) is truth("every(args.l, . > 0)", arguments)
    assert truth("any(args.l, . > args.zero)", arguments) is truth("any(args.l, . > 0)", arguments)


@pytest.mark.parametrize("value", [None, 5, "abc", {"a": 1}, True])
@pytest.mark.parametrize("body", [". == 1", ". == args.y", "any(., . == 1)", "any(args.z, . == 1)"])
def test_a_quantifier_over_what_is_no_list_is_unknown(value: Any, body: str) -> None:
    arguments = {"x": value, "y": 1, "z": []}
    for kind in ("every", "any"):
        assert truth(f"{kind}(args.x, {body})", arguments) is None
        assert truth(f"{kind}(args.x, {body})", {}) is None


def test_every_is_true_and_any_is_false_of_an_empty_list() -> None:
    assert truth("every(args.x, . == 1)", {"x": []}) is True
    assert truth("any(args.x, . == 1)", {"x": []}) is False


@pytest.mark.parametrize(
    ("constraint", "wanted"),
    [
        ("every(args.rows, any(.cells, . == 1))", True),
        ("any(args.rows, every(.cells, . == 1))", False),
        ("every(args.rows, every(.cells, . <= args.most))", True),
        ("any(args.rows, any(.cells, . == args.ghost))", None),
        ("every(args.rows, .name == 'a' or count(.cells) == 2)", True),
        ("any(args.rows, lower(.name) in args.names)", True),
        ("any(args.rows, .ghost == 1 or every(.cells, . > 0))", True),
        ("every(args.rows, any(args.names, . == 'b' and exists(.x)))", False),
    ],
)
def test_loops_in_loops_read_their_own_element(constraint: str, wanted: bool | None) -> None:
    rows = [{"name": "A", "cells": [1, 2]}, {"name": "B", "cells": [1, 3]}]
    assert truth(constraint, {"rows": rows, "names": ["b"], "most": 3}) is wanted
