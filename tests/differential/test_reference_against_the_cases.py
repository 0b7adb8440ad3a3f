"""The oracle is itself judged: the reference gives every answer that the conformance cases ask for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hexgate.core.call import ToolCall
from tests.differential.case_files import Case, cases
from tests.differential.reference import Question, answer

CASES = list(cases())
SAID = ("outcome", "code", "violations", "deciding_role", "monitor", "approvers", "line")
# Section 5 of POLICY.md refuses these before any rule is read, so there is nothing to ask the reference.
BEFORE_ANY_RULE = ("call_refused", "no_user")


def question_of(asked: dict[str, Any], arguments: dict[str, Any]) -> Question:
    """The question of a case."""
    roles = asked.get("roles", [asked["role"]] if "role" in asked else [])
    return Question(
        asked["tool"], arguments, tuple(roles), asked.get("ctx") or {}, asked.get("user", "user"), asked.get("session")
    )


@pytest.mark.parametrize("case", CASES, ids=[f"{case.file}:{case.suite}:{case.name}" for case in CASES])
def test_the_reference_gives_the_answer_of_the_case(case: Case) -> None:
    call = ToolCall(
        case.asked["tool"], case.asked["args_json"] if "args_json" in case.asked else case.asked.get("args", {})
    )
    if call.refusal is not None:
        assert case.expect["outcome"] == "deny"
        assert case.expect.get("code") in (None, *BEFORE_ANY_RULE)
        return
    found = answer(case.load(), question_of(case.asked, call.arguments))
    said = {name: getattr(found, name) for name in SAID if name in case.expect}
    said.update({"violations": list(found.violations)} if "violations" in said else {})
    assert said == case.expect, json.dumps(case.asked, ensure_ascii=True)


def test_there_are_enough_cases_to_judge_by() -> None:
    assert len(CASES) >= 250
