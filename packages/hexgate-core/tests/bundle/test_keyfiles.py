"""Key files: private ones are nobody else's, and none takes the place of another unasked."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from hexgate.core.bundle import SigningKey, read_public_key, read_signing_key
from hexgate.core.bundle.keyfiles import write_pair
from hexgate.core.errors import BundleError, KeyFileError


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_pair_is_written_and_read_back(tmp_path: Path) -> None:
    key = SigningKey.new()
    private, public = write_pair(key, tmp_path / "release")
    assert (private.name, public.name) == ("release.private", "release.public")
    assert (read_signing_key(private), read_public_key(public)) == (key, key.public)
    assert (private.read_text(), public.read_text()) == (f"{key.text}\n", f"{key.public.text}\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["release.private", "release.public"]


@pytest.mark.parametrize("mask", [0, 0o022, 0o077])
def test_a_private_key_is_never_for_others_whatever_the_mask(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        private, public = write_pair(SigningKey.new(), tmp_path / "release")
    finally:
        os.umask(before)
    assert (mode_of(private), mode_of(public)) == (0o600, 0o644 & ~mask)


@pytest.mark.parametrize("name", ["release.private", "release.public"])
def test_a_key_that_is_there_is_not_overwritten(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(KeyFileError, match=f"{name}` would be overwritten") as caught:
        write_pair(SigningKey.new(), tmp_path / "release")
    assert caught.value.code == "HX712"
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [(name, "mine")]


def test_a_link_to_nowhere_is_there_as_well(tmp_path: Path) -> None:
    (tmp_path / "release.public").symlink_to("nowhere")
    with pytest.raises(KeyFileError, match="would be overwritten"):
        write_pair(SigningKey.new(), tmp_path / "release")
    assert not (tmp_path / "nowhere").exists()


def test_with_force_the_pair_is_replaced(tmp_path: Path) -> None:
    write_pair(SigningKey.new(), tmp_path / "release")
    (tmp_path / "release.private").chmod(0o644)
    key = SigningKey.new()
    private, public = write_pair(key, tmp_path / "release", force=True)
    assert (read_signing_key(private), read_public_key(public), mode_of(private)) == (key, key.public, 0o600)
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("name", ["release.private", "release.public"])
def test_a_key_that_somebody_else_makes_meanwhile_stays_theirs(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def made_meanwhile(handle: int) -> None:
        (tmp_path / name).write_text("theirs")

    monkeypatch.setattr(os, "fsync", made_meanwhile)
    with pytest.raises(KeyFileError, match="would be overwritten"):
        write_pair(SigningKey.new(), tmp_path / "release")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [(name, "theirs")]


def test_keys_that_cannot_be_written_leave_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(KeyFileError, match=r"cannot be written: No such file or directory \[HX711\]"):
        write_pair(SigningKey.new(), tmp_path / "nowhere" / "release")

    def refuse(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(KeyFileError, match="No space left on device"):
        write_pair(SigningKey.new(), tmp_path / "release")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o610])
def test_a_private_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    private, _ = write_pair(SigningKey.new(), tmp_path / "release")
    private.chmod(mode)
    with pytest.raises(KeyFileError, match=rf"can be read by others \(mode {mode:04o}\) \[HX711\]"):
        read_signing_key(private)


def test_a_private_key_may_be_read_only_and_come_through_a_link(tmp_path: Path) -> None:
    key = SigningKey.new()
    private, _ = write_pair(key, tmp_path / "release")
    private.chmod(0o400)
    (tmp_path / "link").symlink_to(private)
    assert read_signing_key(tmp_path / "link") == key


def test_a_private_key_may_come_through_a_pipe(tmp_path: Path) -> None:
    key = SigningKey.new()
    reader, writer = os.pipe()
    os.write(writer, key.text.encode())
    os.close(writer)
    assert read_signing_key(f"/dev/fd/{reader}") == key
    os.close(reader)


def test_one_half_is_not_taken_for_the_other(tmp_path: Path) -> None:
    private, public = write_pair(SigningKey.new(), tmp_path / "release")
    with pytest.raises(KeyFileError, match=r"is a private key, and a public one is meant \[HX710\]"):
        read_public_key(private)
    with pytest.raises(KeyFileError, match=r"is a public key, and a private one is meant \[HX710\]"):
        read_signing_key(public)


def test_what_cannot_be_read_as_a_key_is_told_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match=r"`nowhere.public` cannot be read: No such file or directory \[HX711\]"):
        read_public_key("nowhere.public")
    with pytest.raises(BundleError, match="cannot be read"):
        read_public_key("a\0b")
    (tmp_path / "long.public").write_bytes(b"A" * 5000)
    with pytest.raises(KeyFileError, match="it has 1024 characters"):
        read_public_key(tmp_path / "long.public")
    (tmp_path / "binary.public").write_bytes(bytes(range(128, 171)))
    with pytest.raises(KeyFileError, match="a character that base64url does not have"):
        read_public_key(tmp_path / "binary.public")
