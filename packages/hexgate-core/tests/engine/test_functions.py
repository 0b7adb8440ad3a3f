"""Each leaf has a closure for true and one for false, neither of which answers yes about what is missing or of the wrong type."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexgate.core import ToolCall, User
from hexgate.core.engine import arguments
from hexgate.core.engine.conditions import prepare
from hexgate.core.engine.functions import LEAVES
from hexgate.core.expr import parse, syntax
from hexgate.core.expr.normal import normalise

USER = User("alice", attributes={"region": "EU"})
ANY = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-3, 3),
        st.sampled_from([0.5, 1.0, 2**53, 2**53 + 1, 1e30]),
        st.sampled_from(["", "a", "ab", "b", "A"]),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=5,
)
NUMBERS = st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.integers(2**53 - 3, 2**53 + 3))


def truth(constraint: str, given: dict[str, Any]) -> bool | None:
    """True, false, or None for unknown: what the two closures of a constraint say."""
    tree, call = parse(constraint), ToolCall("t", given)
    assert call.refusal is None
    yes, no = (prepare(normalise(tree, {}, wanted=wanted))(call, USER, "r", None) for wanted in (True, False))
    assert not (yes and no)
    return True if yes else False if no else None


def test_there_is_a_closure_for_every_kind_of_leaf() -> None:
    assert set(LEAVES) == set(get_args(syntax.Leaf))


@pytest.mark.parametrize(
    "constraint",
    [
        *[
            "args.x == 1",
            "args.x != 1",
            "args.x < 1",
            "args.x >= 'a'",
            "1 > args.x",
            "args.x == args.y",
            "args.x < args.y",
        ],
        *[
            "args.x == null",
            "args.x == [1]",
            "args.x in ['a']",
            "args.x in [1, 'a']",
            "args.x not in [1]",
            "args.x in args.y",
        ],
        *["args.x.z in ['a']", "startswith(args.x, 'a')", "endswith(args.x, 'a')", "contains(args.x, args.y)"],
        *["startswith(args.x.z, 'a')", "matches(args.x, 'a')", "within(args.x, 'a')", "url_host_in(args.x, ['a'])"],
        *[
            "count(args.x) == 1",
            "lower(args.x) == 'a'",
            "every(args.x, . == 1)",
            "any(args.x, . == 1)",
            "args.x.z != 'a'",
        ],
    ],
)
def test_what_reads_a_missing_fact_is_unknown(constraint: str) -> None:
    assert truth(constraint, {"y": []}) is None
    assert truth(f"not ({constraint})", {"y": []}) is None


@pytest.mark.parametrize(
    ("constraint", "value", "wanted"),
    [
        *[
            ("args.x == 1", 1.0, True),
            ("args.x == 1", True, False),
            ("args.x == 1", "1", False),
            ("args.x != 1", "1", True),
        ],
        *[
            ("args.x == 'a'", 1, False),
            ("args.x != 'a'", 1, True),
            ("args.x == true", 1, False),
            ("args.x != null", 0, True),
        ],
        *[("args.x == null", None, True), ("args.x == [1, 'a']", [1.0, "a"], True), ("args.x != [1]", [True], True)],
        *[("args.x < 2", 1, True), ("args.x < 2", 2, False), ("args.x < 2", "1", None), ("args.x < 2", True, None)],
        *[
            ("args.x < 'b'", "a", True),
            ("args.x < 'b'", 1, None),
            ("args.x < null", None, None),
            ("args.x > [1]", [2], None),
        ],
        *[("2 > args.x", 1, True), ("2 >= args.x", 3, False), ("2 == args.x", 2, True), ("2 != args.x", 2, False)],
        *[("args.x <= 9007199254740993", 9007199254740993, True), ("args.x < 9007199254740993", 2.0**53, True)],
        *[("args.x == 0.1", 0.1, True), ("args.x > 0.1", 0.1, False), ("args.x == 1e-400", 0, False)],
        *[("1e-400 < 100.5", None, True), ("args.x in ['a', 'b']", "a", True), ("args.x in ['a', 'b']", 1, False)],
        *[
            ("args.x not in ['a']", 1, True),
            ("args.x in [1, 'a', null]", True, False),
            ("args.x in [1, null]", None, True),
        ],
        *[
            ("args.x in []", 1, False),
            ("'a' in args.x", ["a"], True),
            ("'a' in args.x", "abc", None),
            ("1 in args.x", [True], False),
        ],
        *[("args.x in args.x", [1], False), ("args.x not in args.x", [1], True), ("args.x == args.x", [1], True)],
        *[
            ("args.x != args.x", [1], False),
            ("args.x < args.x", 1, False),
            ("args.x <= args.x", "a", True),
            ("args.x <= args.x", [], None),
        ],
        *[
            ("startswith(args.x, 'a')", "ab", True),
            ("startswith(args.x, 'a')", "b", False),
            ("startswith(args.x, '')", 5, None),
        ],
        *[
            ("endswith(args.x, 'b')", "ab", True),
            ("contains(args.x, 'a')", "xay", True),
            ("contains(args.x, 'a')", ["a"], None),
        ],
        *[
            ("contains('abc', args.x)", "b", True),
            ("contains('abc', args.x)", 5, None),
            ("contains(args.x, args.x)", "b", True),
        ],
        *[
            ("matches(args.x, '^a+$')", "aa", True),
            ("matches(args.x, '^a$')", "a\n", False),
            ("matches(args.x, 'a')", 5, None),
        ],
        *[
            ("within(args.x, 'src')", "src/a", True),
            ("within(args.x, 'src')", "src/../a", False),
            ("within(args.x, 'src')", 5, None),
        ],
        *[
            ("within(args.x, '/')", "/etc", True),
            ("within(args.x, './src')", "./src", True),
            ("within(args.x, 'src')", "srcs", False),
        ],
        *[
            ("url_host_in(args.x, ['a.example'])", "https://A.example:1/x", True),
            ("url_host_in(args.x, ['a.b'])", 5, None),
        ],
        *[
            ("url_host_in(args.x, ['*.b.c'])", "http://a.b.c", True),
            ("url_host_in(args.x, ['*.b.c'])", "http://b.c", False),
        ],
        *[
            ("url_host_in(args.x, ['a.b'])", "ftp://a.b", False),
            ("exists(args.x)", None, True),
            ("exists(args.y)", 1, False),
        ],
        *[("lower(args.x) in ['a']", "A", True), ("count(args.x) >= 2", "ab", True), ("ctx.region == 'EU'", 1, True)],
        *[("role == 'r' and tool == 't'", 1, True), ("user.id == 'alice'", 1, True), ("session.id == 'a'", 1, None)],
    ],
)
def test_each_leaf_is_true_false_or_unknown_as_the_language_says(
    constraint: str, value: Any, wanted: bool | None
) -> None:
    assert truth(constraint, {"x": value}) is wanted
    assert truth(f"not ({constraint})", {"x": value}) is (None if wanted is None else not wanted)


SCOPES = [
    ({"allowed_paths": ["src/**"]}, "src/a/b", True),
    ({"allowed_paths": ["src/**"]}, "src", False),
    ({"allowed_paths": ["src/**"]}, "./src/a", True),
    ({"allowed_paths": ["**"]}, "/etc/passwd", False),
    ({"allowed_paths": ["**"]}, "a/../b", False),
    ({"allowed_paths": ["**"]}, 5, False),
    ({"denied_paths": ["**/.env"]}, "a/.env", False),
    ({"denied_paths": ["**/.env"]}, "a/env", True),
    ({"allowed_paths": ["a/*"], "denied_paths": ["a/b"]}, "a/b", False),
    ({"allowed_paths": ["a/*"], "denied_paths": ["a/b"]}, "a/c", True),
]


@pytest.mark.parametrize(("scope", "path", "wanted"), SCOPES)
def test_a_file_scope_is_true_of_clean_paths_that_are_allowed_and_not_denied(
    scope: dict[str, list[str]], path: Any, wanted: bool
) -> None:
    leaf = syntax.InScope(
        syntax.Path("args", ("p",)),
        tuple(scope["allowed_paths"]) if "allowed_paths" in scope else None,
        tuple(scope.get("denied_paths", ())),
    )
    call = ToolCall("t", {"p": path})
    assert LEAVES[syntax.InScope](leaf, True)(call, USER, "r", None) is wanted
    assert LEAVES[syntax.InScope](leaf, False)(call, USER, "r", None) is (isinstance(path, str) and not wanted)


BOUNDS = st.one_of(st.integers(-(2**53), 2**53), st.floats(-(2.0**53), 2.0**53), st.sampled_from([0, 1, 0.5, 2**53]))


@given(value=ANY | NUMBERS, sign=st.sampled_from(sorted(arguments.ARGUMENT_ORDERS)), bound=BOUNDS)
def test_the_short_comparisons_answer_as_the_general_one(value: Any, sign: str, bound: float) -> None:
    call = ToolCall("t", {"x": value, "deep": {"x": value}})
    short = arguments.ARGUMENT_ORDERS[sign]("x", bound)
    general = prepare(normalise(parse(f"args.deep.x {sign} {bound!r}".replace("e+", "e")), {}))
    assert short(call, USER, "r", None) == general(call, USER, "r", None)


@given(ANY, st.sampled_from(["", "a", "ab"]))
def test_the_short_tests_of_texts_answer_as_the_general_ones(value: Any, text: str) -> None:
    call = ToolCall("t", {"x": value, "deep": {"x": value}})
    for short, general in [
        (arguments.argument_equals("x", text), f"args.deep.x == '{text}'"),
        (arguments.argument_begins("x", text), f"startswith(args.deep.x, '{text}')"),
        (
            arguments.argument_is_among("x", frozenset((text, "b"))),
            f"args.deep.x in ['{text}', 'b', null] and args.deep.x != null",
        ),
    ]:
        assert short(call, USER, "r", None) == prepare(normalise(parse(general), {}))(call, USER, "r", None)


@given(ANY)
def test_a_constraint_over_an_argument_answers_as_over_a_deeper_one(value: Any) -> None:
    for template in (
        "{} == 'a'",
        "{} < 1",
        "{} in ['a', 'b']",
        "{} not in ['a']",
        "startswith({}, 'a')",
        "{} != 1",
        "{} == 1e30",
    ):
        near, far = template.format("args.x"), template.format("args.deep.x")
        given = {"x": value, "deep": {"x": value}}
        assert truth(near, given) is truth(far, given)
