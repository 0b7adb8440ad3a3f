"""Every case of the conformance suites that asks a question, answered by the Rego of its policy in OPA's own evaluator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from hexgate.core.call import ToolCall
from hexgate.core.engine import NativeEngine
from hexgate.core.program import compile_policy
from hexgate.core.rego import rego_text
from hexgate.core.testing import Case, Suite, find_suites, read_suites
from tests.conformance.test_cases_through_the_engine import CASES
from tests.differential.opa import Opa, result_of, sent

FEWEST = 900
# What is refused before any rule is read is no question for OPA, and how much work a decision may be is no part of a policy.
BEFORE_ANY_RULE = {"call_refused", "work_exceeded"}


def calls_of(suite: Suite) -> Iterator[tuple[Case, ToolCall]]:
    """The cases of a suite with their calls, without those that no rule decides about."""
    for case in suite.cases:
        call = ToolCall(case.tool, case.arguments)
        if call.refusal is None and case.wanted.get("code") not in BEFORE_ANY_RULE:
            yield case, call


def suites() -> Iterator[Any]:
    for path in find_suites(CASES):
        for suite in read_suites(path).suites:
            if any(calls_of(suite)):
                yield pytest.param(suite, id=f"{path.stem}/{suite.name}")


ALL = list(suites())


def test_there_are_enough_cases() -> None:
    assert sum(len(list(calls_of(parameter.values[0]))) for parameter in ALL) >= FEWEST


@pytest.mark.parametrize("suite", ALL)
def test_opa_answers_the_cases_as_the_engine_does(suite: Suite) -> None:
    program = compile_policy(suite.origin.load())
    engine, opa = NativeEngine(program), Opa(rego_text(program))
    for case, call in calls_of(suite):
        assert opa.decision(sent(call, case.user)) == result_of(engine.decide(call, case.user)), case.name
