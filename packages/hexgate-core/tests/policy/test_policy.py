"""A policy comes from text, files, paths or data, with the same meaning, or not at all with every mistake."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hexgate.core import Policy, PolicyError, compile_policy
from hexgate.core.errors import Mistake

RULE = "tools: {t: {mode: allow}}\n"


def mistakes(make: Callable[[], object]) -> list[Mistake]:
    with pytest.raises(PolicyError) as caught:
        make()
    return list(caught.value.mistakes)


def test_text_file_standard_input_and_data_say_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "policy.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + RULE.encode())
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(RULE.encode())))
    policy = Policy.from_text(RULE)
    assert Policy.load(path) == Policy.load(str(path)) == policy
    assert Policy.load("-") == policy
    assert Policy.model_validate({"tools": {"t": {"mode": "allow"}}}) == policy


def test_a_directory_is_read_file_by_file_in_the_order_of_the_names(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.yml", ".hidden.yaml", "notes.txt", "c.yaml~"):
        (tmp_path / name).write_text(RULE if name[-1] == "l" and name[0] != "." else "[")
    assert list(Policy.load(tmp_path).roles) == ["a", "b"]
    assert Policy.load(tmp_path) == Policy.from_files({"b.yaml": RULE, "a.yml": RULE, "notes.txt": "["})


def test_a_rule_knows_its_file_and_its_line(tmp_path: Path) -> None:
    (tmp_path / "billing.yaml").write_text("tools:\n  t: {mode: allow}\n")
    span = Policy.load(tmp_path).roles["billing"].tools["t"].span
    assert str(span) == f"{tmp_path / 'billing.yaml'}:2:3"


def test_all_mistakes_of_all_files_of_a_directory_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("tols: {}")
    (tmp_path / "b.yaml").write_text("tools: [")
    (tmp_path / "c.yaml").write_bytes(b"\xff")
    (tmp_path / "d.yaml").mkdir()
    (tmp_path / "e.yaml").write_text("inherits: [b, c, d, ghost]")
    found = mistakes(lambda: Policy.load(tmp_path))
    assert [(mistake.code, mistake.span and Path(mistake.span.source.name).name) for mistake in found] == [
        *[("HX110", None), ("HX203", "a.yaml"), ("HX101", "b.yaml"), ("HX102", "c.yaml"), ("HX208", "e.yaml")],
    ]
    assert "d.yaml` cannot be read: Is a directory" in found[0].message


def test_one_role_in_two_files_is_a_mistake_and_both_are_read() -> None:
    found = mistakes(lambda: Policy.from_files({"a.yaml": "tols: {}", "a.yml": "mod: 1"}))
    assert [mistake.code for mistake in found] == ["HX203", "HX211", "HX203"]


@pytest.mark.parametrize("path", ["missing.yaml", "a\0b", "no/such/directory/p.yaml", "x" * 5000])
def test_a_path_that_cannot_be_read_is_a_mistake(path: str, tmp_path: Path) -> None:
    [found] = mistakes(lambda: Policy.load(tmp_path / path))
    assert found.code == "HX110"
    assert found.headline.isprintable()


def test_a_directory_that_cannot_be_listed_is_a_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    [found] = mistakes(lambda: Policy.load(tmp_path))
    assert (found.code, found.message.endswith("cannot be read: Permission denied")) == ("HX110", True)


def test_a_pipe_in_a_directory_is_a_mistake_and_is_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "default.yaml").write_text(RULE)
    (tmp_path / "link.yml").symlink_to(tmp_path / "default.yaml")
    (tmp_path / "nowhere.yaml").symlink_to(tmp_path / "missing")
    gone, pipe = mistakes(lambda: Policy.load(tmp_path))
    assert (gone.code, pipe.code) == ("HX110", "HX110")
    assert gone.message.endswith("nowhere.yaml` cannot be read: No such file or directory")
    assert pipe.message.endswith("pipe.yaml` cannot be read: it is no regular file")


def test_an_error_without_words_of_the_system_is_told_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("the disk is on fire")

    monkeypatch.setattr(Path, "open", fail)
    [found] = mistakes(lambda: Policy.load(tmp_path / "p.yaml"))
    assert found.message.endswith("cannot be read: the disk is on fire")


def test_a_directory_without_role_files_is_a_mistake(tmp_path: Path) -> None:
    assert [found.code for found in mistakes(lambda: Policy.load(tmp_path))] == ["HX111"]
    assert [found.code for found in mistakes(lambda: Policy.from_files({"a.json": "{}"}))] == ["HX111"]


def test_a_path_that_never_ends_is_too_large() -> None:
    [found] = mistakes(lambda: Policy.load("/dev/zero"))
    assert (found.code, found.span) == ("HX103", None)


@pytest.mark.parametrize(
    ("data", "line", "column"),
    [
        (b"tools:\n  \xe9: {}", 2, 3),
        (b"tools:\r  \xe9: {}", 2, 3),
        ("tools:\u2028 ä".encode() + b"\xff", 2, 3),
        (b"\xef\xbb\xbfa\xc3", 1, 2),
        ("tools: {}".encode("utf-16"), 1, 1),
        ("tools: {}".encode("utf-32"), 1, 1),
        (b"a: \xed\xa0\x80", 1, 4),
    ],
)
def test_a_file_that_is_no_utf_8_is_a_mistake_at_the_first_bad_byte(
    data: bytes, line: int, column: int, tmp_path: Path
) -> None:
    (tmp_path / "p.yaml").write_bytes(data)
    [found] = mistakes(lambda: Policy.load(tmp_path / "p.yaml"))
    assert found.code == "HX102"
    assert found.span is not None
    assert (found.span.line, found.span.column) == (line, column)
    found.render().encode()


def test_a_name_of_a_file_that_is_no_text_is_a_mistake(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.yaml")).write_text(RULE)
    [found] = mistakes(lambda: compile_policy(Policy.load(tmp_path)))
    assert found.code == "HX207"
    str(found).encode()


def test_standard_input_is_named_in_mistakes() -> None:
    script = "from hexgate.core import Policy; Policy.load('-')"
    found = subprocess.run([sys.executable, "-c", script], input=b"tols: 1", capture_output=True, check=False)
    assert b"<stdin>:1:1: unknown key `tols`" in found.stderr


@pytest.mark.parametrize("text", ["", "# only a comment\n", " \n\t\n", "\ufeff"])
def test_an_empty_text_is_a_mistake(text: str) -> None:
    assert [found.code for found in mistakes(lambda: Policy.from_text(text.replace("\t", " ")))] == ["HX109"]


def test_mistakes_without_a_place_come_first_and_the_rest_in_the_order_of_the_text() -> None:
    data: dict[str, Any] = {"tols": 1, "tools": {"t": {"mode": "x"}}}
    assert [found.path for found in mistakes(lambda: Policy.model_validate(data))] == ["tols", "tools.t.mode"]
    text = "tools:\n  t: {mode: x}\ntols: 1\nconsts: {a: null}"
    found = mistakes(lambda: Policy.from_text(text))
    assert [mistake.span and mistake.span.line for mistake in found] == [2, 3, 4]


def test_a_policy_of_text_and_its_data_are_equal_though_only_one_has_places() -> None:
    policy = Policy.from_text(
        "consts: {a: [1, x]}\nroles: {b: {tools: {t: {mode: deny, constraints: [args.x in consts.a]}}}}"
    )
    assert Policy.model_validate(policy.model_dump()) == policy
    assert Policy.from_text(policy.to_yaml()) == policy


def test_a_policy_cannot_be_changed() -> None:
    policy: Any = Policy.from_text(RULE)
    with pytest.raises((AttributeError, TypeError)):
        policy.monitor = True
    with pytest.raises((AttributeError, TypeError)):
        policy.roles["default"].name = "admin"
