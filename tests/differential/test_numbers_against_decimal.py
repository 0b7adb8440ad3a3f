"""Numbers are the decimal values they were written as: every comparison is the one that `decimal` makes of the texts."""

from __future__ import annotations

import operator
from decimal import Decimal
from functools import cache

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hexgate.core.call import ToolCall
from hexgate.core.engine.native import NativeEngine
from hexgate.core.identity.user import User
from hexgate.core.policy.policy import Policy
from hexgate.core.program import compile_policy
from tests.differential.vocabulary import NUMBER_SPELLINGS

OPERATORS = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
USER = User("user", attributes={})

INTEGERS = st.integers(-(10**40), 10**40).map(str)
FRACTIONS = st.decimals(min_value=-(10**25), max_value=10**25, places=5).map(lambda value: f"{value:f}")
FLOATS = st.floats(allow_nan=False, allow_infinity=False).map(repr)
EXPONENTS = st.builds(
    lambda digits, exponent: f"{digits}e{exponent}", st.integers(-99999, 99999), st.integers(-330, 300)
)
EDGES = st.sampled_from([2**53, 2**63, 2**64, 10**16, 10**22, 10**23, -(2**53)])
NEAR = st.builds(lambda base, more: str(base + more), EDGES, st.integers(-3, 3))
TEXTS = st.one_of(st.sampled_from(NUMBER_SPELLINGS), INTEGERS, FRACTIONS, FLOATS, EXPONENTS, NEAR)


@cache
def engine(constraint: str) -> NativeEngine:
    return NativeEngine(
        compile_policy(Policy.model_validate({"tools": {"t": {"mode": "allow", "constraints": [constraint]}}}))
    )


def holds(constraint: str, arguments: str) -> bool:
    call = ToolCall("t", arguments)
    assume(call.refusal is None)  # a number beyond every float
    return engine(constraint).decide(call, USER).allowed


def written(text: str) -> Decimal:
    """What the call holds: an integer as it stands, else the shortest decimal that reads back as the same float."""
    return Decimal(text) if text.lstrip("-").isdigit() else Decimal(repr(float(text)))


@settings(max_examples=400, deadline=None)
@given(TEXTS, TEXTS, st.sampled_from(list(OPERATORS)))
def test_an_argument_against_a_literal(argument: str, literal: str, sign: str) -> None:
    expected = OPERATORS[sign](written(argument), Decimal(literal))
    assert holds(f"args.a {sign} {literal}", f'{{"a": {argument}}}') is expected
    assert holds(f"not args.a {sign} {literal}", f'{{"a": {argument}}}') is not expected


@settings(max_examples=300, deadline=None)
@given(st.integers(2**53, 2**70).map(float), st.integers(-200, 200), st.sampled_from(list(OPERATORS)))
def test_a_large_float_is_its_shortest_decimal_and_not_its_bits(number: float, more: int, sign: str) -> None:
    for literal in (int(number), int(number) + more, int(Decimal(repr(number)))):
        assert holds(f"args.a {sign} {literal}", f'{{"a": {number!r}}}') is OPERATORS[sign](
            Decimal(repr(number)), literal
        )
        assert holds(f"args.a {sign} args.b", f'{{"a": {number!r}, "b": {literal}}}') is OPERATORS[sign](
            Decimal(repr(number)), literal
        )


@settings(max_examples=400, deadline=None)
@given(TEXTS, TEXTS, st.sampled_from(list(OPERATORS)))
def test_an_argument_against_an_argument(left: str, right: str, sign: str) -> None:
    assert holds(f"args.a {sign} args.b", f'{{"a": {left}, "b": {right}}}') is OPERATORS[sign](
        written(left), written(right)
    )


@settings(max_examples=200, deadline=None)
@given(TEXTS, TEXTS, st.sampled_from(list(OPERATORS)))
def test_a_literal_against_a_literal(left: str, right: str, sign: str) -> None:
    assert holds(f"{left} {sign} {right}", "{}") is OPERATORS[sign](Decimal(left), Decimal(right))


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.lists(TEXTS, max_size=4))
def test_membership_in_a_list_of_numbers(argument: str, members: list[str]) -> None:
    expected = any(written(argument) == Decimal(member) for member in members)
    assert holds(f"args.a in [{', '.join(members)}]", f'{{"a": {argument}}}') is expected


@settings(max_examples=200, deadline=None)
@given(st.lists(TEXTS, max_size=4))
def test_lists_are_equal_when_their_numbers_are(members: list[str]) -> None:
    listed = f"[{', '.join(members)}]"
    assert holds(f"args.a == {listed}", f'{{"a": {listed}}}') is all(
        written(member) == Decimal(member) for member in members
    )
