"""What is broken is told once and not taken: the last good program goes on deciding, and what is good again is taken."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from hexgate.core import Hexgate, PolicyError

Write = Callable[..., Path]
Limit = Callable[[Hexgate], "int | None"]
Caplog = pytest.LogCaptureFixture


def told(caplog: Caplog) -> list[str]:
    """What was logged as a warning since the last time."""
    found = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    caplog.clear()
    return found


def test_a_broken_edit_is_told_once_with_its_place_and_not_taken(write: Write, limit: Limit, caplog: Caplog) -> None:
    path = write(3)
    gate = Hexgate.from_policy(path)
    live = gate.live
    write("tools:\n  refund: {mode: allw}\n")
    for _ in range(3):
        assert not gate.refresh()
    [message] = told(caplog)
    assert f"{path}:2:18: " in message
    assert "[HX206]" in message
    assert gate.program.digest in message
    assert (gate.live is live, limit(gate)) == (True, 3)


def test_another_broken_edit_is_told_too_even_with_the_same_mistake(write: Write, caplog: Caplog) -> None:
    gate = Hexgate.from_policy(write(3))
    for text in ("tols: {}\n", "tols: {}\n# soon\n", "tols: {}\n"):
        write(text)
        gate.refresh()
        gate.refresh()
    assert len(told(caplog)) == 3


def test_what_is_good_again_is_taken_and_told(write: Write, limit: Limit, caplog: Caplog) -> None:
    path = write(3)
    gate = Hexgate.from_policy(path)
    write("tols: {}\n")
    gate.refresh()
    told(caplog)
    write(5)
    assert gate.refresh()
    assert told(caplog) == [f"{path}: is good again"]
    assert limit(gate) == 5
    gate.refresh()
    assert told(caplog) == []


def test_a_broken_edit_that_is_taken_back_leaves_the_same_program(write: Write, caplog: Caplog) -> None:
    path = write(3)
    gate = Hexgate.from_policy(path)
    live = gate.live
    write("tols: {}\n")
    gate.refresh()
    write(3)
    assert not gate.refresh()
    assert gate.live is live
    assert told(caplog)[-1] == f"{path}: is good again"


def test_what_is_broken_at_first_is_raised(write: Write) -> None:
    with pytest.raises(PolicyError, match="HX203"):
        Hexgate.from_policy(write("tols: {}\n"))


def vanish(path: Path) -> None:
    path.unlink()


def become_a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def become_a_loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.name)


def become_an_empty_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


def become_a_directory_with_a_dangling_link(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "default.yaml").symlink_to("nowhere")


def become_a_directory_of_directories(path: Path) -> None:
    path.unlink()
    (path / "default.yaml").mkdir(parents=True)


def become_no_text(path: Path) -> None:
    path.write_bytes(b"tools: \xff")


def become_too_large(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(17 * 1024 * 1024)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (vanish, "cannot be read: No such file or directory [HX110]"),
        (become_a_pipe, "cannot be read: it is no regular file [HX110]"),
        (become_a_loop, "cannot be read: Too many levels of symbolic links [HX110]"),
        (become_an_empty_directory, "holds no .yaml or .yml file [HX111]"),
        (become_a_directory_with_a_dangling_link, "default.yaml` cannot be read: No such file or directory [HX110]"),
        (become_a_directory_of_directories, "default.yaml` cannot be read: Is a directory [HX110]"),
        (become_no_text, "this is not UTF-8 text [HX102]"),
        (become_too_large, "the document is too large [HX103]"),
    ],
)
def test_whatever_takes_the_place_of_a_policy_the_last_good_one_stays(
    change: Callable[[Path], None], said: str, write: Write, limit: Limit, caplog: Caplog
) -> None:
    path = write(3)
    gate = Hexgate.from_policy(path)
    change(path)
    assert not gate.refresh()
    assert not gate.refresh()
    [message] = told(caplog)
    assert said in message
    assert limit(gate) == 3


@pytest.mark.parametrize("call", ["open", "listdir"])
def test_what_may_not_be_read_leaves_the_last_good_program_and_is_looked_at_again(
    call: str, write: Write, limit: Limit, caplog: Caplog, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(3, "roles/default.yaml")
    gate = Hexgate.from_policy(path.parent)
    write(5, "roles/default.yaml")

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(os, call, refuse)
        assert not gate.refresh()
        assert not gate.refresh()
    [message] = told(caplog)
    assert "cannot be read: Permission denied" in message
    assert limit(gate) == 3
    assert gate.refresh()
    assert limit(gate) == 5


@pytest.mark.parametrize("path", ["a\0b", "a\ud800b", "x" * 5000, "nowhere/policy.yaml"])
def test_a_path_at_which_nothing_can_be_is_a_mistake_like_any_other(path: str) -> None:
    with pytest.raises(PolicyError, match="HX110"):
        Hexgate.from_policy(path)
