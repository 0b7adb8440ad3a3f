"""Findings come in the order of the text, as words, as JSON and as SARIF; the list of rules is complete; and none is ever wrong."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from hexgate.core.call import ToolCall
from hexgate.core.decision import Outcome
from hexgate.core.engine import NativeEngine
from hexgate.core.identity import User
from hexgate.core.policy import Policy
from hexgate.core.policy.lint import RULES, Finding, lint, render, sarif
from hexgate.core.program import compile_policy
from hexgate.core.text import Source, Span

TEXT = """\
consts: {spare: 1}
tools:
  a:
    mode: allow
    constraints:
      - args.x == 1 and args.x == 2
  b: {mode: deny, constraints: [args.y == 1]}
"""


def findings() -> list[Finding]:
    return lint(Policy.from_text(TEXT, "dir/refunds ü.yaml"))


def test_findings_are_shown_like_mistakes_with_their_severity() -> None:
    assert render(findings()[1:2]) == (
        "dir/refunds ü.yaml:6:9: warning: no call can make `args.x == 1 and args.x == 2` true,"
        " so the rule `a` never allows [HX401]\n"
        "  6 |       - args.x == 1 and args.x == 2\n"
        "    |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "help: correct the constraint, or write `mode: deny` if that is what is meant"
    )
    assert str(findings()[1]) == findings()[1].render()
    assert render(findings()).count("\n\n") == 2
    assert render([]) == ""


def test_findings_come_in_the_order_of_the_text() -> None:
    assert [finding.code for finding in findings()] == ["HX415", "HX401", "HX407"]


def test_findings_are_json() -> None:
    assert findings()[1].as_dict() == {
        "severity": "warning",
        "code": "HX401",
        "message": "no call can make `args.x == 1 and args.x == 2` true, so the rule `a` never allows",
        "help": "correct the constraint, or write `mode: deny` if that is what is meant",
        "file": "dir/refunds ü.yaml",
        "line": 6,
        "column": 9,
        "path": "tools.a.constraints[0]",
    }
    json.dumps([finding.as_dict() for finding in findings()])


def test_findings_are_sarif() -> None:
    log = json.loads(json.dumps(sarif(findings(), version="1.2.3")))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["version"] == "1.2.3"
    assert [rule["id"] for rule in driver["rules"]] == [rule.code for rule in RULES]
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        assert result["message"]["text"]
    assert run["results"][1]["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "dir/refunds%20%C3%BC.yaml"},
                "region": {"startLine": 6, "startColumn": 9, "endLine": 6, "endColumn": 36},
            },
            "logicalLocations": [{"fullyQualifiedName": "tools.a.constraints[0]"}],
        }
    ]


def test_a_finding_without_a_place_is_sarif_too() -> None:
    span = Span(Source("C:\\x", ""), 1, 1, 1, 1)
    log = sarif([Finding("HX401", "note", "m", "h"), Finding("HX401", "note", "m", "h", span)], version="1")
    first, second = log["runs"][0]["results"]
    assert "locations" not in first
    assert second["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "C%3A/x"}


def test_every_rule_has_a_code_a_name_and_a_sentence() -> None:
    assert [rule.code for rule in RULES] == [f"HX{401 + number}" for number in range(len(RULES))]
    assert len({rule.name for rule in RULES}) == len({rule.find for rule in RULES}) == len(RULES)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.name) for rule in RULES)
    assert all(rule.summary.endswith(".") for rule in RULES)


def test_a_policy_without_faults_has_no_findings() -> None:
    assert lint(Policy.from_text("tools: {search: {mode: allow, constraints: [args.n <= 10]}}")) == []
    assert lint(Policy.from_text("version: 1")) == []


FACTS = [
    "args.a",
    "args.b",
    "args.a.x",
    "args.a[0]",
    "ctx.c",
    "user.id",
    "role",
    "tool",
    "count(args.a)",
    "lower(args.a)",
]
LITERALS = ["1", "2", "0", "1.5", '"a"', '"ab"', '"A"', "true", "null", "[1]", "[]", '"a/b"']
LISTS = ["[1, 2]", '["a", "ab"]', "[]", "[true, 1]", '["A"]']
VALUES: list[Any] = [0, 1, 1.5, 2, 3, "", "a", "A", "ab", "a/b", "b", True, None, [], [1], ["a", "b"], {"x": 1}, {}]


def leaves() -> SearchStrategy[str]:
    facts, literals = st.sampled_from(FACTS), st.sampled_from(LITERALS)
    comparisons = st.builds(
        "{} {} {}".format, facts, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), literals | facts
    )
    members = st.builds("{} {} {}".format, facts | literals, st.sampled_from(["in", "not in"]), st.sampled_from(LISTS))
    tests = st.builds(
        '{}({}, "{}")'.format, st.sampled_from(["startswith", "endswith", "contains", "within"]), facts, st.just("a")
    )
    presence = st.builds("exists({})".format, st.sampled_from(FACTS[:8]))
    return comparisons | comparisons | members | tests | presence


def constraints() -> SearchStrategy[str]:
    def grown(inner: SearchStrategy[str]) -> SearchStrategy[str]:
        joined = st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner)
        elements = st.builds("{}(args.a, {})".format, st.sampled_from(["every", "any"]), inner)
        return joined | joined | st.builds("not ({})".format, inner) | elements

    return st.recursive(leaves(), grown, max_leaves=6)


@st.composite
def calls(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    values = st.sampled_from(VALUES)
    return draw(st.dictionaries(st.sampled_from("ab"), values)), draw(st.dictionaries(st.just("c"), values))


@given(texts=st.lists(constraints(), min_size=1, max_size=3), asked=st.lists(calls(), min_size=20, max_size=20))
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=150)
def test_what_the_linter_calls_impossible_or_certain_is(texts: list[str], asked: list[Any]) -> None:
    policy = Policy.model_validate({"tools": {"t": {"mode": "allow", "constraints": texts}}})
    found = lint(policy)
    never = [finding for finding in found if finding.code in ("HX401", "HX402")]
    always = {finding.path for finding in found if finding.code == "HX403"}
    engine = NativeEngine(compile_policy(policy))
    for arguments, attributes in asked:
        decision = engine.decide(ToolCall("t", arguments), User("a", role="default", attributes=attributes))
        assert not never or decision.outcome is not Outcome.ALLOW
        for position, text in enumerate(texts):
            assert f"tools.t.constraints[{position}]" not in always or text not in decision.violations


@pytest.mark.parametrize(
    "text", ["args.a == 1 or " * 200 + "args.a == 2", "not " * 60 + "args.a == 1", "1 == 1 and " * 300 + "1 == 2"]
)
def test_a_long_constraint_is_judged_in_time(text: str) -> None:
    lint(Policy.model_validate({"tools": {"t": {"mode": "allow", "constraints": [text]}}}))
