"""`matches` is RE2's own answer, unanchored and with ASCII classes, for every pattern that loads."""

from __future__ import annotations

import json

import pytest
import re2
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hexgate.core.engine.native import NativeEngine
from hexgate.core.errors import PolicyError
from hexgate.core.policy.policy import Policy
from hexgate.core.program import compile_policy
from tests.differential.contest import native_answer
from tests.differential.reference import Question
from tests.differential.vocabulary import PATTERNS, TEXTS

EMPTY = ["\\b", "^", "$"]
ATOMS = [
    "a",
    "b",
    ".",
    "\\d",
    "\\w",
    "\\s",
    "[ab]",
    "[^a]",
    "\u00e9",
    "\\pL",
    "\\n",
    " ",
    "(?i:A)",
    "\\.",
    "\U0001f600",
    '"',
    "'",
]
REPEATS = ["", "", "", "*", "+", "?", "{2}", "{1,3}", "*?"]
PIECES = st.one_of(
    st.builds("".join, st.tuples(st.sampled_from(ATOMS), st.sampled_from(REPEATS))), st.sampled_from(EMPTY)
)
JOINED = st.lists(st.lists(PIECES, min_size=1, max_size=4).map("".join), min_size=1, max_size=3).map("|".join)
GENERATED = st.one_of(JOINED, JOINED.map(lambda inner: f"^({inner})$"), st.sampled_from(PATTERNS))
SUBJECTS = st.one_of(st.sampled_from(TEXTS), st.text(alphabet="ab 1\n\u00e9\u0661.A_\U0001f600\"'", max_size=6))


def engine(pattern: str) -> NativeEngine:
    constraint = f"matches(args.a, {json.dumps(pattern)})"
    return NativeEngine(
        compile_policy(Policy.model_validate({"tools": {"t": {"mode": "allow", "constraints": [constraint]}}}))
    )


def matches(pattern: str, text: str) -> bool:
    return native_answer(engine(pattern), Question("t", {"a": text})).outcome == "allow"


@settings(max_examples=400, deadline=None)
@given(GENERATED, st.lists(SUBJECTS, min_size=1, max_size=4))
def test_a_pattern_matches_what_re2_says_it_matches(pattern: str, texts: list[str]) -> None:
    try:
        reader = engine(pattern)
    except PolicyError as error:
        # Classes of thousands of characters, repeated: what does not load has nothing to agree with.
        assume("it compiles to" not in str(error))
        raise
    for text in texts:
        allowed = native_answer(reader, Question("t", {"a": text})).outcome == "allow"
        assert allowed is (re2.search(pattern, text) is not None)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("^a$", "a\n", False),
        ("^a$", "a", True),
        ("od", "prod", True),
        ("\\d", "\u0661", False),
        ("\\w", "\u00e9", False),
        ("\\s", "\u00a0", False),
        ("a\\b", "a\u00e9", True),
        ("^.$", "\U0001f600", True),
        ("^.$", "e\u0301", False),
        (".", "\n", False),
    ],
)
def test_patterns_are_unanchored_and_their_classes_ascii(pattern: str, text: str, expected: bool) -> None:
    assert matches(pattern, text) is expected


@pytest.mark.parametrize(
    "pattern", ["(?=a)", "(?!a)", "(?<=a)b", "(?<!a)b", "(a)\\1", "(?P=x)", "(", "[", "a{1001}", "*", "\\C"]
)
def test_what_re2_does_not_know_is_a_mistake(pattern: str) -> None:
    with pytest.raises(PolicyError) as caught:
        engine(pattern)
    assert [mistake.code for mistake in caught.value.mistakes] == ["HX309"]


def test_matching_takes_linear_time() -> None:
    # A backtracking engine would not come back from this within the age of the universe.
    assert not matches("^(a+)+$", "a" * 50_000 + "b")
