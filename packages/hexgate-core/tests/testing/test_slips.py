"""Names that a case may have mistyped: what is doubted, and what is believed."""

from __future__ import annotations

import pytest

from hexgate.core.testing import run_suites, suites_from_text

CLOSED = "roles: {support: {tools: {refund: {mode: allow}, mcp-*: {mode: deny}}}, admin: {tools: {wipe: {mode: deny}}}}"
OPEN = "roles: {support: {tools: {refund: {mode: allow}}}, default: {default_policy: {mode: deny}}}"


def warnings(policy: str, case: str) -> list[str]:
    text = f"suites: [{{name: s, policy: {{text: '{policy}'}}, cases: [{{name: c, {case}}}]}}]"
    return list(run_suites([suites_from_text(text)]).suites[0].cases[0].warnings)


@pytest.mark.parametrize(
    ("policy", "case", "told"),
    [
        (CLOSED, "role: suport, tool: refund, expect: {outcome: deny}", "; did you mean `support`?"),
        (CLOSED, "roles: [admin, suport], tool: wipe, expect: {outcome: deny}", "; did you mean `support`?"),
        (CLOSED, "role: guest, tool: refund, expect: {outcome: deny}", "; say `code: no_role` if that is meant"),
        (OPEN, "role: suport, tool: refund, expect: {outcome: deny}", "; did you mean `support`?"),
    ],
)
def test_a_role_that_the_policy_does_not_know_is_doubted(policy: str, case: str, told: str) -> None:
    (warning,) = warnings(policy, case)
    assert warning.startswith("the policy has no role `")
    assert warning.endswith(told)


@pytest.mark.parametrize(
    ("policy", "case"),
    [
        (CLOSED, "role: suport, tool: refund, expect: {outcome: deny, code: no_role}"),
        (OPEN, "role: suport, tool: refund, expect: {outcome: deny, deciding_role: default}"),
        (OPEN, "role: guest, tool: refund, expect: {outcome: deny}"),
        (CLOSED, "roles: [admin, guest], tool: wipe, expect: {outcome: deny, deciding_role: admin}"),
        (CLOSED, "role: support, tool: refund, expect: {outcome: allow}"),
        (CLOSED, "tool: refund, expect: {outcome: deny}"),
    ],
)
def test_a_case_that_says_what_it_means_is_believed(policy: str, case: str) -> None:
    assert warnings(policy, case) == []


@pytest.mark.parametrize(
    ("tool", "told"),
    [("refnd", "; did you mean `refund`?"), ("other", "; say `code: default_denied` if that is meant")],
)
def test_a_denied_tool_that_no_rule_names_is_doubted(tool: str, told: str) -> None:
    case = f"role: support, tool: {tool}, expect: {{outcome: deny"
    assert warnings(CLOSED, f"{case}}}") == [f"no rule names the tool `{tool}`{told}"]
    assert warnings(CLOSED, f"{case}, code: default_denied}}") == []


def test_a_tool_that_a_prefix_or_another_role_names_is_believed() -> None:
    for tool in ("mcp-x", "wipe"):
        assert warnings(CLOSED, f"role: support, tool: {tool}, expect: {{outcome: deny}}") == []


def test_a_policy_that_is_nowhere_is_named_without_steps_up() -> None:
    case = "cases: [{name: c, tool: a, expect: {outcome: deny}}]"
    (suite,) = run_suites([suites_from_text(f"suites: [{{name: s, policy: none/../p.yaml, {case}}}]")]).errors
    assert suite.mistakes[0].message.startswith("`p.yaml` cannot be read")
