"""`hexgate policy fmt`: in place, whole or not at all; the second time changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Hexgate = Callable[..., Any]

UNEVEN = "tools:\n    a:   # everyone\n        mode: allow\n"
EVEN = "tools:\n  a:   # everyone\n    mode: allow\n"


@pytest.fixture
def uneven(folder: Path) -> Path:
    path = folder / "uneven.yaml"
    path.write_text(UNEVEN)
    return path


def test_a_file_is_formatted_in_its_place_and_only_once(hexgate: Hexgate, uneven: Path) -> None:
    uneven.chmod(0o640)
    run = hexgate("policy", "fmt", "uneven.yaml")
    assert (run.code, run.out, uneven.read_text()) == (0, "formatted uneven.yaml\n", EVEN)
    assert uneven.stat().st_mode & 0o777 == 0o640
    again = hexgate("policy", "fmt", "uneven.yaml")
    assert (again.code, again.out) == (0, "")
    assert sorted(path.name for path in uneven.parent.iterdir()) == ["policy.yaml", "suite.yaml", "uneven.yaml"]


def test_a_link_stays_a_link(hexgate: Hexgate, uneven: Path) -> None:
    link = uneven.with_name("link.yaml")
    link.symlink_to(uneven.name)
    hexgate("policy", "fmt", "link.yaml")
    assert (link.is_symlink(), uneven.read_text()) == (True, EVEN)


def test_line_ends_and_a_byte_order_mark_are_formatted_too(hexgate: Hexgate, folder: Path) -> None:
    path = folder / "crlf.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + EVEN.replace("\n", "\r\n").encode())
    assert hexgate("policy", "fmt", "--check", "crlf.yaml").code == 1
    hexgate("policy", "fmt", "crlf.yaml")
    assert path.read_bytes() == EVEN.encode()


def test_check_writes_nothing_and_says_no(hexgate: Hexgate, uneven: Path) -> None:
    run = hexgate("policy", "fmt", "--check", "uneven.yaml", "policy.yaml")
    assert (run.code, run.out, uneven.read_text()) == (1, "would change uneven.yaml\n", UNEVEN)
    assert hexgate("policy", "fmt", "--check", "policy.yaml").code == 0


def test_diff_shows_what_would_change(hexgate: Hexgate, uneven: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = hexgate("policy", "fmt", "--diff", "uneven.yaml")
    assert run.out.splitlines()[:2] == ["--- uneven.yaml", "+++ uneven.yaml (formatted)"]
    assert "-    a:   # everyone" in run.out
    assert "+  a:   # everyone" in run.out
    assert (run.code, uneven.read_text()) == (0, UNEVEN)
    assert hexgate("policy", "fmt", "--diff", "--check", "uneven.yaml").code == 1
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[32m+  a:   # everyone\x1b[0m" in hexgate("policy", "fmt", "--diff", "uneven.yaml").out


def test_standard_input_comes_out_formatted(hexgate: Hexgate) -> None:
    run = hexgate("policy", "fmt", "-", stdin=UNEVEN)
    assert (run.code, run.out) == (0, EVEN)
    checked = hexgate("policy", "fmt", "--check", "-", stdin=UNEVEN)
    assert (checked.code, checked.out) == (1, "would change -\n")
    shown = hexgate("policy", "fmt", "--diff", "-", stdin=UNEVEN)
    assert shown.out.startswith("--- <stdin>\n")
    told = hexgate("policy", "fmt", "--json", "-", stdin=UNEVEN)
    assert told.json["changed"] == ["-"]


def test_a_directory_means_its_role_files(hexgate: Hexgate, folder: Path) -> None:
    (folder / "policies").mkdir()
    for name in ("b.yml", "a.yaml", ".hidden.yaml", "note.txt"):
        (folder / "policies" / name).write_text(UNEVEN)
    run = hexgate("policy", "fmt", "policies")
    assert run.out.splitlines() == ["formatted policies/a.yaml", "formatted policies/b.yml"]
    assert (folder / "policies" / ".hidden.yaml").read_text() == UNEVEN


def test_json_says_what_was_changed(hexgate: Hexgate, uneven: Path) -> None:
    run = hexgate("policy", "fmt", "uneven.yaml", "policy.yaml", "--check", "--json")
    assert run.json == {"files": 2, "changed": ["uneven.yaml"], "written": False}
    assert run.code == 1
    assert hexgate("policy", "fmt", "uneven.yaml", "--json").json["written"] is True


def test_a_file_with_mistakes_is_left_and_the_others_are_formatted(
    hexgate: Hexgate, uneven: Path, folder: Path
) -> None:
    bad = folder / "bad.yaml"
    bad.write_text("tools:\n    a: {mod: allow}\n")
    run = hexgate("policy", "fmt", "bad.yaml", "uneven.yaml")
    assert (run.code, run.out) == (1, "formatted uneven.yaml\n")
    assert "bad.yaml:2:" in run.err
    assert bad.read_text() == "tools:\n    a: {mod: allow}\n"


@pytest.mark.parametrize(
    ("path", "code"),
    [("nowhere.yaml", "HX622"), ("empty", "HX111"), ("/dev/zero", "HX103")],
)
def test_what_is_not_there_is_a_mistake_of_usage(hexgate: Hexgate, folder: Path, path: str, code: str) -> None:
    (folder / "empty").mkdir()
    run = hexgate("policy", "fmt", path)
    assert (run.code, f"[{code}]" in run.err) == (2, True)


def test_a_folder_that_cannot_be_read_is_told(hexgate: Hexgate, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path) -> Iterator[Path]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    run = hexgate("policy", "fmt", str(folder))
    assert (run.code, "cannot be read: Permission denied [HX622]" in run.err) == (2, True)


@pytest.mark.parametrize(("command", "code"), [("fmt", "HX622"), ("test", "HX110")])
def test_a_path_at_which_nothing_can_be_is_told(hexgate: Hexgate, command: str, code: str) -> None:
    run = hexgate("policy", command, "x" * 5000)
    assert (run.code, f"File name too long [{code}]" in run.err) == (2, True)


def test_what_cannot_be_written_stays_whole(hexgate: Hexgate, uneven: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, target: Path) -> Path:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    run = hexgate("policy", "fmt", "uneven.yaml")
    assert (run.code, "`uneven.yaml` cannot be written: Permission denied [HX625]" in run.err) == (2, True)
    assert uneven.read_text() == UNEVEN
    assert [path for path in uneven.parent.iterdir() if path.name.startswith(".")] == []
