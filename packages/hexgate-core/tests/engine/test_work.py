"""A call cannot keep the engine busy: what a loop may look at is counted, and too much of it is a denial with a code."""

from __future__ import annotations

from typing import Literal

import pytest

from hexgate.core import Hexgate, Policy, User, compile_policy
from hexgate.core.expr.normal import Each
from hexgate.core.expr.patterns import compile_pattern
from hexgate.core.program.work import MOST_LOOP_WORK, MOST_PATTERN_WORK, TURN, LoopCost, cost_of

NOBODY = User(None)


def gate(constraint: str) -> Hexgate:
    return Hexgate.from_policy(Policy.model_validate({"tools": {"t": {"mode": "allow", "constraints": [constraint]}}}))


@pytest.mark.unwatched
@pytest.mark.parametrize(
    ("constraint", "arguments"),
    [
        ("every(args.a, . in args.b)", {"a": [1] * 100_000, "b": [2] * 100_000}),
        ("every(args.a, not contains(args.text, .))", {"a": ["zq"] * 100_000, "text": "y" * 300_000}),
        ("every(args.a, any(args.b, . == 7))", {"a": [1] * 5_000, "b": [2] * 4_999 + [7]}),
        ("any(args.a, any(.b, lower(args.text) == .))", {"a": [{"b": ["x"] * 5_000}] * 5, "text": "Y" * 20_000}),
        ("every(args.a, any(ctx.allowed, . == 1))", {"a": [1] * 200_000}),
        (" or ".join(f". == {n}" for n in range(300)).join(("every(args.a, ", ")")), {"a": [299] * 20_000}),
        ('any(args.a, any(args.b, contains(., "y")))', {"a": [0] * 1_000, "b": ["x" * 500_000]}),
        (
            'any(args.a, any(args.b, any(.c, endswith(lower(.), "y"))))',
            {"a": [0] * 1_000, "b": [{"c": ["x" * 500_000]}]},
        ),
        ('any(args.a, any(args.b, . == "y" or count(.) == 7))', {"a": [0] * 1_000, "b": ["x" * 500_000]}),
        ("any(args.a, any(args.b, .[0] != .[1]))", {"a": [0] * 1_000, "b": [["x" * 200_000] * 2]}),
        ('matches(args.text, "[ab].{900}Q")', {"text": "é" * 400_000}),
    ],
)
def test_a_loop_that_would_walk_the_call_too_often_is_denied(constraint: str, arguments: dict[str, object]) -> None:
    caller = User(None, attributes={"allowed": [2] * 999 + [1]})
    decision = gate(constraint).decide("t", arguments, user=caller)
    assert (decision.outcome, decision.code, decision.violations) == ("deny", "work_exceeded", ())
    assert gate(constraint).explain("t", arguments, user=caller).roles == ()


@pytest.mark.unwatched
@pytest.mark.parametrize(
    ("constraint", "arguments"),
    [
        ("every(args.a, . in args.b)", {"a": [1] * 1_000, "b": [2] * 900 + [1]}),
        ("every(args.a, any(args.b, . == 7))", {"a": [1] * 200, "b": [2] * 1_000 + [7]}),
        ("every(args.a, . < 5 and startswith(.[0], 'x')) or args.b == 1", {"a": [1] * 100_000, "b": 1}),
        (
            'any(args.a, any(args.b, "y" == . or 7 < . or . in ["y"] or startswith(., "y") or not exists(.))) or args.k == 1',
            {"a": [0] * 1_000, "b": ["x" * 500_000], "k": 1},
        ),
        ("not any(args.a, any(args.b, any(args.c, . == 1)))", {"a": [0] * 9, "b": [0] * 9, "c": ["x" * 500_000]}),
        ("every(args.a, any(.b, . == 1))", {"a": [{"b": [0, 1]}] * 40_000}),
        ("every(args.a, role == 'default' and tool == 't')", {"a": [1] * 100_000}),
        (f"every(args.a, . in {list(range(500))} and . not in ['x', true, null, 7.5])", {"a": [499] * 100_000}),
        ('matches(args.text, "^(a+b?)+$")', {"text": "ab" * 400_000}),
    ],
)
def test_a_loop_over_much_data_is_decided_as_long_as_its_work_is_bounded(
    constraint: str, arguments: dict[str, object]
) -> None:
    assert gate(constraint).decide("t", arguments, user=NOBODY).allowed


def test_the_work_of_one_decision_is_not_charged_to_the_next() -> None:
    busy = gate("every(args.a, . in args.b)")
    arguments = {"a": [1] * 900, "b": [1] * 7_000}
    assert [busy.decide("t", arguments, user=NOBODY).code for _ in range(3)] == ["allowed"] * 3


@pytest.mark.unwatched
def test_an_explanation_says_unknown_where_finding_out_would_take_too_much_work() -> None:
    busy = gate("args.ok == 1 or every(args.a, . in args.b)")
    explanation = busy.explain("t", {"ok": 1, "a": [1] * 100_000, "b": [2] * 100_000}, user=NOBODY)
    assert explanation.decision.allowed
    assert [part.truth for part in explanation.roles[0].checks[0].parts] == ["true", "unknown"]


@pytest.mark.parametrize("engine", ["native", "wasm"])
def test_the_bound_itself_is_allowed_and_one_turn_more_is_not(engine: Literal["native", "wasm"]) -> None:
    constraint = "any(args.a, . == 1 or . == 2 or . == 3 or . == 4)"
    hexgate = Hexgate.from_policy({"tools": {"t": {"mode": "allow", "constraints": [constraint]}}}, engine=engine)
    turns = MOST_LOOP_WORK // (4 * TURN)
    assert hexgate.decide("t", {"a": [4] * turns}, user=NOBODY).code == "allowed"
    assert hexgate.decide("t", {"a": [4] * (turns + 1)}, user=NOBODY).code == "work_exceeded"


def test_a_loop_takes_the_bytes_of_arguments_and_attributes_together() -> None:
    hexgate = gate("any(args.a, . in ctx.b)")
    many, most = ["x" * 16_000], MOST_LOOP_WORK // 32_100
    user = User(None, attributes={"b": many})
    arguments = {"a": ["y"] * most, "c": "z" * (16_000 - 4 * most)}
    assert hexgate.decide("t", arguments, user=user).code == "constraint_failed"
    assert hexgate.decide("t", {**arguments, "d": "z" * 200}, user=user).code == "work_exceeded"


def cost(constraint: str, *, inside: bool = False) -> LoopCost:
    """What the outermost loop of a constraint costs."""
    program = compile_policy(Policy.model_validate({"tools": {"t": {"mode": "allow", "constraints": [constraint]}}}))
    condition = program.roles["default"].exact["t"].checks[0].condition
    assert isinstance(condition, Each)
    return cost_of(condition, inside=inside)


@pytest.mark.parametrize(
    ("constraint", "counts"),
    [
        ("any(args.a, . == 1 or . == 2)", False),
        ("any(args.a, . == 1 or . == 2 or . == 3)", True),
        ("any(args.a, any(.b, . == 1))", False),
        ("any(args.a, any(.b, . == args.c))", True),
        ("any(args.a, any(args.b, . == 1))", True),
        ("any(args.a, . == 1 and . == ctx.c)", True),
        ("any(args.a, lower(args.c) == .)", True),
        ("any(args.a, count(args.c) == .)", True),
        ("any(args.a, role == 'x')", False),
    ],
)
def test_a_loop_counts_when_its_body_is_long_or_looks_at_more_than_its_element(constraint: str, counts: bool) -> None:
    assert cost(constraint).counts is counts
    assert cost(constraint, inside=True).counts


@pytest.mark.parametrize(
    ("body", "whole"),
    [
        (". == 'y'", False),
        ("'y' == .", False),
        (". in ['y']", False),
        ("startswith(., 'y')", False),
        ("endswith(., 'y')", False),
        ("exists(.b)", False),
        ("contains(., 'y')", True),
        ("matches(., 'y')", True),
        ("startswith(., .b)", True),
        ("lower(.) == 'y'", True),
        (". == 'y' or contains(., 'y')", True),
        ("any(.b, contains(., 'y'))", True),
        ("any(.b, . == 'y')", False),
        ("any(ctx.b, contains(., 'y'))", False),
    ],
)
def test_a_loop_inside_of_another_takes_all_bytes_where_it_may_read_its_elements_through(
    body: str, whole: bool
) -> None:
    assert cost(f"any(args.a, {body})", inside=True).whole_call is whole
    assert not cost(f"any(args.a, {body})").whole_call
    assert not cost(f"any(role, {body})", inside=True).whole_call


@pytest.mark.parametrize("joined", ["or", "and"])
def test_a_loop_that_stands_in_a_join_of_a_loop_that_counts_is_counted_as_well(joined: str) -> None:
    constraint = f"every(args.a, args.k == 1 {joined} any(.b, . == 7))"
    k = 1 if joined == "and" else 0
    # As few turns of the outer loop as are cheap by themselves; the inner one is turned two million times.
    few, many = ({"a": [{"b": [2] * length + [7]}] * 20, "k": k} for length in (1_000, 20_000))
    assert gate(constraint).decide("t", few, user=NOBODY).code == "allowed"
    assert gate(constraint).decide("t", many, user=NOBODY).code == "work_exceeded"


def test_the_longest_text_of_a_pattern_is_decided_and_one_byte_more_is_not() -> None:
    pattern = "[ab].{900}Q"
    longest = MOST_PATTERN_WORK // compile_pattern(pattern).programsize
    asked = gate(f'not matches(args.text, "{pattern}")')
    codes = [asked.decide("t", {"text": "z" * (longest + more)}, user=NOBODY).code for more in (0, 1)]
    # It is bytes that count, of which each of these has two.
    codes += [asked.decide("t", {"text": "é" * (longest // 2 + more)}, user=NOBODY).code for more in (0, 1)]
    assert codes == ["allowed", "work_exceeded"] * 2
