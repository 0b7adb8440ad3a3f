"""The golden matrix: one module, and byte for byte the same answers in our engine and in every SDK of OPA, whatever its memory.

Every case of the conformance suites is asked, except those that no module is asked about: calls and users that are refused before
any rule. They are counted below, so that none is left out unseen.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from hexgate.core import ToolCall
from hexgate.core.identity import User
from hexgate.core.policy import Policy
from hexgate.core.program import compile_policy
from hexgate.core.testing import find_suites, read_suites
from hexgate.core.testing.suite import Origin
from tests.conformance.sdks.matrix import SDKS, Row, answers_of, row

CASES = Path(__file__).parent / "cases"
FEWEST = 250
ROLES, TOOLS = 50, 200
WAYS = {
    "node": [
        "loadPolicySync, opa_eval",
        "loadPolicySync, eval with a context",
        "loadPolicy, opa_eval",
        "loadPolicy, eval with a context",
    ],
    "opa-py-wasm": ["opa-py-wasm"],
    "opa-wasmtime": ["opa-wasmtime"],
}
# Why cases ask no module, and how many: their call is malformed. None of them has a user that has expired or is nobody.
LEFT_ASIDE = {"malformed_call": 57}


@cache
def cases() -> tuple[list[Row], Counter[str]]:
    """A row for each policy, and the codes of what no module is asked about."""
    asked: dict[Origin, list[tuple[str, ToolCall, User]]] = {}
    aside: Counter[str] = Counter()
    for path in find_suites(CASES):
        for suite in read_suites(path).suites:
            for case in suite.cases:
                call = ToolCall(case.tool, case.arguments)
                refused = "malformed_call" if call.refusal is not None else case.user.obstacle(call.tool)
                if refused is not None:
                    aside[str(refused)] += 1
                else:
                    asked.setdefault(suite.origin, []).append((f"{path.stem}/{case.name}", call, case.user))
    rows = [
        row(str(number), compile_policy(origin.load()), questions)
        for number, (origin, questions) in enumerate(asked.items())
    ]
    return rows, aside


def large_role(role: int) -> dict[str, Any]:
    """A role with three constraints of its own for each of its tools."""
    return {
        "tools": {
            f"tool_{tool}": {
                "mode": "allow",
                "constraints": [
                    f"args.amount <= {role * 1000 + tool}",
                    f'args.currency in ["USD", "C{tool}"]',
                    f'startswith(args.note, "r{role}-{tool % 20}")',
                ],
            }
            for tool in range(TOOLS)
        }
    }


@cache
def sizes() -> list[Row]:
    """The empty policy, and one that is far larger than the memory of any SDK is at first."""
    empty = row(
        "empty",
        compile_policy(Policy.from_text("version: 1\n")),
        [("anyone", ToolCall("t", {}), User("u", roles=["r"]))],
    )
    large = compile_policy(
        Policy.model_validate({"version": 1, "roles": {f"role_{n}": large_role(n) for n in range(ROLES)}})
    )
    questions = []
    for role in (0, ROLES // 2, ROLES - 1):
        for tool in (0, TOOLS - 1):
            for amount in (0, 10**6):
                arguments = {"amount": amount, "currency": f"C{tool}", "note": f"r{role}-{tool % 20} " + "é" * 2_000}
                questions.append(
                    (f"{role}/{tool}", ToolCall(f"tool_{tool}", arguments), User("u", roles=[f"role_{role}"]))
                )
    return [empty, row("large", large, questions)]


def compare(sdk: str, rows: list[Row], folder: Path) -> None:
    found = answers_of(sdk, rows, folder)
    assert list(found) == WAYS[sdk]
    for way, answers in found.items():
        for each, texts in zip(rows, answers, strict=True):
            for asked, wanted, got in zip(each.asked, each.wanted, texts, strict=True):
                assert got == wanted, f"{asked}, by {way}"


@pytest.mark.parametrize("sdk", SDKS)
def test_every_case_has_the_same_answer_in_every_sdk(sdk: str, tmp_path: Path) -> None:
    compare(sdk, cases()[0], tmp_path)


@pytest.mark.parametrize("sdk", SDKS)
def test_the_smallest_and_the_largest_policy_fit_every_sdk(sdk: str, tmp_path: Path) -> None:
    assert len(sizes()[1].module) > 1_000_000
    compare(sdk, sizes(), tmp_path)


def test_answers_differ_among_the_questions_that_are_asked() -> None:
    answers = [text for each in [*cases()[0], *sizes()] for text in each.wanted]
    assert len(answers) >= FEWEST
    assert 0.2 < sum('"allow":true' in text for text in answers) / len(answers) < 0.8


def test_the_cases_that_no_module_is_asked_about_are_known() -> None:
    assert dict(cases()[1]) == LEFT_ASIDE


def test_an_answer_that_differs_is_noticed(tmp_path: Path) -> None:
    other = sizes()[0]
    changed = Row(
        other.name, other.module, other.inputs, [text.replace("false", "true", 1) for text in other.wanted], other.asked
    )
    with pytest.raises(AssertionError, match="anyone, by opa-py-wasm"):
        compare("opa-py-wasm", [changed], tmp_path)
