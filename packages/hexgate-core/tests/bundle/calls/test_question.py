"""A fact of a question is given another value, and the question stays what it was."""

from typing import Any

import pytest

from hexgate.core.bundle.calls.question import ABSENT, Question, put
from hexgate.core.expr.syntax import Path


def asked(**changed: Any) -> Question:
    return Question(**{"tool": "t", "args": {"a": {"b": [1, 2]}}, "roles": ("r",), "ctx": {}, **changed})


@pytest.mark.parametrize(
    ("path", "value", "args"),
    [
        (Path("args", ("a", "b", 0)), 5, {"a": {"b": [5, 2]}}),
        (Path("args", ("a", "b", 3)), 5, {"a": {"b": [1, 2, 2, 5]}}),
        (Path("args", ("a", "b", 1)), ABSENT, {"a": {"b": [1]}}),
        (Path("args", ("a", "b")), ABSENT, {"a": {}}),
        (Path("args", ("x", "y")), 5, {"a": {"b": [1, 2]}, "x": {"y": 5}}),
        (Path("args", ("a", 1)), 5, {"a": [None, 5]}),
        (Path("args", ("a", "b", 0, "c")), 5, {"a": {"b": [{"c": 5}, 2]}}),
        (Path("args", ("a", "b", 0, 5000)), 5, {"a": {"b": []}}),
        (Path("args", ("a", "b", 5000)), 5, {"a": {}}),
    ],
)
def test_a_value_is_put_where_its_path_leads(path: Path, value: Any, args: dict[str, Any]) -> None:
    question = asked()
    changed = put(question, path, value)
    assert changed is not None
    assert changed.args == args
    assert question.args == {"a": {"b": [1, 2]}}


def test_what_the_caller_is_can_be_changed() -> None:
    question = asked()
    named = put(question, Path("user", ("id",)), "bob")
    assert named is not None
    assert named.user_id == "bob"
    nameless = put(named, Path("user", ("id",)), ABSENT)
    assert nameless is not None
    assert nameless.user_id is None
    session = put(question, Path("session", ("id",)), "s-9")
    assert session is not None
    assert session.as_dict() == {
        "roles": ["r"],
        "tool": "t",
        "args": {"a": {"b": [1, 2]}},
        "ctx": {},
        "session": {"id": "s-9"},
    }
    with_ctx = put(named, Path("ctx", ("region",)), "EU")
    assert with_ctx is not None
    assert with_ctx.as_dict()["ctx"] == {"region": "EU"}
    assert with_ctx.as_dict()["user"] == {"id": "bob"}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (Path("user", ("id",)), 5),
        (Path("session", ("id",)), ""),
        (Path("tool"), "x" * 2000),
        (Path("tool"), None),
        (Path("role"), "admin"),
        (Path("args", ("a",)), "x" * 2_000_000),
        (Path("ctx", ("a",)), "x" * 2_000_000),
        (Path("args"), 5),
    ],
)
def test_what_no_question_can_be_is_not_made(path: Path, value: Any) -> None:
    assert put(asked(), path, value) is None


def test_nothing_is_written_as_a_word() -> None:
    assert repr(ABSENT) == "ABSENT"
