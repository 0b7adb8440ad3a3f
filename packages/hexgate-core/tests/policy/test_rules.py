"""A rule says its mode and knows all its keys; its constraints are parsed where they stand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from hexgate.core import Policy, PolicyError
from hexgate.core.errors import Mistake
from hexgate.core.policy.document import Approvers, FileScope, Rule


def rule(text: str) -> Rule:
    return Policy.from_text(f"tools: {{t: {{{text}}}}}").roles["default"].tools["t"]


def mistakes(text: str) -> list[Mistake]:
    with pytest.raises(PolicyError) as caught:
        rule(text)
    return list(caught.value.mistakes)


def codes(text: str) -> list[str]:
    return [found.code for found in mistakes(text)]


@pytest.mark.parametrize("mode", ["allow", "deny", "approval_required"])
def test_a_rule_says_its_mode(mode: str) -> None:
    found = rule(f"mode: {mode}")
    assert (found.mode, found.constraints, found.reason, found.approvers, found.monitor, found.file_scope) == (
        *(mode, (), None, None),
        *(None, None),
    )


def test_a_rule_without_a_mode_is_a_mistake_however_much_it_says() -> None:
    [found] = mistakes("constraints: [args.x == 1]")
    assert (found.code, found.help) == ("HX204", "add `mode: allow`, `mode: deny` or `mode: approval_required`")


@pytest.mark.parametrize("body", ["{}", "", "null", "~", "[]"])
def test_an_empty_rule_is_a_mistake(body: str) -> None:
    for key in ("tools: {t: %s}", "default_policy: %s"):
        with pytest.raises(PolicyError) as caught:
            Policy.from_text(key % body)
        assert [found.code for found in caught.value.mistakes] == ["HX205"]


def test_a_rule_that_is_a_word_is_a_mistake() -> None:
    with pytest.raises(PolicyError) as caught:
        Policy.from_text("tools: {t: allow}")
    assert [found.code for found in caught.value.mistakes] == ["HX202"]


def test_constraints_keep_their_text_and_their_order() -> None:
    found = rule("mode: allow, constraints: ['args.x  ==  1', args.y == 2, 'args.x  ==  1']")
    assert [constraint.text for constraint in found.constraints] == ["args.x  ==  1", "args.y == 2", "args.x  ==  1"]
    assert found.constraints[0].expression is found.constraints[2].expression


@pytest.mark.parametrize("empty", ["[]", ""])
def test_no_constraints_may_be_written_as_an_empty_list_only(empty: str) -> None:
    if empty:
        assert rule(f"mode: allow, constraints: {empty}").constraints == ()
    else:
        assert codes("mode: allow, constraints: ") == ["HX202"]


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        *[("args.x == 1", ["HX202"]), ("{a: b}", ["HX202"]), ("[5]", ["HX202"]), ("[null]", ["HX202"])],
        *[
            ("[[args.x == 1]]", ["HX202"]),
            ("[yes]", ["HX202"]),
            ("[args.x =]", ["HX301"]),
            ("['', args.x = 1]", ["HX301"] * 2),
        ],
    ],
)
def test_constraints_are_a_list_of_texts_in_the_language(written: str, wanted: list[str]) -> None:
    assert codes(f"mode: allow, constraints: {written}") == wanted


def test_one_constraint_in_the_place_of_a_list_is_told_how_to_write_it() -> None:
    [found] = mistakes("mode: allow, constraints: args.x == 1")
    assert found.help == "put each constraint behind a `-` on a line of its own"


def test_a_mistake_in_a_constraint_stands_where_the_word_does() -> None:
    [found] = mistakes("mode: allow, constraints: ['args.x == 1', \"args.y == red\"]")
    assert found.span is not None
    assert found.span.source.line(1)[found.span.column - 1 :].startswith("red")
    assert found.path == "tools.t.constraints[1]"


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("{role: finance}", Approvers("finance")),
        ("{not: caller}", Approvers(None, not_caller=True)),
        ("{role: finance, not: caller}", Approvers("finance", not_caller=True)),
    ],
)
def test_approvers_are_a_role_anyone_but_the_caller_or_both(written: str, wanted: Approvers) -> None:
    assert rule(f"mode: approval_required, approvers: {written}").approvers == wanted


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        *[("{}", ["HX205"]), ("finance", ["HX202"]), ("{roles: [a]}", ["HX203", "HX205"]), ("{not: me}", ["HX206"])],
        *[("{role: 5}", ["HX202"]), ("{role: a, Role: b}", ["HX203"])],
    ],
)
def test_approvers_that_say_something_else_are_a_mistake(written: str, wanted: list[str]) -> None:
    assert sorted(codes(f"mode: approval_required, approvers: {written}")) == wanted


@pytest.mark.parametrize("mode", ["allow", "deny"])
def test_approvers_have_a_meaning_only_where_approval_is_asked_for(mode: str) -> None:
    assert codes(f"mode: {mode}, approvers: {{role: a}}") == ["HX206"]


def test_approvers_beside_a_mode_that_is_none_are_not_one_mistake_more() -> None:
    assert codes("mode: ask, approvers: {role: a}") == ["HX206"]


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        *[("enforce: false", True), ("enforce: true", False), ("reason: x", None)],
        ("enforce: false, until: 2027-01-31", dt.date(2027, 1, 31)),
    ],
)
def test_a_rule_is_enforced_unless_it_says_otherwise(written: str, wanted: Any) -> None:
    assert rule(f"mode: deny, {written}").monitor == wanted


@pytest.mark.parametrize("written", ["until: 2027-01-31", "enforce: true, until: 2027-01-31"])
def test_until_stands_only_beside_enforce_false(written: str) -> None:
    [found] = mistakes(f"mode: deny, {written}")
    assert (found.code, found.message) == ("HX206", "`until` stands without `enforce: false`")


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("allowed_paths: [src/**]", FileScope(None, ("src/**",))),
        ("denied_paths: ['**/.env']", FileScope(None, None, ("**/.env",))),
        (
            "argument: path, allowed_paths: [a, b], denied_paths: [c]",
            FileScope("path", ("a", "b"), ("c",)),
        ),
        ("allowed_paths: [a], denied_paths: []", FileScope(None, ("a",))),
    ],
)
def test_a_file_scope_is_what_was_written(written: str, wanted: FileScope) -> None:
    assert rule(f"mode: allow, file_scope: {{{written}}}").file_scope == wanted


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        *[
            ("{}", ["HX204"]),
            ("{argument: path}", ["HX204"]),
            ("src/**", ["HX202"]),
            ("{allowed_paths: []}", ["HX205"]),
        ],
        *[
            ("{allowed_paths: src}", ["HX202"]),
            ("{allowed_paths: [5]}", ["HX202"]),
            ("{allowed_paths: [../a]}", ["HX214"]),
        ],
        *[("{denied_paths: [/etc, 'a[b]']}", ["HX214", "HX214"]), ("{argument: '', denied_paths: [a]}", ["HX207"])],
        *[("{paths: [a], denied_paths: [b]}", ["HX203"]), ("{allowed_paths: null}", ["HX202", "HX205"])],
    ],
)
def test_a_file_scope_that_says_something_else_is_a_mistake(written: str, wanted: list[str]) -> None:
    assert sorted(codes(f"mode: allow, file_scope: {written}")) == wanted


def test_a_bad_pattern_is_quoted_on_one_line() -> None:
    for found in mistakes('mode: allow, file_scope: {allowed_paths: ["a\\e[31m\\n/../b"]}'):
        assert found.message.isprintable()


def test_the_default_policy_knows_all_keys_but_the_file_scope() -> None:
    text = "default_policy: {mode: approval_required, constraints: [args.x == 1], reason: r, approvers: {role: a}, enforce: false}"
    found = Policy.from_text(text).roles["default"].default_policy
    assert found is not None
    assert (found.mode, found.reason, found.approvers, found.monitor) == (
        "approval_required",
        "r",
        Approvers("a"),
        True,
    )
    with pytest.raises(PolicyError) as caught:
        Policy.from_text("default_policy: {mode: allow, file_scope: {allowed_paths: [a]}}")
    assert [mistake.code for mistake in caught.value.mistakes] == ["HX203"]


def test_a_tool_may_be_named_like_the_default_policy() -> None:
    text = "tools: {default_policy: {mode: allow, file_scope: {allowed_paths: [a]}}}"
    assert Policy.from_text(text).roles["default"].tools["default_policy"].file_scope == FileScope(None, ("a",))
