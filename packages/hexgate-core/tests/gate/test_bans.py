"""Bans come from a feed that may fail; the last good list stays in force."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from hexgate.core.gate.bans import Ban, BanGate, BannedError, BansError, FileBans


def write(path: Path, *bans: dict[str, str]) -> None:
    path.write_text(json.dumps({"bans": bans}))


def test_agents_and_users_are_found(tmp_path: Path) -> None:
    write(
        tmp_path / "bans.json", {"kind": "user", "name": "mallory", "reason": "spam"}, {"kind": "agent", "name": "bot"}
    )
    gate = BanGate(FileBans(tmp_path / "bans.json"))
    assert gate.find("shop", "mallory") == Ban("user", "mallory", "spam")
    assert gate.find("bot", None) == Ban("agent", "bot")
    assert gate.find("mallory", "bot") is None
    gate.check("shop", "alice")
    with pytest.raises(BannedError, match="this user is banned") as caught:
        gate.check("shop", "mallory")
    assert "spam" not in str(caught.value)


def test_a_change_is_in_force_at_the_next_check(tmp_path: Path) -> None:
    path = tmp_path / "bans.json"
    write(path)
    gate = BanGate(FileBans(path))
    gate.check("shop", "mallory")
    write(path, {"kind": "user", "name": "mallory"})
    with pytest.raises(BannedError):
        gate.check("shop", "mallory")
    with pytest.raises(BannedError):
        gate.check("shop", "mallory")
    write(path)
    gate.check("shop", "mallory")


def test_a_feed_that_fails_lifts_no_ban_and_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "bans.json"
    write(path, {"kind": "user", "name": "mallory"})
    gate = BanGate(FileBans(path))
    with caplog.at_level(logging.WARNING, "hexgate.gate"):
        path.write_text("{")
        gate.refresh()
        path.unlink()
        gate.refresh()
    assert gate.find("shop", "mallory") is not None
    assert len(caplog.records) == 1
    write(path)
    gate.refresh()
    assert gate.find("shop", "mallory") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"bans": {}}',
        '{"bans": [], "more": 1}',
        '{"bans": [1]}',
        '{"bans": [{"kind": "user"}]}',
        '{"bans": [{"kind": "role", "name": "x"}]}',
        '{"bans": [{"kind": "user", "name": ""}]}',
        '{"bans": [{"kind": "user", "name": 1}]}',
        '{"bans": [{"kind": "user", "name": "x", "reason": 1}]}',
        '{"bans": [{"kind": "user", "name": "x", "until": 1}]}',
    ],
)
def test_a_list_that_cannot_be_understood_is_a_mistake_at_the_start(tmp_path: Path, text: str) -> None:
    (tmp_path / "bans.json").write_text(text)
    with pytest.raises(BansError, match="holds no list of bans") as caught:
        BanGate(FileBans(tmp_path / "bans.json"))
    assert caught.value.code == "HX801"


def test_a_list_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "bans.json").open("wb") as file:
        file.truncate((16 << 20) + 1)
    with pytest.raises(BansError, match="larger than"):
        BanGate(FileBans(tmp_path / "bans.json"))
