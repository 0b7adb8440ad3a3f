"""What is shown to a person is made small first."""

from collections.abc import Callable

import pytest

from hexgate.core.bundle.calls.question import Question
from hexgate.core.bundle.smallest import MOST_TRIES, smallest

LARGE = Question(
    "t",
    {"text": "aaaaXaaaa", "list": [1, [2, {"deep": "y", "other": 3}], 4, 5], "number": 10**40, "gone": None},
    ("one", "two", "three"),
    {"region": "EU", "level": 7},
    "alice",
    "s-1",
)


@pytest.mark.parametrize(
    ("wrong", "args"),
    [
        (lambda one: "X" in one.args.get("text", ""), {"text": "X"}),
        (lambda one: "deep" in repr(one.args), {"list": [[{"deep": "y"}]]}),
        (lambda one: one.args.get("number", 0) > 2**53, {"number": 10**16}),
        (lambda one: True, {}),
    ],
)
def test_only_what_is_needed_stays(wrong: Callable[[Question], bool], args: dict[str, object]) -> None:
    found = smallest(LARGE, wrong)
    assert found.as_dict() == {"roles": [], "tool": "t", "args": args, "ctx": {}}


def test_the_work_is_bounded() -> None:
    question = Question("t", {f"key {number}": number for number in range(5000)}, (), {})
    tries = [0]

    def wrong(one: Question) -> bool:
        tries[0] += 1
        return True

    assert len(smallest(question, wrong).args) > 0
    assert tries[0] < MOST_TRIES
