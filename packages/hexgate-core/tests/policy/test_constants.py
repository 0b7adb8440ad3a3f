"""A constant is defined where a selectable role reads it, and is there what the constraint needs."""

from __future__ import annotations

import pytest

from hexgate.core import Policy, PolicyError
from hexgate.core.errors import MOST_MISTAKES, Mistake
from hexgate.core.policy import constants


def policy(constraint: str, consts: str = "a: 1") -> Policy:
    return Policy.from_text(
        f"consts: {{text: x, number: 5, yes1: true, texts: [x, z], numbers: [1], hosts: ['*.example.com'], {consts}}}\n"
        f"tools:\n  t:\n    mode: allow\n    constraints:\n      - {constraint}\n"
    )


def mistakes(constraint: str, consts: str = "a: 1") -> list[Mistake]:
    with pytest.raises(PolicyError) as caught:
        policy(constraint, consts)
    return list(caught.value.mistakes)


@pytest.mark.parametrize(
    "constraint",
    [
        *["args.x == consts.texts", "args.x <= consts.number", "consts.yes1 == args.x", "args.x in consts.numbers"],
        *["args.x not in consts.texts", "startswith(args.x, consts.text)", "contains(consts.text, args.x)"],
        *[
            "matches(consts.text, 'a')",
            "within(consts.text, 'src')",
            "lower(consts.text) == args.x",
            "args.consts == 1",
        ],
        *["url_host_in(consts.text, consts.hosts)", "url_host_in(args.u, consts.hosts)", "args.x == 'consts.ghost'"],
        *["every(args.l, . in consts.texts)", "not (args.x == consts.text and consts.number > 1 or exists(args.x))"],
        *["consts.text in args.x", "count(args.x) == consts.number"],
    ],
)
def test_a_constant_may_stand_where_its_value_may(constraint: str) -> None:
    assert len(policy(constraint).roles["default"].tools["t"].constraints) == 1


@pytest.mark.parametrize(
    ("constraint", "code", "message"),
    [
        ("args.x in consts.text", "HX312", "the constant `text` is no list in role `default`"),
        ("args.x in consts.number", "HX312", "the constant `number` is no list in role `default`"),
        ("startswith(args.x, consts.number)", "HX312", "the constant `number` is no text in role `default`"),
        ("endswith(consts.texts, args.x)", "HX312", "the constant `texts` is no text in role `default`"),
        ("matches(consts.number, 'a')", "HX312", "the constant `number` is no text in role `default`"),
        ("within(consts.yes1, 'a')", "HX312", "the constant `yes1` is no text in role `default`"),
        ("lower(consts.number) == args.x", "HX312", "the constant `number` is no text in role `default`"),
        ("url_host_in(args.u, consts.text)", "HX312", "the constant `text` is no list of texts in role `default`"),
        (
            "url_host_in(args.u, consts.numbers)",
            "HX312",
            "the constant `numbers` is no list of texts in role `default`",
        ),
        ("url_host_in(consts.number, consts.hosts)", "HX312", "the constant `number` is no text in role `default`"),
        (
            "url_host_in(args.u, consts.a)",
            *("HX315", "the constant `a` holds the host `http://x`: it has a scheme, in role `default`"),
        ),
    ],
)
def test_a_constant_that_is_something_else_there_is_a_mistake(constraint: str, code: str, message: str) -> None:
    [found] = mistakes(constraint, "a: [ok.example, 'http://x']")
    assert (found.code, found.message) == (code, message)
    assert found.help


def test_an_unknown_constant_is_told_the_nearest_at_its_place() -> None:
    [found] = mistakes("args.x == 1 and args.y <= consts.nunber")
    assert (found.code, found.help) == ("HX311", "did you mean `number`?")
    assert found.span is not None
    assert (found.span.line, found.span.source.line(6)[found.span.column - 1 :]) == (6, "consts.nunber")


def test_an_unknown_constant_like_no_other_is_told_where_to_define_it() -> None:
    [found] = mistakes("args.x == consts.zebra_crossing")
    assert found.help == "define it below `consts:` of the document, the role or a parent"


INHERITED = """\
roles:
  base:
    is_mixin: true
    tools: {t: {mode: allow, constraints: [args.x <= consts.limit]}}
    default_policy: {mode: allow, constraints: [args.y == consts.limit]}
"""


def test_a_mixin_may_leave_a_constant_to_its_children() -> None:
    assert Policy.from_text(f"{INHERITED}  a: {{inherits: [base], consts: {{limit: 1}}}}\n").roles["a"].consts == {
        "limit": 1
    }


def test_each_child_that_forgets_a_constant_is_told_so_for_each_place() -> None:
    with pytest.raises(PolicyError) as caught:
        Policy.from_text(f"{INHERITED}  a: {{inherits: [base]}}\n  b: {{inherits: [base]}}\n")
    assert [(found.message, found.span and found.span.line) for found in caught.value.mistakes] == [
        *[("unknown constant `limit` in role `a`", 4), ("unknown constant `limit` in role `b`", 4)],
        *[("unknown constant `limit` in role `a`", 5), ("unknown constant `limit` in role `b`", 5)],
    ]


def test_one_constraint_in_two_rules_by_an_alias_is_one_mistake() -> None:
    with pytest.raises(PolicyError) as caught:
        Policy.from_text("tools: {t: &t {mode: allow, constraints: [args.x == consts.a]}, u: *t, v: *t}")
    assert len(caught.value.mistakes) == 1


def test_in_data_a_misused_constant_is_told_by_its_path() -> None:
    rule = {"mode": "allow", "constraints": ["args.x == consts.a"]}
    with pytest.raises(PolicyError) as caught:
        Policy.model_validate({"roles": {"r": {"tools": {"t": rule, "u": rule}, "default_policy": rule}}})
    assert [found.path for found in caught.value.mistakes] == [
        *["roles.r.tools.t.constraints", "roles.r.tools.u.constraints", "roles.r.default_policy.constraints"],
    ]


def test_only_mistakes_that_are_shown_get_a_suggestion(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(constants, "suggestion", lambda word, known: asked.append(word))
    many = ", ".join(f"args.x == consts.c{number}" for number in range(500))
    with pytest.raises(PolicyError) as caught:
        Policy.from_text(f"tools: {{t: {{mode: allow, constraints: [{many}]}}}}")
    assert len(caught.value.mistakes) == 500
    assert len(asked) == MOST_MISTAKES
