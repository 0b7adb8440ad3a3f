"""The environment says where the policy is and what is demanded of it, or that it cannot be understood."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from hexgate.core import Hexgate, PolicyError, User
from hexgate.core.sources.settings import Settings

Write = Callable[..., Path]


def test_an_empty_environment_says_nothing() -> None:
    assert Settings.from_environment({}) == Settings(None, (), None, False)


def test_empty_variables_say_nothing() -> None:
    names = ("LOCAL_POLICY", "BUNDLE_PUBKEY_PATH", "BUNDLE_SIGN_KEY_PATH", "BUNDLE_REQUIRE_SIGNATURE")
    assert Settings.from_environment({f"HEXGATE_{name}": "" for name in names}) == Settings()


def test_several_keys_are_trusted_at_once() -> None:
    said = Settings.from_environment({"HEXGATE_BUNDLE_PUBKEY_PATH": os.pathsep.join(["old.public", "", "new.public"])})
    assert said.public_keys == ("old.public", "new.public")


@pytest.mark.parametrize("value", [os.pathsep, os.pathsep * 3])
def test_keys_that_are_set_and_name_no_path_are_an_error_and_not_no_keys(value: str) -> None:
    with pytest.raises(PolicyError, match=r"`HEXGATE_BUNDLE_PUBKEY_PATH` names no path: .*HX721"):
        Settings.from_environment({"HEXGATE_BUNDLE_PUBKEY_PATH": value})


@pytest.mark.parametrize("word", ["1", "true", "YES", " on "])
def test_words_that_say_yes_switch_on(word: str) -> None:
    assert Settings.from_environment({"HEXGATE_BUNDLE_REQUIRE_SIGNATURE": word}).require_signature


@pytest.mark.parametrize("word", ["0", "false", "No", "off", ""])
def test_words_that_say_no_switch_off(word: str) -> None:
    assert not Settings.from_environment({"HEXGATE_BUNDLE_REQUIRE_SIGNATURE": word}).require_signature


@pytest.mark.parametrize("word", ["maybe", "2", "enabled", "y", "tru"])
def test_a_word_that_says_neither_is_an_error_and_not_a_no(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXGATE_BUNDLE_REQUIRE_SIGNATURE", word)
    with pytest.raises(PolicyError, match="HX721"):
        Hexgate.from_policy({"tools": {"t": {"mode": "allow"}}})


def test_the_local_policy_decides(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(3)
    monkeypatch.setenv("HEXGATE_LOCAL_POLICY", str(path))
    gate = Hexgate.from_env(agent="bot")
    decision = gate.decide("refund", {"amount": 3}, user=User("alice"))
    assert (decision.allowed, decision.agent) == (True, "bot")


def test_without_a_policy_the_error_names_what_can_be_set() -> None:
    with pytest.raises(PolicyError) as caught:
        Hexgate.from_env(agent="bot")
    assert caught.value.code == "HX720"
    assert "HEXGATE_LOCAL_POLICY" in str(caught.value)
    assert "Hexgate.from_policy" in str(caught.value)
    assert "HEXGATE_API_KEY" not in str(caught.value)


def test_a_key_that_this_release_cannot_use_is_not_silently_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXGATE_API_KEY", "fty_test_support-bot_Cg")
    with pytest.raises(PolicyError, match="`HEXGATE_API_KEY` is set, and this release does not read it"):
        Hexgate.from_env()


def test_a_broken_local_policy_is_raised_with_all_of_its_mistakes(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("tols: {}\nmonitr: 1\n")
    monkeypatch.setenv("HEXGATE_LOCAL_POLICY", str(path))
    with pytest.raises(PolicyError) as caught:
        Hexgate.from_env()
    assert len(caught.value.mistakes) > 1
    assert f"{path}:1:1: " in str(caught.value)


@pytest.mark.parametrize("kind", ["file", "directory", "pipe", "standard input"])
def test_what_carries_no_signature_is_refused_where_one_is_required(
    kind: str, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, pipe = write(3, "roles/default.yaml"), tmp_path / "pipe"
    os.mkfifo(pipe)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(file.read_bytes())))
    monkeypatch.setenv("HEXGATE_BUNDLE_REQUIRE_SIGNATURE", "1")
    paths: dict[str, Path | str] = {"file": file, "directory": file.parent, "pipe": pipe, "standard input": "-"}
    path = paths[kind]
    with pytest.raises(PolicyError, match="HX722"):
        Hexgate.from_policy(path)
    monkeypatch.setenv("HEXGATE_LOCAL_POLICY", str(path))
    with pytest.raises(PolicyError, match="HX722"):
        Hexgate.from_env()


def test_what_python_says_needs_no_signature(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXGATE_BUNDLE_REQUIRE_SIGNATURE", "1")
    assert Hexgate.from_policy({"tools": {"t": {"mode": "allow"}}}).decide("t", user=User("u")).allowed
