"""A program is flat, indexed and immutable, shares what is the same, and is made in stages that say what they do."""

from __future__ import annotations

from typing import Any

import pytest

from hexgate.core import Policy, compile_policy
from hexgate.core.expr.normal import All, AnyOf, Holds
from hexgate.core.policy.document import Approvers
from hexgate.core.program import STAGES, CompiledRule, Program


def program(text: str) -> Program:
    return compile_policy(Policy.from_text(text, "p.yaml"))


def rule(text: str) -> CompiledRule:
    return program(f"tools:\n  t: {{{text}}}").roles["default"].exact["t"]


def test_the_stages_are_named_after_what_they_do() -> None:
    assert [name for name, _ in STAGES] == ["flatten_roles", "compile_rules", "seal"]
    assert all(stage.__name__ == name for name, stage in STAGES)


def test_only_selectable_roles_are_in_a_program_with_all_that_they_inherit() -> None:
    found = program("roles: {base: {is_mixin: true, tools: {t: {mode: allow}}}, a: {inherits: [base]}}")
    assert list(found.roles) == ["a"]
    assert list(found.roles["a"].exact) == ["t"]


def test_rules_are_indexed_by_name_and_by_prefix_with_the_longest_first() -> None:
    text = "tools: {a: {mode: allow}, b*: {mode: deny}, ba*: {mode: allow}, bb*: {mode: deny}, abc*: {mode: deny}}"
    index = program(text).roles["default"]
    assert list(index.exact) == ["a"]
    assert list(index.prefixes) == ["abc", "ba", "bb", "b"]
    assert index.prefixes["ba"].tool == "ba*"


@pytest.mark.parametrize(
    ("tool", "wanted"),
    [("t", "t"), ("ta", "t*"), ("t*", "t*"), ("tab", "tab*"), ("tabu", "tab*"), ("x", "default_policy")],
)
def test_the_rule_of_a_tool_is_found_by_name_then_by_the_longest_prefix(tool: str, wanted: str) -> None:
    text = "tools: {t: {mode: deny}, t*: {mode: deny}, tab*: {mode: deny}}\ndefault_policy: {mode: allow}"
    assert program(text).roles["default"].find(tool).tool == wanted


def test_where_no_default_policy_was_written_the_rest_is_denied_by_nobody() -> None:
    rest = program("tools: {t: {mode: allow}}").roles["default"].rest
    assert (rest.tool, rest.listed, rest.mode, rest.document, rest.line) == ("", False, "deny", None, None)
    rest = program("\ndefault_policy: {mode: deny}").roles["default"].rest
    assert (rest.tool, rest.listed, rest.mode, rest.document, rest.line) == (
        "default_policy",
        False,
        "deny",
        "p.yaml",
        2,
    )


def test_a_rule_carries_all_that_answers_need() -> None:
    found = rule("mode: approval_required, reason: r, approvers: {role: a}, enforce: false, until: 2027-01-31")
    assert found == CompiledRule(
        tool="t",
        listed=True,
        mode="approval_required",
        monitor="2027-01-31",
        approvers=Approvers("a"),
        note="r",
        document="p.yaml",
        line=2,
    )


@pytest.mark.parametrize(
    ("document", "role", "of_rule", "wanted"),
    [
        *[("", "", "", False), ("false", "", "", True), ("", "false", "", True), ("", "", "false", True)],
        *[("false", "true", "", False), ("false", "true", "false", True), ("true", "false", "true", False)],
        *[("false, until: 2027-01-31", "", "", "2027-01-31"), ("false, until: 2027-01-31", "false", "", True)],
        *[("false", "", "false, until: 2027-01-31", "2027-01-31")],
    ],
)
def test_the_nearest_word_about_monitoring_counts(document: str, role: str, of_rule: str, wanted: bool | str) -> None:
    def says(value: str) -> str:
        return f"enforce: {value}" if value else ""

    rule = f"{{mode: deny, {says(of_rule)}}}".replace(", }", "}")
    body = f"{{tools: {{t: {rule}}}, {says(role)}}}".replace(", }", "}")
    text = f"{{roles: {{a: {body}}}, {says(document)}}}".replace(", }", "}")
    found = program(text)
    assert found.roles["a"].exact["t"].monitor == wanted
    assert found.monitor == (
        False if not document or document == "true" else "2027-01-31" if "until" in document else True
    )


def test_a_named_file_scope_is_one_check_after_the_constraints() -> None:
    found = rule("mode: allow, constraints: [args.x == 1], file_scope: {argument: path, allowed_paths: [a]}")
    assert [check.text for check in found.checks] == ["args.x == 1", "file_scope(path)"]
    assert isinstance(found.checks[1].condition, Holds)


def test_an_unnamed_file_scope_reads_file_path_and_only_without_it_path() -> None:
    [check] = rule("mode: allow, file_scope: {allowed_paths: [a]}").checks
    assert check.text == "file_scope(file_path|path)"
    assert isinstance(check.condition, AnyOf)
    ways = [item.items for item in check.condition.items if isinstance(item, All)]
    assert [[part.wanted for part in way if isinstance(part, Holds)] for way in ways] == [[True, True], [False, True]]


def test_what_many_roles_inherit_is_compiled_once() -> None:
    text = """\
consts: {limit: 5}
roles:
  base:
    is_mixin: true
    tools:
      t: {mode: allow, constraints: [args.x == 1, args.y <= consts.limit], file_scope: {allowed_paths: [a]}}
      u: {mode: allow, constraints: [args.x == 1]}
  a: {inherits: [base]}
  b: {inherits: [base]}
  c: {inherits: [base], consts: {limit: 7}}
"""
    roles = program(text).roles
    of_a, of_b, of_c = (roles[name].exact["t"].checks for name in "abc")
    assert all(left is right for left, right in zip(of_a, of_b, strict=True))
    assert of_a[0] is of_c[0] is roles["b"].exact["u"].checks[0]
    assert of_a[1].text == of_c[1].text
    assert of_a[1].condition != of_c[1].condition
    assert of_a[2] is of_c[2]


def test_a_role_that_nobody_defined_is_default_or_nothing() -> None:
    with_default = program("roles: {default: {}, a: {}}")
    assert with_default.role("a") is with_default.roles["a"]
    assert with_default.role("ghost") is with_default.roles["default"]
    assert program("roles: {a: {}}").role("ghost") is None


def test_nothing_in_a_program_can_be_changed() -> None:
    found: Any = program("tools: {t: {mode: allow}, u*: {mode: deny}}")
    index: Any = found.roles["default"]
    for table in (found.roles, index.exact, index.prefixes):
        with pytest.raises(TypeError):
            table["x"] = None
    for thing in (found, index, index.rest):
        with pytest.raises((AttributeError, TypeError)):
            thing.mode = "allow"
