"""A directory is put into its place whole, in one step, and nothing but a bundle is ever replaced."""

from __future__ import annotations

import os
import resource
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from hexgate.core.bundle.place import exchanged, put
from hexgate.core.errors import BundleError

OLD = {"policy.yaml": b"old", "policy.rego": b"old", "policy.bundle.json": b"old", "policy.wasm": b"old"}
NEW = {"policy.yaml": b"new", "policy.rego": b"new", "policy.bundle.json": b"new"}


def cannot(first: Path, second: Path) -> bool:
    """A system without the call."""
    return False


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def refusal(folder: Path, **settings: object) -> str:
    with pytest.raises(BundleError) as caught:
        put(NEW, folder, **settings)  # type: ignore[arg-type]
    assert caught.value.code == "HX700"
    return caught.value.message


def test_a_directory_is_made_with_its_parents(tmp_path: Path) -> None:
    assert put(NEW, tmp_path / "dist" / "bundle") == tmp_path / "dist" / "bundle"
    assert files(tmp_path / "dist" / "bundle") == NEW
    assert names(tmp_path / "dist") == ["bundle"]


@pytest.mark.parametrize("exchange", [exchanged, cannot])
def test_a_bundle_takes_the_place_of_another_and_nothing_is_left_of_that(tmp_path: Path, exchange: object) -> None:
    put(OLD, tmp_path / "bundle")
    put(NEW, tmp_path / "bundle", exchange=exchange)  # type: ignore[arg-type]
    assert files(tmp_path / "bundle") == NEW
    assert names(tmp_path) == ["bundle"]


def test_this_system_lets_two_directories_change_places(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).write_text("")
    assert exchanged(tmp_path / "one", tmp_path / "two")
    assert (names(tmp_path / "one"), names(tmp_path / "two")) == (["two"], ["one"])
    assert not exchanged(tmp_path / "one", tmp_path / "nowhere")


def test_a_system_that_is_not_known_cannot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    monkeypatch.setattr("sys.platform", "sunos5")
    assert not exchanged(tmp_path / "one", tmp_path / "two")


def test_an_empty_directory_becomes_the_bundle(tmp_path: Path) -> None:
    (tmp_path / "bundle").mkdir()
    put(NEW, tmp_path / "bundle")
    assert files(tmp_path / "bundle") == NEW


def test_the_target_may_be_named_by_a_link_which_stays_one(tmp_path: Path) -> None:
    put(OLD, tmp_path / "v1")
    (tmp_path / "current").symlink_to("v1")
    put(NEW, tmp_path / "current")
    assert (tmp_path / "current").is_symlink()
    assert files(tmp_path / "v1") == NEW


@pytest.mark.parametrize(
    ("there", "why"),
    [
        ({"notes.txt": b""}, "holds `notes.txt`, which is no part of a bundle"),
        ({"policy.yaml": b"", "cases.yaml": b""}, "holds no bundle, but other files"),
        ({"policy.yaml": b""}, "holds no bundle, but other files"),
        ({**OLD, "other.yaml": b""}, "holds parts of two bundles"),
        ({**OLD, ".git": b""}, "holds `.git`, which is no part of a bundle"),
    ],
)
def test_what_is_no_bundle_is_not_replaced(tmp_path: Path, there: dict[str, bytes], why: str) -> None:
    (tmp_path / "bundle").mkdir()
    for name, data in there.items():
        (tmp_path / "bundle" / name).write_bytes(data)
    assert refusal(tmp_path / "bundle") == f"`{tmp_path / 'bundle'}` {why}"
    assert files(tmp_path / "bundle") == there
    assert names(tmp_path) == ["bundle"]


def test_nobody_loses_the_directory_in_which_they_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert refusal(Path()).endswith("is the directory in which you stand")


def test_a_file_in_the_place_of_the_directory_stays(tmp_path: Path) -> None:
    (tmp_path / "bundle").write_text("mine")
    assert refusal(tmp_path / "bundle").endswith("cannot be written: Not a directory")
    assert refusal(tmp_path / "bundle" / "inside").endswith("cannot be written: File exists")
    assert (tmp_path / "bundle").read_text() == "mine"


@pytest.fixture
def small_files() -> Iterator[None]:
    """A process that may write no file of more than a hundred bytes: the next one fails in the middle, as on a full disk."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.usefixtures("small_files")
@pytest.mark.parametrize("there", [True, False])
def test_a_disk_that_is_full_changes_nothing(tmp_path: Path, there: bool) -> None:
    if there:
        put(OLD, tmp_path / "bundle")
    with pytest.raises(BundleError, match=r"cannot be written: File too large \[HX700\]"):
        put({**NEW, "policy.wasm": b"x" * 5000}, tmp_path / "bundle")
    assert names(tmp_path) == (["bundle"] if there else [])
    assert not there or files(tmp_path / "bundle") == OLD


def test_a_file_system_that_fails_at_any_moment_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(OLD, tmp_path / "bundle")
    really = os.fsync
    for moment in range(4):
        left = [moment]

        def fails(handle: int, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise OSError(5, "Input/output error")
            really(handle)

        monkeypatch.setattr(os, "fsync", fails)
        assert refusal(tmp_path / "bundle").endswith("cannot be written: Input/output error")
        assert files(tmp_path / "bundle") == OLD
        assert names(tmp_path) == ["bundle"]


def test_where_the_step_fails_half_way_the_old_one_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(OLD, tmp_path / "bundle")
    really = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if self.name.endswith(".tmp"):
            raise OSError(5, "Input/output error")
        return really(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    assert refusal(tmp_path / "bundle", exchange=cannot).endswith("cannot be written: Input/output error")
    assert files(tmp_path / "bundle") == OLD
    assert names(tmp_path) == ["bundle"]


def test_the_mask_of_the_process_says_who_may_read(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        put(NEW, tmp_path / "bundle")
    finally:
        os.umask(before)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "bundle", tmp_path / "bundle" / "policy.yaml")]
    assert modes == [0o750, 0o640]


def test_what_a_killed_builder_left_is_swept_away_and_nothing_else(tmp_path: Path) -> None:
    for name in (".bundle.0123.tmp", ".bundle.4567.old", ".other.0123.tmp"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "policy.yaml").write_bytes(b"half")
    (tmp_path / ".bundle.89ab.tmp").write_text("a file")
    (tmp_path / ".bundle.cdef.tmp").symlink_to(tmp_path / ".other.0123.tmp")
    (tmp_path / ".bundle.ffff.tmp").mkdir()
    (tmp_path / ".bundle.ffff.tmp" / "mine.txt").write_bytes(b"")
    put(NEW, tmp_path / "bundle")
    kept = [".bundle.89ab.tmp", ".bundle.cdef.tmp", ".bundle.ffff.tmp", ".other.0123.tmp", "bundle"]
    assert names(tmp_path) == kept
    assert names(tmp_path / ".other.0123.tmp") == ["policy.yaml"]


def test_a_builder_that_is_at_work_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    really = os.fsync
    inside: list[list[str]] = []

    def another_builds_meanwhile(handle: int) -> None:
        really(handle)
        if not inside:
            inside.append([])
            put(OLD, tmp_path / "bundle")
            inside[0] += [name for name in names(tmp_path) if name.endswith(".tmp")]

    monkeypatch.setattr(os, "fsync", another_builds_meanwhile)
    put(NEW, tmp_path / "bundle")
    assert len(inside[0]) == 1
    assert files(tmp_path / "bundle") == NEW
    assert names(tmp_path) == ["bundle"]


def test_a_directory_that_is_swept_away_before_it_is_locked_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = Path.mkdir

    def swept(self: Path, *arguments: object, **settings: object) -> None:
        really(self, *arguments, **settings)  # type: ignore[arg-type]
        if self.name.endswith(".tmp"):
            self.rmdir()

    monkeypatch.setattr(Path, "mkdir", swept)
    assert refusal(tmp_path / "bundle").endswith("cannot be written: No such file or directory")
