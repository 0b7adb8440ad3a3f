"""The help of a mistake says what a newcomer would have to do, and one mistake hides no other."""

from __future__ import annotations

import pytest

from hexgate.core import Policy, PolicyError
from hexgate.core.errors import Mistake

MODES = "add `mode: allow`, `mode: deny` or `mode: approval_required`"
SUITES = "this is a file of suites: run it with `hexgate policy test`"


def mistakes(text: str) -> list[Mistake]:
    with pytest.raises(PolicyError) as caught:
        Policy.from_text(text)
    return list(caught.value.mistakes)


def helps(text: str) -> list[tuple[str, str | None]]:
    return [(found.code, found.help) for found in mistakes(text)]


@pytest.mark.parametrize("key", ["role", "Roles", "rules"])
def test_a_key_near_to_roles_at_the_top_is_taken_for_it(key: str) -> None:
    (found,) = mistakes(f"{key}: {{a: {{}}}}")
    assert (found.code, found.help) == ("HX203", "did you mean `roles`?")
    assert found.message == f"unknown key `{key}` in the document"


def test_a_key_like_no_other_is_answered_with_the_keys_that_are_known() -> None:
    (found,) = mistakes("colour: 1")
    assert found.help is not None
    assert found.help.startswith("the keys here are `version`")


@pytest.mark.parametrize("rest", ["", "\nroles: {a: {}}"])
def test_a_file_of_suites_is_no_policy(rest: str) -> None:
    assert helps(f"suites: []{rest}") == [("HX203", SUITES)]


@pytest.mark.parametrize("key", ["roles", "role", "Roles"])
def test_a_file_of_a_folder_is_the_body_of_one_role(key: str) -> None:
    with pytest.raises(PolicyError) as caught:
        Policy.from_files({"a.yaml": f"version: 1\n{key}: {{b: {{}}}}"})
    help = "in a folder each file is the body of one role, named after the file: write `tools:` at the top"
    assert [(found.code, found.help) for found in caught.value.mistakes] == [("HX203", help)]


def test_a_mode_alone_is_no_rule() -> None:
    text = "tools:\n  lookup: allow\ndefault_policy: deny"
    assert helps(text) == [("HX202", "write `{mode: allow}`"), ("HX202", "write `{mode: deny}`")]


def test_a_rule_is_a_mapping() -> None:
    below = "write `name: value` pairs below it, indented"
    assert helps("tools: {t: [a], u: maybe}") == [("HX202", below), ("HX202", below)]


def test_an_empty_rule_is_told_all_modes() -> None:
    assert helps("tools:\n  lookup:\n") == [("HX205", MODES)]


def test_the_keys_of_a_rule_among_the_tools_belong_below_the_one_before_them() -> None:
    text = "tools:\n  refund:\n  mode: allow\n  constraints: [args.x == 1]\n  approvers: {role: a}\n"
    below = ("HX202", "indent it below `refund`")
    assert helps(text) == [("HX205", MODES), below, below, below]
    assert mistakes(text)[1].message == "`mode` is a key of a rule, not a tool"


def test_the_keys_of_a_rule_without_a_tool_belong_below_one() -> None:
    assert helps("tools: {mode: allow}") == [("HX202", "indent it below the name of a tool")]


def test_a_tool_may_be_called_like_a_key_of_a_rule() -> None:
    assert list(Policy.from_text("tools: {mode: {mode: allow}, reason: {mode: deny}}").roles["default"].tools) == [
        "mode",
        "reason",
    ]
    assert helps("tools: {reason: }") == [("HX205", MODES)]


def test_approvers_have_one_role() -> None:
    text = "tools: {t: {mode: approval_required, approvers: {role: [a, b]}}}"
    assert helps(text) == [("HX202", "name one role, and give it to everyone who may approve")]


@pytest.mark.parametrize(
    ("constraints", "help"),
    [
        (
            '\n      - "USD" == args.c\n      - args.x == 1',
            """put the whole constraint in single quotes: `'"USD" …'`""",
        ),
        (
            "\n      - args.x == 1\n      - 'USD' in args.c",
            """put the whole constraint in double quotes: `"'USD' …"`""",
        ),
        (' ["USD" == args.c]', """put the whole constraint in single quotes: `'"USD" …'`"""),
        (" [args.x == 1", "check the indentation and the quotes around this place"),
    ],
)
def test_a_constraint_that_begins_with_a_quote_is_quoted_as_a_whole(constraints: str, help: str) -> None:
    assert helps(f"tools:\n  t:\n    mode: allow\n    constraints:{constraints}\n") == [("HX101", help)]


def test_a_role_is_never_offered_to_itself() -> None:
    define = "define the role, or delete it from `inherits`"
    assert helps("roles: {billing: {inherits: [biling]}}") == [("HX208", define)]
    assert helps("roles: {billing: {inherits: [biling]}, billings: {}}") == [("HX208", "did you mean `billings`?")]


def test_a_constant_without_a_value_has_its_mistake_at_its_name() -> None:
    assert [str(found.span) for found in mistakes("consts:\n  max_refund:\n  more: null\n")] == [
        "<policy>:2:3",
        "<policy>:3:9",
    ]


def test_a_loop_is_told_while_other_parents_are_unknown() -> None:
    text = "roles:\n  a: {inherits: [b]}\n  b: {inherits: [ghost, a]}\n  c: {tolls: {}}\n"
    assert [found.code for found in mistakes(text)] == ["HX209", "HX208", "HX203"]


def test_constants_are_checked_while_rules_have_mistakes() -> None:
    rule = "{mode: allow, constraints: [args.x == consts.ghost]}"
    text = f"roles:\n  a: {{tools: {{t: {{mode: alow}}, u: {rule}}}}}\n  b: {{tols: {{}}, tools: {{u: {rule}}}}}\n"
    assert [(found.code, found.span.line) for found in mistakes(text) if found.span] == [
        *[("HX206", 2), ("HX311", 2), ("HX203", 3)]
    ]


RULE = "tools: {u: {mode: allow, constraints: [args.x in consts.x]}}"


@pytest.mark.parametrize(
    ("roles", "code"),
    [
        (f"  a: {{const: {{x: [1]}}, {RULE}}}", "HX203"),
        (f"  a: {{consts: [x], {RULE}}}", "HX202"),
        (f"  a: {{consts: {{x: null}}, {RULE}}}", "HX213"),
        (f"  a: {{inherits: b, {RULE}}}\n  b: {{consts: {{x: [1]}}}}", "HX202"),
        (f"  a: {{inherits: [b], {RULE}}}\n  b: {{const: {{x: [1]}}}}", "HX203"),
        (f"  a: {{is_mixin: yes, {RULE}}}", "HX202"),
        (f"  a: {{inherits: [b], {RULE}}}\n  b: [x]", "HX202"),
        (f"  a: {{inherits: [b], {RULE}}}\n  b: {{}}\n  b: {{consts: {{x: [1]}}}}", "HX108"),
        (f"  a: {{is_mixin: true, {RULE}}}\n  b: {{inherits: [a], tools: {{u: }}}}", "HX205"),
        (f"  a: {{{RULE}}}\nconst: {{x: [1]}}", "HX203"),
        (f"  a: {{{RULE}}}\nconsts: [x]", "HX202"),
        (f"  a: {{{RULE}}}\ntools: {{}}", "HX212"),
    ],
)
def test_a_constant_that_may_have_been_lost_is_not_called_unknown(roles: str, code: str) -> None:
    assert [found.code for found in mistakes(f"roles:\n{roles}\n")] == [code]


@pytest.mark.parametrize("broken", [{"b.yaml": "tools: ["}, {"b.yaml": "{}", "b.yml": "consts: {x: [1]}"}])
def test_a_constant_of_a_file_that_cannot_be_read_is_not_called_unknown(broken: dict[str, str]) -> None:
    with pytest.raises(PolicyError) as caught:
        Policy.from_files({"a.yaml": f"inherits: [b]\n{RULE}", **broken})
    assert [found.code for found in caught.value.mistakes] in (["HX101"], ["HX211"])


def test_a_second_file_of_a_role_that_cannot_be_read_is_told_of_twice() -> None:
    with pytest.raises(PolicyError) as caught:
        Policy.from_files({"a.yaml": "{}", "a.yml": "tools: ["})
    assert sorted(found.code for found in caught.value.mistakes) == ["HX101", "HX211"]


def test_a_constant_knows_its_place() -> None:
    policy = Policy.from_text("consts:\n  a: 1\nroles:\n  r:\n    consts: {b: 2}\n")
    assert str(policy.consts_at["a"]) == "<policy>:2:3"
    assert str(policy.roles["r"].consts_at["b"]) == "<policy>:5:14"
