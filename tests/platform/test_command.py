"""The command beside the platform: keys are listed, rotated and retired, and what cannot be done is said."""

import json
from pathlib import Path

import pytest

from hexgate.platform.command import main


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXGATE_PLATFORM_DIR", str(tmp_path))


def listed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    assert main(["keys", "list", "--json"]) == 0
    found: list[dict[str, object]] = json.loads(capsys.readouterr().out)["keys"]
    return found


def test_a_key_rotates_and_the_old_one_retires(capsys: pytest.CaptureFixture[str]) -> None:
    [first] = listed(capsys)
    assert main(["keys", "rotate"]) == 0
    assert "signs from now on" in capsys.readouterr().out
    old, new = listed(capsys)
    assert (old["key_id"], old["signs"], new["signs"]) == (first["key_id"], False, True)

    assert main(["keys", "retire", str(old["key_id"])]) == 0
    capsys.readouterr()
    assert listed(capsys) == [new]


def test_what_cannot_be_done_is_said_with_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "retire", "x"]) == 1
    assert "`hexgate-platform keys list` shows them" in capsys.readouterr().err


def test_a_wrong_setting_is_named(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://x")
    assert main(["keys", "list"]) == 1
    assert "`DATABASE_URL`" in capsys.readouterr().err


def test_people_read_it_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "list"]) == 0
    assert capsys.readouterr().out.endswith("  signs\n")
