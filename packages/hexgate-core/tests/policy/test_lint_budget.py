"""Linting ends: work is counted, and a policy that asks for too much of it gets what was found until then."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from hexgate.core import Policy, lint
from hexgate.core.policy.lint import budget, sarif


def rule(*constraints: str) -> dict[str, Any]:
    return {"mode": "allow", "constraints": list(constraints)}


def found(tools: dict[str, Any], **rest: Any) -> list[str]:
    return [finding.code for finding in lint(Policy.model_validate({"tools": tools, **rest}))]


@pytest.fixture
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["hexgate.core.policy.lint"], "MOST_WORK", 20_000)


def test_only_constraints_that_share_a_fact_are_compared(little: None) -> None:
    assert found({"t": rule(*(f"args.a{number} == 1" for number in range(800)), "args.a0 == 2")}) == ["HX402"]


@pytest.mark.parametrize("second", ["not exists(args.a)", "args.a.b == 2"])
def test_constraints_on_a_fact_and_on_what_holds_it_are_compared(second: str) -> None:
    policy = Policy.model_validate({"tools": {"t": rule("args.a.b == 1", "args.x == 1", second, "args.y == 1")}})
    (finding,) = [finding for finding in lint(policy) if finding.code == "HX402"]
    assert finding.message.startswith(f"`args.a.b == 1` and `{second}`")


SIDES = [" or ".join(f"args.a == {rule * 100 + side}" for side in range(64)) for rule in range(20)]
MUCH: dict[str, dict[str, Any]] = {
    "alternatives": {"tools": {"t": rule(*SIDES)}},
    "long lists": {
        "consts": {f"c{number}": [f"{number}-{item}" for item in range(200)] for number in range(9)},
        "tools": {"t": rule(" or ".join(f"args.a in consts.c{number}" for number in range(9)))},
    },
    "constraints on one fact": {"tools": {"t": rule(*(f"args.a != {number}" for number in range(200)), "args.a == 2")}},
}


@pytest.mark.parametrize("what", MUCH)
def test_what_would_take_too_much_work_ends_in_a_note(what: str, little: None) -> None:
    assert "HX421" in found(**MUCH[what])


def test_what_was_found_before_is_told(little: None) -> None:
    policy = Policy.model_validate({"tools": {"a": rule("args.a == 1 and args.a == 2"), "b": rule(*SIDES)}})
    assert [finding.code for finding in lint(policy)] == ["HX401", "HX421"]
    assert [result["ruleId"] for result in sarif(lint(policy), version="1")["runs"][0]["results"]] == ["HX401", "HX421"]


def test_outside_of_the_linter_nothing_is_counted() -> None:
    budget.spend(10**9)
    with pytest.raises(budget.WorkExceededError), budget.limited(1):
        budget.spend(2)
    budget.spend(10**9)
