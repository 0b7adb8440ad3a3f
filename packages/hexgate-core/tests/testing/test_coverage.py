"""Coverage: rules that were reached, constraints that were seen true and seen false."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from hexgate.core import Policy
from hexgate.core.testing import Coverage, Results, coverage_of, read_suites, run_suites, suites_from_text
from hexgate.core.testing.coverage import RuleCoverage, share

Run = Callable[..., Results]


def rule(coverage: Coverage, tool: str, role: str) -> RuleCoverage:
    return next(
        rule for policy in coverage.policies for rule in policy.rules if rule.tool == tool and role in rule.roles
    )


def seen(coverage: Coverage, tool: str, role: str) -> list[tuple[bool, bool]]:
    return [(item.seen_true, item.seen_false) for item in rule(coverage, tool, role).constraints]


def test_a_rule_is_reached_by_the_case_that_asks_it(run: Run) -> None:
    coverage = coverage_of(run("role: support, tool: view, expect: {outcome: allow}"))
    assert rule(coverage, "view", "support").reached
    assert not rule(coverage, "refund", "support").reached
    assert (coverage.rules, coverage.reached) == (6, 1)


def test_an_inherited_rule_is_one_rule_and_mixins_are_not_asked(run: Run) -> None:
    coverage = coverage_of(run("role: billing, tool: view, expect: {outcome: allow}"))
    shared = rule(coverage, "view", "support")
    assert (shared.roles, shared.reached) == (["support", "billing"], True)
    assert shared.full


def test_a_constraint_is_seen_true_and_false_by_different_cases(run: Run) -> None:
    small = "role: support, tool: refund, args: {amount: 40, currency: USD}, expect: {outcome: allow}"
    large = "role: support, tool: refund, args: {amount: 400, currency: USD}, expect: {outcome: deny}"
    coverage = coverage_of(run(small, large))
    assert seen(coverage, "refund", "support") == [(True, True), (True, False)]
    assert not rule(coverage, "refund", "support").full


def test_a_missing_fact_is_neither_seen_true_nor_seen_false(run: Run) -> None:
    coverage = coverage_of(run("role: support, tool: refund, args: {}, expect: {outcome: deny}"))
    assert seen(coverage, "refund", "support") == [(False, False), (False, False)]
    assert rule(coverage, "refund", "support").reached


def test_a_file_scope_counts_as_a_constraint(run: Run) -> None:
    inside = "role: billing, tool: refund, args: {amount: 1, path: src/a}, expect: {outcome: allow}"
    outside = "role: billing, tool: refund, args: {amount: 1, path: etc/a}, expect: {outcome: deny}"
    coverage = coverage_of(run(inside, outside))
    assert seen(coverage, "refund", "billing") == [(True, False), (True, True)]
    found = rule(coverage, "refund", "billing").constraints[1]
    assert (found.text, found.place) == ("file_scope(file_path|path)", "<policy>:21")


def test_prefixes_and_the_default_policy_are_rules_too(run: Run) -> None:
    prefix = "role: support, tool: mcp-x, expect: {outcome: deny}"
    rest = "role: support, tool: other, args: {why: x}, expect: {outcome: allow}"
    coverage = coverage_of(run(prefix, rest))
    assert rule(coverage, "mcp-*", "support").reached
    assert seen(coverage, "default_policy", "support") == [(True, False)]


def test_a_tool_called_default_policy_is_not_the_default_policy(run: Run) -> None:
    policy = "tools: {default_policy: {mode: deny}}\ndefault_policy: {mode: allow}\n"
    coverage = coverage_of(run("tool: other, expect: {outcome: allow}", policy=policy))
    assert [(item.tool, item.reached) for item in coverage.policies[0].rules] == [
        ("default_policy", False),
        ("default_policy", True),
    ]


def test_rules_are_listed_as_they_stand_in_the_text(run: Run) -> None:
    policy = "default_policy: {mode: deny}\ntools:\n  b: {mode: allow}\n  a: {mode: allow}\n"
    coverage = coverage_of(run("tool: a, expect: {outcome: allow}", policy=policy))
    assert [item.tool for item in coverage.policies[0].rules] == ["default_policy", "b", "a"]


def test_rules_without_a_text_stay_in_their_order() -> None:
    files = [suites_from_text("suites: [{name: s, policy: p, cases: [{name: c, tool: a, expect: {outcome: allow}}]}]")]
    policy = Policy.model_validate({"tools": {"b": {"mode": "allow"}, "a": {"mode": "allow"}}})
    assert [item.tool for item in coverage_of(run_suites(files, policy=policy)).policies[0].rules] == ["b", "a"]


def test_what_nobody_wrote_is_no_rule(run: Run) -> None:
    coverage = coverage_of(run("tool: other, expect: {outcome: deny}", policy="tools: {a: {mode: deny}}\n"))
    assert (coverage.rules, coverage.reached) == (1, 0)


def test_every_role_of_the_caller_is_asked_once(run: Run) -> None:
    coverage = coverage_of(
        run("roles: [support, billing, nobody, support], tool: refund, args: {amount: 300}, expect: {outcome: deny}")
    )
    assert seen(coverage, "refund", "support") == [(False, True), (False, False)]
    assert seen(coverage, "refund", "billing") == [(True, False), (False, False)]


def test_a_refused_call_reaches_nothing(run: Run) -> None:
    coverage = coverage_of(run("role: support, tool: view, args_json: '[]', expect: {outcome: deny}"))
    assert coverage.reached == 0


def test_a_constraint_that_asks_for_too_much_work_is_seen_as_nothing(run: Run) -> None:
    policy = "tools: {t: {mode: allow, constraints: ['every(args.a, .k == 1 and any(args.b, . == args.z))']}}\n"
    arguments = json.dumps({"a": [{}] * 3000, "b": [0] * 3000, "z": 0})
    coverage = coverage_of(run(f"tool: t, args_json: '{arguments}', expect: {{outcome: deny}}", policy=policy))
    assert seen(coverage, "t", "default") == [(False, False)]


def test_two_rules_on_one_line_are_two_rules(run: Run) -> None:
    policy = "roles: {a: {tools: {x: {mode: allow}}}, b: {tools: {x: {mode: allow}}}}\n"
    coverage = coverage_of(run("role: a, tool: x, expect: {outcome: allow}", policy=policy))
    assert (coverage.rules, coverage.reached) == (2, 1)


def test_percentages_are_rounded_down_and_nothing_is_all_of_nothing() -> None:
    assert [share(2, 3), share(999, 1000), share(1, 1), share(0, 0)] == [66.6, 99.9, 100.0, 100.0]
    assert share(99_999, 100_000) == 99.9


def test_the_numbers_of_all_policies_are_summed(run: Run) -> None:
    small = "role: support, tool: refund, args: {amount: 40, currency: USD}, expect: {outcome: allow}"
    told = json.loads(json.dumps(coverage_of(run(small)).as_dict()))
    assert told["rules"] == {"total": 6, "reached": 1, "percent": 16.6}
    assert told["constraints"] == {
        "total": 5,
        "seen_true": 2,
        "seen_false": 0,
        "percent_true": 40.0,
        "percent_false": 0.0,
    }
    assert told["percent"] == 18.7
    assert told["policies"][0]["policy"] == "s.yaml: s"


def test_suites_of_one_policy_file_are_counted_together_under_its_name(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("tools: {a: {mode: allow}, b: {mode: allow}}")
    suites = [
        f"{{name: {tool}, policy: p.yaml, cases: [{{name: c, tool: {tool}, expect: {{outcome: allow}}}}]}}"
        for tool in "ab"
    ]
    (tmp_path / "s.yaml").write_text(f"suites: [{', '.join(suites)}]")
    coverage = coverage_of(run_suites([read_suites(tmp_path / "s.yaml")]))
    assert [policy.name for policy in coverage.policies] == [str(tmp_path / "p.yaml")]
    assert coverage.percent == 100.0


def test_a_refused_policy_and_a_suite_of_mistakes_have_no_coverage(run: Run) -> None:
    assert coverage_of(run("tool: a, expect: {outcome: deny}", policy="x: 1\n")).policies == ()
    text = "suites: [{name: s, policy: {text: 'tools: {}'}, mistakes: []}]"
    assert coverage_of(run_suites([suites_from_text(text)])).percent == 100.0
