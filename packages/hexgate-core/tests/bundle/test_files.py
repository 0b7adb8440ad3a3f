"""What is read of a bundle's directory: regular files with the right names, whole, each of them once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hexgate.core.bundle.files import LARGEST, looks_like_bundle, part_of, read_parts
from hexgate.core.errors import BundleError

FILES = {
    "policy.yaml": b"yaml",
    "policy.rego": b"rego",
    "policy.wasm": b"wasm",
    "policy.bundle.json": b"{}",
    "policy.bundle.json.sig": b"s" * 64,
}


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A directory with all parts."""
    folder = tmp_path / "bundle"
    folder.mkdir()
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    return folder


def refusal(folder: Path) -> tuple[str, str]:
    with pytest.raises(BundleError) as caught:
        read_parts(folder)
    return caught.value.code, caught.value.message


def test_all_parts_are_read(bundle: Path) -> None:
    parts = read_parts(bundle)
    assert (parts.stem, {parts.name(suffix): data for suffix, data in parts.data.items()}) == ("policy", FILES)
    assert sorted(parts.data) == sorted(LARGEST)


@pytest.mark.parametrize("name", FILES)
def test_a_part_that_is_missing_is_told_by_whoever_needs_it(bundle: Path, name: str) -> None:
    (bundle / name).unlink()
    parts = read_parts(bundle)
    with pytest.raises(BundleError, match=rf"the part `{name}` is missing \[HX702\]"):
        parts.needed(name.removeprefix("policy"))


@pytest.mark.parametrize(
    "name",
    ["notes.txt", "policy.yml", "policy.yaml.bak", "policy", "policy.WASM", "policy.bundle.json.sig.old", "a b.yaml"],
)
def test_a_file_that_is_no_part_is_told(bundle: Path, name: str) -> None:
    (bundle / name).write_bytes(b"")
    assert refusal(bundle) == ("HX703", f"`{name}` is no part of the bundle")


def test_a_directory_inside_is_no_part(bundle: Path) -> None:
    (bundle / "more").mkdir()
    assert refusal(bundle) == ("HX703", "`more` is no part of the bundle")
    (bundle / "more").rmdir()
    (bundle / "policy.wasm").unlink()
    (bundle / "policy.wasm").mkdir()
    assert refusal(bundle) == ("HX703", "the part `policy.wasm` is no regular file")


@pytest.mark.parametrize("name", ["other.bundle.json", "other.yaml", "policy.bundle.json.yaml"])
def test_a_second_manifest_or_any_part_of_another_bundle_is_told(bundle: Path, name: str) -> None:
    (bundle / name).write_bytes(b"")
    code, message = refusal(bundle)
    assert (code, message.startswith("these are parts of two bundles, ")) == ("HX703", True)


def test_hidden_files_are_nobodys_parts(bundle: Path) -> None:
    (bundle / ".DS_Store").write_bytes(b"")
    assert len(read_parts(bundle).data) == 5


@pytest.mark.parametrize("name", FILES)
def test_a_part_that_is_a_link_is_refused(bundle: Path, name: str, tmp_path: Path) -> None:
    (bundle / name).rename(tmp_path / "elsewhere")
    (bundle / name).symlink_to(tmp_path / "elsewhere")
    assert refusal(bundle) == ("HX703", f"the part `{name}` is a symbolic link")


def test_a_pipe_is_no_part_and_nobody_waits_for_it(bundle: Path) -> None:
    (bundle / "policy.wasm").unlink()
    os.mkfifo(bundle / "policy.wasm")
    assert refusal(bundle) == ("HX703", "the part `policy.wasm` is no regular file")


def test_the_directory_itself_may_be_named_by_a_link(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "current").symlink_to(bundle)
    assert read_parts(tmp_path / "current") == read_parts(bundle)


@pytest.mark.parametrize(("suffix", "most"), [(".bundle.json", 1024 * 1024), (".bundle.json.sig", 64)])
def test_a_part_that_is_too_large_is_not_read(bundle: Path, suffix: str, most: int) -> None:
    path = bundle / f"policy{suffix}"
    path.write_bytes(b"x" * most)
    assert len(read_parts(bundle).data[suffix]) == most
    path.write_bytes(b"x" * (most + 1))
    assert refusal(bundle) == ("HX701", f"the part `policy{suffix}` is larger than {most:,} bytes")


def test_a_file_without_end_is_too_large(bundle: Path) -> None:
    with (bundle / "policy.wasm").open("wb") as file:
        file.truncate(2**40)
    assert refusal(bundle)[1].startswith("the part `policy.wasm` is larger than")


@pytest.mark.parametrize("where", ["nowhere", "bundle/policy.yaml", "a\0b", "x" * 5000])
def test_where_no_directory_is_there_is_no_bundle(bundle: Path, tmp_path: Path, where: str) -> None:
    code, message = refusal(tmp_path / where)
    assert (code, message.startswith("no bundle can be read at `")) == ("HX701", True)


def test_an_empty_directory_holds_none(tmp_path: Path) -> None:
    assert refusal(tmp_path) == ("HX701", "the directory holds no bundle")
    (tmp_path / "readme.txt").write_bytes(b"")
    assert refusal(tmp_path) == ("HX701", "the directory holds no bundle")


def test_a_part_that_is_not_ours_to_read_is_told(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    really = os.open

    def refuse(path: str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if dir_fd is not None:
            raise PermissionError(13, "Permission denied")
        return really(path, flags, mode)

    monkeypatch.setattr(os, "open", refuse)
    assert refusal(bundle) == ("HX701", "the part `policy.bundle.json` cannot be read: Permission denied")


def test_a_bundle_that_is_replaced_while_it_is_read_is_read_again(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = os.listdir
    newer = bundle.with_name("newer")

    def replaced_meanwhile(folder: int) -> list[str]:
        names = really(folder)
        if not newer.exists():
            bundle.rename(newer)
            bundle.mkdir()
            for name in names:
                (newer / name).rename(bundle / name)
        return names

    monkeypatch.setattr(os, "listdir", replaced_meanwhile)
    assert len(read_parts(bundle).data) == 5


@pytest.mark.parametrize("half", [True, False])
def test_a_bundle_that_is_replaced_without_end_is_given_up(
    bundle: Path, monkeypatch: pytest.MonkeyPatch, half: bool
) -> None:
    really = os.listdir
    looks: list[int] = []

    def replaced_meanwhile(folder: int) -> list[str]:
        names = really(folder)
        looks.append(len(names))
        old = bundle.rename(bundle.with_name(f"old{len(looks)}"))
        bundle.mkdir()
        for name, data in FILES.items():
            (bundle / name).write_bytes(data)
        if half:
            (old / "policy.wasm").unlink()
        return names

    monkeypatch.setattr(os, "listdir", replaced_meanwhile)
    why = "it is replaced again and again while it is read"
    assert refusal(bundle) == ("HX701", f"no bundle can be read at `{bundle}`: {why}")
    assert len(looks) == 100


def test_a_bundle_that_is_taken_away_while_it_is_read_is_not_there(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = os.listdir

    def taken_away(folder: int) -> list[str]:
        names = really(folder)
        bundle.rename(bundle.with_name("old"))
        return names

    monkeypatch.setattr(os, "listdir", taken_away)
    assert refusal(bundle) == ("HX701", f"no bundle can be read at `{bundle}`: No such file or directory")


@pytest.mark.parametrize("name", ["policy.bundle.json", "policy.bundle.json.sig", "policy.wasm", "policy.rego"])
def test_one_part_is_enough_to_be_meant_as_a_bundle(tmp_path: Path, name: str) -> None:
    (tmp_path / "default.yaml").write_bytes(b"")
    assert not looks_like_bundle(tmp_path)
    (tmp_path / name).write_bytes(b"")
    assert looks_like_bundle(tmp_path)
    assert not looks_like_bundle(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("a.yaml", ("a", ".yaml")),
        ("a.b.wasm", ("a.b", ".wasm")),
        ("a.bundle.json.sig", ("a", ".bundle.json.sig")),
        (".yaml", None),
        ("..yaml", None),
        ("-a.yaml", None),
        ("a..yaml", None),
        ("a.json", None),
        ("a.sig", None),
    ],
)
def test_a_name_says_which_part_it_is(name: str, part: tuple[str, str] | None) -> None:
    assert part_of(name) == part
