"""A decision is an immutable answer without a truth value, and each of its readers is told no more than they may know."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexgate.core import Decision, Outcome, RuleReference
from hexgate.core.decision import MEANINGS, MOST_VIOLATIONS_SHOWN

RULE = RuleReference("billing", "refund_order", "refunds.yaml", 7, "finance limit 2026")


def decision(**changes: Any) -> Decision:
    fields: dict[str, Any] = {
        "outcome": Outcome.DENY,
        "code": "constraint_failed",
        "tool": "refund_order",
        "agent": "support-bot",
        "roles": ("billing", "support"),
        "deciding_role": "billing",
        "rule": RULE,
        "violations": ("args.amount <= 100",),
        "monitor": False,
        "approvers": None,
        "policy": "sha256:ab",
        "engine": "native",
    }
    return Decision(**{**fields, **changes})


ALLOWED = decision(outcome=Outcome.ALLOW, code="allowed", violations=())
ASKED = decision(
    outcome=Outcome.APPROVAL_REQUIRED, code="approval_required", violations=(), approvers={"role": "finance"}
)


@pytest.mark.parametrize("answer", [decision(), ALLOWED, ASKED])
def test_a_decision_has_no_truth_value(answer: Decision) -> None:
    with pytest.raises(TypeError, match=r"ask `\.allowed`, `\.denied` or `\.needs_approval`"):
        bool(answer)


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (ALLOWED, (True, False, False)),
        (decision(), (False, True, False)),
        (ASKED, (False, False, True)),
    ],
)
def test_exactly_one_of_the_three_questions_is_answered_yes(answer: Decision, wanted: tuple[bool, bool, bool]) -> None:
    assert (answer.allowed, answer.denied, answer.needs_approval) == wanted


@pytest.mark.parametrize("name", Decision._fields)
def test_no_field_of_a_decision_can_be_changed(name: str) -> None:
    with pytest.raises(AttributeError):
        setattr(decision(), name, None)


def test_nothing_can_be_added_to_a_decision_or_to_its_rule() -> None:
    answer: Any = decision()
    with pytest.raises(AttributeError):
        answer.approved = True
    with pytest.raises((AttributeError, TypeError)):
        answer.rule.line = 1


@pytest.mark.parametrize("code", MEANINGS)
def test_every_code_has_a_reason_in_words(code: str) -> None:
    answer = decision(code=code)
    assert answer.reason == MEANINGS[code].reason
    assert answer.hint == MEANINGS[code].hint


def test_a_refused_call_says_what_was_wrong_with_it() -> None:
    answer = decision(code="call_refused", detail="the arguments hold a key twice")
    assert answer.reason == "the call cannot be decided about: the arguments hold a key twice"


def test_the_authors_note_is_for_people() -> None:
    assert decision().note == "finance limit 2026"
    assert decision(rule=None).note is None
    assert "finance limit" not in decision().for_model()


def test_the_model_is_told_the_tool_and_the_failed_constraints() -> None:
    assert decision().for_model() == (
        "[policy_denied] Tool 'refund_order' is denied by the agent policy: constraint failed (args.amount <= 100). "
        "The tool was not executed."
    )
    assert ASKED.for_model() == (
        "[approval_required] Tool 'refund_order' requires human approval before execution: "
        "the rule asks for a human decision. The tool was not executed."
    )
    assert ALLOWED.for_model() == "Tool 'refund_order' is allowed by the agent policy."


@pytest.mark.parametrize("answer", [decision(), ALLOWED, ASKED])
def test_the_model_is_told_no_role_document_agent_note_or_approver(answer: Decision) -> None:
    told = answer.for_model()
    for secret in ("billing", "support", "refunds.yaml", "finance", "sha256", "native"):
        assert secret not in told


def test_the_model_is_shown_ten_violations_at_most() -> None:
    told = decision(violations=tuple(f"args.x != {number:03}" for number in range(100))).for_model()
    assert told.count("args.x") == MOST_VIOLATIONS_SHOWN


def test_the_operator_sees_who_what_why_and_where_on_one_line() -> None:
    assert decision().for_operator() == (
        "DENY billing → refund_order: constraint failed; args.amount <= 100 (refunds.yaml:7) [constraint_failed]"
    )


def test_where_no_role_decided_the_operator_sees_the_roles_or_nobody() -> None:
    assert decision(deciding_role=None).for_operator().startswith("DENY billing, support → ")
    assert decision(deciding_role=None, roles=()).for_operator().startswith("DENY nobody → ")
    assert "(" not in decision(rule=None, violations=()).for_operator()


@given(st.text(), st.text(), st.text())
def test_nothing_that_anyone_wrote_can_move_a_cursor(tool: str, written: str, name: str) -> None:
    rule = RuleReference(name, tool, name, 1, written)
    answer = decision(tool=tool, deciding_role=name, rule=rule, violations=(written,))
    refused = decision(tool=tool, code="call_refused", detail=written, deciding_role=None, roles=(name,))
    for told in (answer.for_model(), answer.for_operator(), refused.for_model(), refused.for_operator()):
        assert told.isprintable()


def test_an_escape_sequence_in_a_tools_name_is_made_visible() -> None:
    assert "Tool '·[31mrm·' is denied" in decision(tool="\x1b[31mrm\u202e").for_model()


@pytest.mark.parametrize(
    ("rule", "place"),
    [
        (RULE, "refunds.yaml:7"),
        (RuleReference("a", "t", "refunds.yaml"), "refunds.yaml"),
        (RuleReference("a", "t"), ""),
    ],
)
def test_a_rule_says_where_it_stands_as_far_as_that_is_known(rule: RuleReference, place: str) -> None:
    assert rule.place == place


def test_a_decision_as_json_holds_everything_an_audit_needs() -> None:
    assert decision().as_dict() == {
        "outcome": "deny",
        "code": "constraint_failed",
        "tool": "refund_order",
        "agent": "support-bot",
        "roles": ["billing", "support"],
        "deciding_role": "billing",
        "rule": {"role": "billing", "tool": "refund_order", "document": "refunds.yaml", "line": 7},
        "reason": "constraint failed",
        "note": "finance limit 2026",
        "violations": ["args.amount <= 100"],
        "hint": "change the arguments so that every listed constraint holds",
        "monitor": False,
        "approvers": None,
        "policy": "sha256:ab",
        "engine": "native",
    }


def test_a_decision_that_no_rule_gave_has_no_rule_in_json() -> None:
    answer = decision(rule=None, approvers={"role": "finance", "not": "caller"}).as_dict()
    assert (answer["rule"], answer["note"]) == (None, None)
    assert answer["approvers"] == {"role": "finance", "not": "caller"}
