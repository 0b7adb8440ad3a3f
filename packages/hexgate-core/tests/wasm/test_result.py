"""A result that is exactly one decision is read; whatever else a module says is a fault, and never a yes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hexgate.core.decision import Outcome
from hexgate.core.wasm.faults import ModuleFault
from hexgate.core.wasm.result import MOST_REMEMBERED, Parts, Reader, parts_of

DENIED: dict[str, Any] = {
    "allow": False,
    "approvers": None,
    "deciding_role": "staff",
    "explicit_deny": False,
    "monitor": False,
    "requires_approval": False,
    "violations": [],
}
ALLOWED = {**DENIED, "allow": True}
ASKS = {**DENIED, "requires_approval": True}
DENY = Outcome.DENY
WRONG_FLAGS: tuple[Any, ...] = (1, 0, "true", None, [], {})
WRONG_APPROVERS: tuple[Any, ...] = ({}, [], "boss", {"role": 1}, {"not": "me"}, {"who": "x"})


def read(answer: dict[str, Any]) -> Parts:
    return parts_of(json.dumps([{"result": answer}]).encode())


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (ALLOWED, (Outcome.ALLOW, "allowed", "staff", (), False, None)),
        (ASKS, (Outcome.APPROVAL_REQUIRED, "approval_required", "staff", (), False, None)),
        (
            {**ASKS, "monitor": "2027-01-31", "approvers": {"role": "boss", "not": "caller"}},
            (
                *(Outcome.APPROVAL_REQUIRED, "approval_required", "staff", (), "2027-01-31"),
                {"role": "boss", "not": "caller"},
            ),
        ),
        (DENIED, (DENY, "default_denied", "staff", (), False, None)),
        (
            {**DENIED, "violations": ["a", "b"], "monitor": True},
            (DENY, "constraint_failed", "staff", ("a", "b"), True, None),
        ),
        (
            {**DENIED, "explicit_deny": True, "violations": ["a"]},
            (DENY, "tool_denied", "staff", ("a",), False, None),
        ),
        ({**DENIED, "deciding_role": None, "monitor": True}, (DENY, "no_role", None, (), True, None)),
        (
            {**DENIED, "deciding_role": None, "violations": ["too much"], "fault": "work_exceeded"},
            (DENY, "work_exceeded", None, (), False, None),
        ),
    ],
)
def test_a_decision_is_read(answer: dict[str, Any], wanted: tuple[Any, ...]) -> None:
    assert tuple(read(answer)) == wanted


@pytest.mark.parametrize("key", DENIED)
def test_an_answer_that_lacks_a_key_is_no_decision(key: str) -> None:
    with pytest.raises(ModuleFault, match="no decision"):
        read({name: value for name, value in ALLOWED.items() if name != key})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *[("allow", value) for value in WRONG_FLAGS],
        *[("requires_approval", value) for value in (1, "yes", None)],
        *[("explicit_deny", value) for value in (0, None)],
        *[("violations", value) for value in (None, "a", {"a": 1}, ["a", 1], [None])],
        *[("deciding_role", value) for value in (1, True, ["staff"])],
        *[("monitor", value) for value in (None, 1, "soon", "2027-01-31\n", "2027-1-31")],
        *[("approvers", value) for value in WRONG_APPROVERS],
        ("more", 1),
        ("fault", "odd"),
        ("fault", 1),
    ],
)
def test_a_value_of_another_type_is_no_decision(key: str, value: Any) -> None:
    with pytest.raises(ModuleFault, match="no decision"):
        read({**DENIED, key: value})


@pytest.mark.parametrize(
    "answer",
    [
        {**ALLOWED, "requires_approval": True},
        {**ALLOWED, "explicit_deny": True},
        {**ALLOWED, "violations": ["a"]},
        {**ALLOWED, "deciding_role": None},
        {**ALLOWED, "monitor": True},
        {**ALLOWED, "approvers": {"role": "boss"}},
        {**ALLOWED, "fault": "work_exceeded"},
        {**ASKS, "explicit_deny": True},
        {**ASKS, "violations": ["a"]},
        {**ASKS, "deciding_role": None},
        {**ASKS, "fault": "malformed_input"},
        {**DENIED, "approvers": {"role": "boss"}},
    ],
)
def test_an_answer_against_itself_is_a_fault(answer: dict[str, Any]) -> None:
    with pytest.raises(ModuleFault, match="contradicts itself"):
        read(answer)


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (b"", "not JSON"),
        (b"[{", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[NaN]", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "no result"),
        (b"null", "no decision"),
        (b"{}", "no decision"),
        (b'{"result":{}}', "no decision"),
        (b'[{"result":true}]', "no decision"),
        (b'[{"result":{}}]', "no decision"),
        (json.dumps([{"result": ALLOWED}, {"result": ALLOWED}]).encode(), "no decision"),
        (json.dumps([{"result": ALLOWED, "more": 1}]).encode(), "no decision"),
        (json.dumps([ALLOWED]).encode(), "no decision"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_is_no_result_set_of_one_answer_is_a_fault(result: bytes, said: str) -> None:
    with pytest.raises(ModuleFault, match=said):
        parts_of(result)


def test_a_module_that_could_not_read_the_question_says_so() -> None:
    with pytest.raises(ModuleFault, match="could not read the question"):
        read({**DENIED, "deciding_role": None, "violations": ["x"], "fault": "malformed_input"})


def test_equal_results_are_read_once_and_only_so_many_are_remembered() -> None:
    reader = Reader()
    texts = [json.dumps([{"result": {**DENIED, "violations": [str(n)]}}]).encode() for n in range(MOST_REMEMBERED + 1)]
    assert reader(texts[0]) is reader(bytes(texts[0]))
    assert [reader(text).violations for text in texts] == [(str(n),) for n in range(len(texts))]
    assert 0 < len(reader.known) < MOST_REMEMBERED


def test_a_long_result_is_read_and_not_remembered() -> None:
    reader = Reader()
    text = json.dumps([{"result": {**DENIED, "violations": ["x" * 1_000_000]}}]).encode()
    assert reader(text).violations == ("x" * 1_000_000,)
    assert reader.known == {}
