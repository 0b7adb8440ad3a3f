"""What is believed of a bundle, and for how long: all that its reader judges is looked at, failures of the world are forgotten."""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Callable
from errno import EMFILE
from pathlib import Path
from typing import Any

import pytest
import wasmtime

from hexgate.core import Hexgate, HexgateError
from hexgate.core.bundle import PolicyText, SigningKey, looks_like_bundle
from hexgate.core.bundle.build import build_bundle
from hexgate.core.bundle.files import LARGEST

Write = Callable[..., Path]
Limit = Callable[[Hexgate], "int | None"]
Patch = pytest.MonkeyPatch
Caplog = pytest.LogCaptureFixture
KEY = SigningKey(b"\1" * 32)
ROLE = b"tools: {refund: {mode: allow, constraints: [args.amount <= LIMIT]}}\n"


@pytest.fixture(autouse=True)
def later(monkeypatch: Patch) -> None:
    """What was written just now looks ten seconds old, so that nothing is read again without a reason."""
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() + 10_000_000_000)


@pytest.fixture
def build(tmp_path: Path) -> Write:
    """Builds a signed bundle with a limit, in the place of the one that may be there."""

    def build(limit: int, name: str = "bundle") -> Path:
        text = PolicyText.from_bytes(ROLE.replace(b"LIMIT", b"%d" % limit), "policy")
        return build_bundle(text, key=KEY).write(tmp_path / name)

    return build


def told(caplog: Caplog) -> str:
    """What was logged as a warning since the last time."""
    found = "\n".join(record.getMessage() for record in caplog.records if record.levelno == logging.WARNING)
    caplog.clear()
    return found


def link_part(bundle: Path) -> None:
    part = bundle / "policy.wasm"
    shutil.copy(part, bundle.parent / "elsewhere")
    part.unlink()
    part.symlink_to(bundle.parent / "elsewhere")


def add_stranger(bundle: Path) -> None:
    (bundle / "notes.txt").write_text("x")


def add_folder(bundle: Path) -> None:
    (bundle / "more").mkdir()


def add_dangling_link(bundle: Path) -> None:
    (bundle / "more").symlink_to(bundle / "nowhere")


@pytest.mark.parametrize("change", [link_part, add_stranger, add_folder, add_dangling_link])
def test_what_makes_a_bundle_none_is_noticed_though_no_part_of_it_changed(
    change: Callable[[Path], None], build: Write, limit: Limit, caplog: Caplog
) -> None:
    bundle = build(3)
    gate = Hexgate.from_policy(bundle)
    told(caplog)
    change(bundle)
    assert not gate.refresh()
    assert "[HX703]" in told(caplog)
    assert limit(gate) == 3
    with pytest.raises(HexgateError, match="HX703"):
        Hexgate.from_policy(bundle)


def test_a_bundle_is_taken_when_what_did_not_belong_to_it_is_gone(build: Write, limit: Limit, caplog: Caplog) -> None:
    gate = Hexgate.from_policy(build(3))
    bundle = build(5)
    add_stranger(bundle)
    assert not gate.refresh()
    (bundle / "notes.txt").unlink()
    told(caplog)
    assert gate.refresh()
    assert "is good again" in told(caplog)
    assert limit(gate) == 5


def test_a_hidden_file_in_a_bundle_changes_nothing(build: Write) -> None:
    bundle = build(3)
    gate = Hexgate.from_policy(bundle)
    live = gate.live
    (bundle / ".policy.yaml.swp").write_text("x")
    assert not gate.refresh()
    assert gate.live is live


@pytest.mark.parametrize("suffix", LARGEST)
def test_a_hidden_file_makes_no_bundle_of_a_directory_of_roles(suffix: str, write: Write, limit: Limit) -> None:
    path = write(3, "roles/default.yaml")
    gate = Hexgate.from_policy(path.parent)
    (path.parent / f".default{suffix}").write_text("left by an editor")
    gate.refresh()
    write(5, "roles/default.yaml")
    assert gate.refresh()
    assert (limit(gate), limit(Hexgate.from_policy(path.parent))) == (5, 5)
    assert not looks_like_bundle(path.parent)


def test_a_bundle_that_has_not_changed_is_not_read_again(build: Write, monkeypatch: Patch) -> None:
    gate = Hexgate.from_policy(build(3))
    seen: list[object] = []
    monkeypatch.setattr(os, "open", lambda *args, **_: seen.append(args))
    assert [gate.refresh() for _ in range(5)] == [False] * 5
    assert seen == []


def test_a_bundle_that_stood_there_only_while_it_was_read_does_not_decide(
    build: Write, limit: Limit, tmp_path: Path, monkeypatch: Patch
) -> None:
    """A link leads to another bundle from just before the directory is opened until it is closed, and no look sees it."""
    strict, loose, link = build(1, "strict"), build(9, "loose"), tmp_path / "link"
    link.symlink_to(build(3, "first"))
    gate = Hexgate.from_policy(link)
    real_open, real_close, opened = os.open, os.close, list[int]()

    def lead_to(target: Path) -> None:
        new = tmp_path / "new"
        new.symlink_to(target)
        new.replace(link)

    def swap(path: Any, *rest: Any, **more: Any) -> int:
        if str(path) == str(link) and not opened:
            lead_to(loose)
            opened.append(real_open(path, *rest, **more))
            return opened[0]
        return real_open(path, *rest, **more)

    def swap_back(handle: int) -> None:
        real_close(handle)
        if opened == [handle]:
            lead_to(strict)
            opened.append(-1)

    lead_to(strict)
    monkeypatch.setattr(os, "open", swap)
    monkeypatch.setattr(os, "close", swap_back)
    assert gate.refresh()
    assert len(opened) == 2
    assert limit(gate) == 1
    assert not gate.refresh()
    assert limit(gate) == 1


def failing_once(monkeypatch: Patch, fails: Callable[[Any], bool]) -> list[object]:
    """The process is out of descriptors for whoever opens such a path, until the list that is returned is emptied."""
    real, out = os.open, [object()]

    def scarce(path: Any, *rest: Any, **more: Any) -> int:
        if out and fails(path):
            raise OSError(EMFILE, os.strerror(EMFILE))
        return real(path, *rest, **more)

    monkeypatch.setattr(os, "open", scarce)
    return out


@pytest.mark.parametrize("what", ["policy.wasm", "policy.bundle.json", "bundle"])
def test_a_bundle_that_could_not_be_opened_once_is_taken_when_it_can(
    what: str, build: Write, limit: Limit, monkeypatch: Patch, caplog: Caplog
) -> None:
    gate = Hexgate.from_policy(build(3))
    build(5)
    out = failing_once(monkeypatch, lambda path: Path(str(path)).name == what)
    assert not gate.refresh()
    assert f"{os.strerror(EMFILE)} [HX701]" in told(caplog)
    out.clear()
    assert gate.refresh()
    assert limit(gate) == 5
    assert gate.kept.source.unchanged()


def test_a_bundle_that_could_not_be_listed_once_is_taken_when_it_can(
    build: Write, limit: Limit, monkeypatch: Patch, caplog: Caplog
) -> None:
    gate = Hexgate.from_policy(build(3))
    build(5)
    real = os.listdir

    def scarce(path: Any) -> list[str]:
        if isinstance(path, int):
            # To list an open directory takes one more descriptor.
            raise OSError(EMFILE, os.strerror(EMFILE))
        return real(path)

    with monkeypatch.context() as short:
        short.setattr(os, "listdir", scarce)
        assert not gate.refresh()
        assert f"{os.strerror(EMFILE)} [HX701]" in told(caplog)
    assert gate.refresh()
    assert limit(gate) == 5


@pytest.mark.parametrize("kind", ["yaml", "roles"])
def test_a_file_that_could_not_be_opened_once_is_taken_when_it_can(
    kind: str, write: Write, limit: Limit, monkeypatch: Patch
) -> None:
    file = write(3, "roles/default.yaml")
    gate = Hexgate.from_policy(file if kind == "yaml" else file.parent)
    write(5, "roles/default.yaml")
    out = failing_once(monkeypatch, lambda path: str(path) == str(file))
    assert not gate.refresh()
    out.clear()
    assert gate.refresh()
    assert limit(gate) == 5


def test_a_key_that_could_not_be_opened_once_keeps_nothing_out_later(
    build: Write, limit: Limit, tmp_path: Path, monkeypatch: Patch, caplog: Caplog
) -> None:
    key = tmp_path / "ours.public"
    key.write_text(KEY.public.text)
    monkeypatch.setenv("HEXGATE_BUNDLE_PUBKEY_PATH", str(key))
    gate = Hexgate.from_policy(build(3))
    build(5)
    real, out = Path.open, [object()]

    def scarce(path: Path, *rest: Any, **more: Any) -> Any:
        if out and path == key:
            raise OSError(EMFILE, os.strerror(EMFILE))
        return real(path, *rest, **more)

    monkeypatch.setattr(Path, "open", scarce)
    assert not gate.refresh()
    assert "[HX711]" in told(caplog)
    out.clear()
    assert gate.refresh()
    assert (limit(gate), gate.live.loaded.signed_by) == (5, KEY.public.key_id)


def test_an_engine_that_could_not_be_made_once_is_made_later(
    write: Write, limit: Limit, monkeypatch: Patch, caplog: Caplog
) -> None:
    gate = Hexgate.from_policy(write(5), engine="wasm")
    # A module that nobody in this process has started yet.
    write("tools: {refund: {mode: allow, constraints: [args.amount <= 3]}, started_here_first: {mode: allow}}\n")

    def fail(*_: object) -> None:
        raise wasmtime.WasmtimeError("mmap failed to allocate 0x1010000 bytes")

    with monkeypatch.context() as short:
        short.setattr(wasmtime, "Instance", fail)
        assert [gate.refresh() for _ in range(3)] == [False] * 3
        assert told(caplog).count("cannot be taken") == 1
        assert limit(gate) == 5
    assert gate.refresh()
    assert "is good again" in told(caplog)
    assert limit(gate) == 3
    assert not gate.refresh()
