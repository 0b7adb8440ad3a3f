"""What an explanation shows to people, word for word: loops and their elements, joins, scopes, and values that grow long."""

from __future__ import annotations

from typing import Any

import pytest

from hexgate.core import Hexgate, User
from hexgate.core.engine.explain import Step

CALLER = User("alice", attributes={"roles": ["clerk", "default"], "region": "EU"})


def explained(rule: dict[str, Any] | str, arguments: dict[str, Any]) -> Step:
    body = {"mode": "allow", "constraints": [rule]} if isinstance(rule, str) else {"mode": "allow", **rule}
    hexgate = Hexgate.from_policy({"tools": {"t": body}})
    return hexgate.explain("t", arguments, user=CALLER).roles[0].checks[0]


@pytest.mark.parametrize(
    ("constraint", "arguments", "truth"),
    [
        ("every(args.a, . == 1)", {"a": [1, 1]}, "true"),
        ("every(args.a, . == 1)", {"a": [1, 2]}, "false"),
        ("every(args.a, .x == 1)", {"a": [{"x": 1}, {}]}, "unknown"),
        ("every(args.a, .x == 1)", {"a": [{"x": 2}, {}]}, "false"),
        ("every(args.a, . == 1)", {}, "unknown"),
        ("any(args.a, . == 1)", {"a": [2, 3]}, "false"),
        ("any(args.a, .x == 1)", {"a": [{"x": 2}, {}]}, "unknown"),
        ("any(args.a, . == 1)", {"a": 1}, "unknown"),
        ("not every(args.a, . == 1)", {"a": [1, 2]}, "true"),
        ("not any(args.a, . == 1)", {"a": [1, 2]}, "false"),
        ("every(args.a, any(.b, . == 1))", {"a": [{"b": [2]}]}, "false"),
    ],
)
def test_a_loop_is_true_false_or_unknown(constraint: str, arguments: dict[str, Any], truth: str) -> None:
    assert explained(constraint, arguments).truth == truth


def test_a_loop_shows_its_list_and_each_of_its_elements() -> None:
    step = explained("every(args.a, any(.b, . == role or . == 1))", {"a": [{"b": [1, 2]}]})
    assert (step.text, step.values) == ("every(args.a, any(.b, . == role or . == 1))", (("args.a", '[{"b": [1, 2]}]'),))
    [inner] = step.parts
    assert (inner.text, inner.values) == ("any element of .b", ((".b", "[1, 2]"),))
    assert [(part.text, part.truth) for part in inner.parts] == [
        ("at least one of", "true"),
        ("at least one of", "false"),
    ]
    assert inner.parts[1].parts[0].values == ((".", "2"), ("role", '"default"'))


def test_an_explanation_of_a_part_tells_all_of_or_at_least_one_of() -> None:
    step = explained("(args.a == 1 and args.b == 2) or args.c == 3", {"a": 1, "b": 2})
    assert [part.text for part in step.parts] == ["all of", "args.c == 3"]


def test_a_loop_over_a_fact_of_the_caller_shows_that_fact() -> None:
    step = explained("any(ctx.roles, . == role)", {})
    assert (step.truth, step.values) == ("true", (("ctx.roles", '["clerk", "default"]'),))


def test_a_loop_over_the_role_which_is_no_list_shows_the_role_and_no_elements() -> None:
    step = explained("any(role, . == 'a')", {})
    assert (step.truth, step.values, step.parts) == ("unknown", (("role", '"default"'),), ())


@pytest.mark.parametrize(
    ("scope", "text"),
    [
        ({"allowed_paths": ["src/**", "docs/**"]}, "args.path is within: src/**, docs/**"),
        ({"denied_paths": ["**/.env", "**/*.key"]}, "args.path is within: any clean path; but not: **/.env, **/*.key"),
    ],
)
def test_a_file_scope_is_told_in_words(scope: dict[str, Any], text: str) -> None:
    step = explained({"file_scope": {"argument": "path", **scope}, "constraints": []}, {"path": "src/a"})
    assert (step.text, step.values) == ("file_scope(path)", (("args.path", '"src/a"'),))
    either = explained({"file_scope": scope}, {"path": "src/a"})
    assert text in {leaf.text for part in either.parts for leaf in part.parts}


def test_a_value_is_shown_as_it_is_up_to_eighty_characters() -> None:
    for length, shown in ((78, '"' + "é" * 78 + '"'), (79, '"' + "é" * 78 + "…")):
        assert explained("args.a == 1", {"a": "é" * length}).values == (("args.a", shown),)
