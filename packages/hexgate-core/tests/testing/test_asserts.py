"""Assertions for authors: silent when the answer is right, talkative when it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from hexgate.core import Hexgate, User
from hexgate.core.testing import assert_allows, assert_denies, assert_needs_approval, run_cases

POLICY = {
    "roles": {
        "support": {
            "tools": {"refund": {"mode": "allow", "constraints": ["args.amount <= 100", 'args.currency in ["USD"]']}}
        },
        "billing": {"tools": {"refund": {"mode": "approval_required", "approvers": {"role": "finance"}}}},
        "default": {"default_policy": {"mode": "deny"}},
    }
}


def test_a_right_answer_is_silent() -> None:
    assert_allows(POLICY, "refund", {"amount": 40, "currency": "USD"}, role="support")
    assert_denies(
        POLICY, "refund", '{"amount": 400, "currency": "USD"}', role="support", violations=("args.amount <= 100",)
    )
    assert_needs_approval(POLICY, "refund", role="billing", approvers={"role": "finance"}, code="approval_required")
    assert_denies(POLICY, "refund", user=User("alice"), code="default_denied", deciding_role="default")


def test_a_hexgate_is_taken_as_it_is() -> None:
    assert_denies(Hexgate.from_policy(POLICY, agent="bot"), "refund", role="support")


def test_the_user_of_the_scope_around_calls_unless_another_is_named() -> None:
    with User("alice", "billing").sync_scope():
        assert_needs_approval(POLICY, "refund")
        assert_denies(POLICY, "refund", role="default")
    assert_denies(POLICY, "refund")


def test_a_wrong_answer_shows_the_way_to_it() -> None:
    with pytest.raises(AssertionError) as raised:
        assert_allows(POLICY, "refund", {"amount": 400}, role="support")
    first, *rest = str(raised.value).splitlines()
    assert first.startswith("DENY support → refund: constraint failed; args.amount <= 100; args.currency in ")
    assert rest == [
        "  outcome: wanted 'allow', got 'deny'",
        "role `support`",
        "└─ rule `refund`: allow — the rule has the tool's name",
        "   ├─ ✗ args.amount <= 100   args.amount = 400",
        '   └─ ? args.currency in ["USD"]   args.currency is missing, so unknown',
    ]


def test_a_wrong_reason_is_a_wrong_answer() -> None:
    with pytest.raises(AssertionError, match="violations: wanted \\['x'\\], got"):
        assert_denies(POLICY, "refund", {"amount": 400}, role="support", violations=["x"])
    with pytest.raises(AssertionError, match="outcome: wanted 'approval_required', got 'deny'"):
        assert_needs_approval(POLICY, "refund", {"amount": 400}, role="support")


def test_an_answer_that_no_rule_gave_has_no_tree() -> None:
    with pytest.raises(AssertionError) as raised:
        assert_allows(POLICY, "refund", "[]", role="support")
    assert "└─" not in str(raised.value)


KNOWN = {"roles": {"support": {"tools": {"refund": {"mode": "allow"}}}}}


def test_a_mistyped_role_is_no_denial_that_was_wanted() -> None:
    with pytest.raises(AssertionError) as raised:
        assert_denies(KNOWN, "refund", role="suport")
    assert str(raised.value).splitlines()[1:] == [
        "  the policy has no role `suport`; did you mean `support`?",
        '  if it is meant that nobody knows the role, give `code="no_role"`',
    ]
    assert_denies(KNOWN, "refund", role="suport", code="no_role")
    assert_denies(KNOWN, "refund")
    assert_denies(POLICY, "refund", role="suport")


def test_a_key_that_no_answer_has_is_refused() -> None:
    with pytest.raises(TypeError, match="an answer has no `violation`; it has outcome, code"):
        assert_denies(POLICY, "refund", role="support", violation=[])  # type: ignore[call-arg]


def test_a_role_and_a_user_together_are_refused() -> None:
    with pytest.raises(ValueError, match="not both"):
        assert_denies(POLICY, "refund", role="support", user=User("alice"))


def suites(folder: Path, outcome: str, count: int = 1) -> Path:
    cases = ", ".join(f"{{name: c{number}, tool: a, expect: {{outcome: {outcome}}}}}" for number in range(count))
    path = folder / "s.yaml"
    path.write_text(f"suites: [{{name: s, policy: {{text: 'tools: {{a: {{mode: deny}}}}'}}, cases: [{cases}]}}]")
    return path


def test_a_file_and_a_folder_of_suites_can_be_run(tmp_path: Path) -> None:
    path = suites(tmp_path, "deny")
    assert run_cases(path).total == run_cases(str(tmp_path)).total == 1


def test_failed_cases_are_listed_up_to_a_sensible_number(tmp_path: Path) -> None:
    path = suites(tmp_path, "allow", 22)
    with pytest.raises(AssertionError) as raised:
        run_cases(path)
    lines = str(raised.value).splitlines()
    assert lines[0] == "22 of 22 cases failed"
    assert lines[1:3] == [f"{path}:1:79: s / c0", "  outcome: wanted 'allow', got 'deny'"]
    assert lines[-1] == "… and 2 more"


def test_a_failed_case_says_what_differs(tmp_path: Path) -> None:
    with pytest.raises(
        AssertionError, match=r"1 of 1 cases failed\n.*: s / c0\n  outcome: wanted 'allow', got 'deny'$"
    ):
        run_cases(suites(tmp_path, "allow"))


def test_a_suite_whose_policy_cannot_be_loaded_says_why(tmp_path: Path) -> None:
    path = suites(tmp_path, "deny")
    path.write_text(path.read_text().replace("mode: deny", "mode: perhaps"))
    with pytest.raises(AssertionError, match=r"s: the policy cannot be loaded, 1 cases not run\n.*HX206"):
        run_cases(path)


def test_warnings_fail_when_asked(tmp_path: Path) -> None:
    path = suites(tmp_path, "deny")
    path.write_text(path.read_text().replace("tool: a,", "tool: ab,"))
    assert run_cases(path).warnings
    with pytest.raises(AssertionError, match="  warning: no rule names the tool `ab`"):
        run_cases(path, strict=True)


def test_a_folder_without_suites_is_no_success(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="no file of suites was found"):
        run_cases(tmp_path)
