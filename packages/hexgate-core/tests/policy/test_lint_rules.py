"""What the linter says about single rules: what they let through unmeant, what they demand in vain, what they cost."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from hexgate.core.expr.patterns import program_size
from hexgate.core.policy import Policy
from hexgate.core.policy.lint import Finding, lint

TODAY = date(2026, 11, 21)


def linted(*constraints: str, mode: str = "allow", **keys: Any) -> list[Finding]:
    rule = {"mode": mode, "constraints": list(constraints), **keys}
    return lint(Policy.model_validate({"tools": {"t": rule}}), today=TODAY)


def found(*constraints: str, mode: str = "allow", **keys: Any) -> list[tuple[str, str]]:
    return [(finding.code, finding.severity) for finding in linted(*constraints, mode=mode, **keys)]


WIDENING = [
    ("not exists(args.force)", "warning"),
    ("not exists(ctx.suspended)", "warning"),
    ("not (exists(args.force) or args.a == 1)", "warning"),
    ("not exists(args.force) or args.a == 1", "warning"),
    ("every(args.items, not exists(.force))", "warning"),
    ("args.a == 1 and (args.b == 1 or not exists(args.c))", "warning"),
    ("exists(args.override) or args.a == 1", "warning"),
    ("exists(args.override) or args.a == 1 and args.b == 1", "warning"),
    ("not exists(args.a) or args.a <= 5", "note"),
    ("not exists(args.a) or args.a.b <= 5", "note"),
    ("not exists(args.a) or count(args.a) <= 5", "note"),
    ("not exists(args.a) or exists(args.b) or args.a == 1", "note"),
]


@pytest.mark.parametrize(("constraint", "severity"), WIDENING)
def test_exists_that_lets_more_through_is_found(constraint: str, severity: str) -> None:
    assert ("HX405", severity) in found(constraint)
    assert ("HX405", severity) in found(constraint, mode="approval_required")


NARROWING = [
    "exists(args.a)",
    "exists(args.a) and args.b == 1",
    "exists(args.a) or exists(args.b)",
    "exists(args.a) and args.a == 2 or args.b == 1",
    "not not exists(args.a)",
    "any(args.items, exists(.price) and .price > 0)",
    "args.exists == 'exists' or args.a == 1",
]


@pytest.mark.parametrize("constraint", NARROWING)
def test_exists_that_demands_more_is_left_alone(constraint: str) -> None:
    assert found(constraint) == []


def test_exists_in_a_denial_is_told_of_as_a_constraint_of_a_denial() -> None:
    assert found("not exists(args.force)", mode="deny") == [("HX407", "warning")]


NEGATED = [
    ("not within(args.p, 'secret')", "warning"),
    ("not url_host_in(args.u, ['evil.example'])", "warning"),
    ("not matches(args.q, 'DROP')", "note"),
    ("args.a == 1 or not within(args.p, 'secret')", "warning"),
    ("within(args.other, 'src') and not within(args.p, 'secret')", "warning"),
    ("(within(args.p, 'src') or args.a == 1) and not within(args.p, 'secret')", "warning"),
    ("not (within(args.p, 'a') or within(args.p, 'b'))", "warning"),
    ("every(args.paths, not within(., 'secret'))", "warning"),
    ("exists(args.p) and not within(args.p, 'secret')", "warning"),
    ("every(args.l, within(., 'a')) and not within(args.l[0], 'secret')", "warning"),
]


@pytest.mark.parametrize(("constraint", "severity"), NEGATED)
def test_a_denial_by_shape_that_malformed_values_pass_is_found(constraint: str, severity: str) -> None:
    assert ("HX406", severity) in found(constraint)


GUARDED = [
    "within(args.p, 'src') and not within(args.p, 'src/secret')",
    "(within(args.p, 'src') or within(args.p, 'doc')) and not within(args.p, 'src/secret')",
    "args.a == 1 and within(args.p, 'src') and (args.b == 1 or not within(args.p, 'src/secret'))",
    "(args.a == 1 and within(args.p, 'src')) and not within(args.p, 'src/secret')",
    "url_host_in(args.u, ['*.example.com']) and not url_host_in(args.u, ['evil.example.com'])",
    "matches(args.q, '^[a-z]+$') and not matches(args.q, 'drop')",
    "args.p in ['src/a', 'src/b'] and not within(args.p, 'src/secret')",
    "every(args.paths, within(., 'src') and not within(., 'src/secret'))",
    "within(args.p, 'src')",
]


@pytest.mark.parametrize("constraint", GUARDED)
def test_a_denial_by_shape_beside_a_demand_of_shape_is_left_alone(constraint: str) -> None:
    assert found(constraint) == []


def test_the_guard_may_stand_in_another_constraint_or_in_the_file_scope() -> None:
    denial = "not within(args.path, 'src/secret')"
    assert found(denial, "within(args.path, 'src')") == []
    assert found("within(args.path, 'src') and args.a == 1", denial) == []
    assert found(denial, file_scope={"argument": "path", "denied_paths": []}) == []
    assert found(denial, file_scope={"denied_paths": []}) == []
    assert found(denial, file_scope={"argument": "other", "denied_paths": []}) == [("HX406", "warning")]


def test_conditions_of_a_denial_change_nothing() -> None:
    (finding,) = linted("args.a == 1", mode="deny")
    assert (finding.code, finding.path) == ("HX407", "tools.t.constraints")
    (finding,) = linted(mode="deny", file_scope={"denied_paths": ["a"]})
    assert (finding.code, finding.path) == ("HX407", "tools.t.file_scope")
    assert "the `file_scope` of the rule `t`" in finding.message


def test_a_denial_without_conditions_is_left_alone() -> None:
    assert found(mode="deny") == []


@pytest.mark.parametrize(
    ("pattern", "severity"),
    [
        ("a{1000}", "warning"),
        ("(?:[a-z]{10}b){100}c{2}", "warning"),
        ("^[^a]{0,200}$", "warning"),
        (r"^\pL+$", "note"),
        (r"^\pL+\{1$", "note"),
    ],
)
def test_a_pattern_of_many_steps_is_found(pattern: str, severity: str) -> None:
    text = pattern.replace("\\", "\\\\")
    (finding,) = [finding for finding in linted(f"matches(args.a, '{text}')") if finding.code == "HX408"]
    assert (f"{program_size(pattern):,} steps" in finding.message, finding.severity) == (True, severity)


@pytest.mark.parametrize("pattern", ["a{900}", "^[a-z]{1,64}@[a-z]{1,255}$", r"\{2000}", "a{,5000}"])
def test_a_pattern_of_few_steps_is_left_alone(pattern: str) -> None:
    text = pattern.replace("\\", "\\\\")
    assert found(f"matches(args.a, '{text}')") == []


def test_a_pattern_is_looked_at_in_a_denial_as_well() -> None:
    assert ("HX408", "warning") in found("matches(args.a, 'a{600}b{600}')", mode="deny")


def test_an_approval_that_nothing_can_ask_for_is_found_once() -> None:
    for constraints in (["1 == 2"], ["args.a == 1", "args.a == 2"], ["args.a == 1", "args.b in []"]):
        (finding,) = linted(*constraints, mode="approval_required")
        assert (finding.code, finding.path) == ("HX409", "tools.t")


def test_an_approval_that_something_can_ask_for_is_left_alone() -> None:
    assert found("args.a == 1", "args.b == 2", mode="approval_required") == []
    assert found(mode="approval_required") == []


@pytest.mark.parametrize("until", ["2026-11-20", "2020-01-01"])
def test_monitoring_that_has_ended_is_found_at_every_level(until: str) -> None:
    ended = {"enforce": False, "until": until}
    rule = {"mode": "deny", **ended}
    policy = Policy.model_validate({**ended, "roles": {"a": {**ended, "default_policy": rule, "tools": {"t": rule}}}})
    found = [(finding.code, finding.path) for finding in lint(policy, today=TODAY)]
    places = ["until", "roles.a.until", "roles.a.default_policy.until", "roles.a.tools.t.until"]
    assert found == [("HX416", place) for place in places]


def test_monitoring_that_goes_on_is_left_alone() -> None:
    assert found(mode="deny", enforce=False, until="2026-11-21") == []
    assert found(mode="deny", enforce=False) == []
    assert found(mode="deny", enforce=True) == []


def test_today_is_today_when_nobody_says_otherwise() -> None:
    policy = Policy.model_validate({"tools": {"t": {"mode": "deny", "enforce": False, "until": "2020-01-01"}}})
    assert [finding.code for finding in lint(policy)] == ["HX416"]


def test_the_rule_for_the_rest_is_looked_at_as_well() -> None:
    policy = Policy.model_validate({"default_policy": {"mode": "allow", "constraints": ["args.a in []"]}})
    (finding,) = lint(policy)
    assert (finding.code, finding.path) == ("HX401", "default_policy.constraints[0]")
    assert "the `default_policy` of `default` never allows" in finding.message
