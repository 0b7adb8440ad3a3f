"""`hexgate policy build | keygen | verify | inspect`: a policy, keys and a place in; a bundle, yes or no out."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from hexgate.core.bundle import Manifest, read_signing_key

Hexgate = Callable[..., Any]
EXECUTABLE = Path(sys.executable).parent / "hexgate"
PARTS = ["policy.bundle.json", "policy.bundle.json.sig", "policy.rego", "policy.wasm", "policy.yaml"]


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that says nothing about bundles."""
    for name in ("SIGN_KEY_PATH", "PUBKEY_PATH", "REQUIRE_SIGNATURE"):
        monkeypatch.delenv(f"HEXGATE_BUNDLE_{name}", raising=False)


@pytest.fixture
def keys(hexgate: Hexgate) -> Any:
    """A pair of keys, `release.private` and `release.public`."""
    return hexgate("policy", "keygen", "--out", "release", "--json").json


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_pair_of_keys_is_made_once(hexgate: Hexgate, folder: Path) -> None:
    run = hexgate("policy", "keygen")
    assert (run.code, run.err) == (0, "")
    assert run.out.startswith("✓ the key ")
    assert (folder / "hexgate.private").stat().st_mode & 0o777 == 0o600
    before = (folder / "hexgate.private").read_text()
    again = hexgate("policy", "keygen")
    assert (again.code, "`hexgate.private` and `hexgate.public` would be overwritten [HX712]" in again.err) == (2, True)
    assert (folder / "hexgate.private").read_text() == before
    assert hexgate("policy", "keygen", "--force").code == 0
    assert (folder / "hexgate.private").read_text() != before


def test_keygen_says_in_json_what_it_made(hexgate: Hexgate, keys: Any) -> None:
    assert (keys["private"], keys["public"], len(keys["key_id"])) == ("release.private", "release.public", 43)
    run = hexgate("policy", "keygen", "--out", "nowhere/release", "--json")
    assert (run.code, run.json["error"]["code"]) == (2, "HX711")


def test_a_policy_is_built_signed_and_verified(hexgate: Hexgate, folder: Path, keys: Any) -> None:
    built = hexgate(
        "policy", "build", "policy.yaml", "--sign-key", "release.private", "--agent", "bot", "--revision", "7"
    )
    assert (built.code, built.err) == (0, "")
    assert "  for: agent bot · revision 7\n" in built.out
    assert f"  signed by: {keys['key_id']}\n" in built.out
    assert names(folder / "policy.bundle") == PARTS
    assert (folder / "policy.bundle" / "policy.yaml").read_bytes() == (folder / "policy.yaml").read_bytes()
    run = hexgate(
        "policy", "verify", "policy.bundle", "--key", "release.public", "--require-signature", "--agent", "bot"
    )
    assert (run.code, run.err) == (0, "")
    assert run.out.startswith("✓ policy.bundle: verified · sha256:")
    assert "warning" not in run.out


def test_the_environment_names_the_keys(hexgate: Hexgate, keys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    hexgate("policy", "keygen", "--out", "other")
    monkeypatch.setenv("HEXGATE_BUNDLE_SIGN_KEY_PATH", "release.private")
    assert hexgate("policy", "build", "policy.yaml", "--json").json["manifest"]["key_id"] == keys["key_id"]
    monkeypatch.setenv("HEXGATE_BUNDLE_PUBKEY_PATH", f"other.public{os.pathsep}release.public")
    monkeypatch.setenv("HEXGATE_BUNDLE_REQUIRE_SIGNATURE", "1")
    assert hexgate("policy", "verify", "policy.bundle", "--json").json["standing"] == "verified"
    monkeypatch.setenv("HEXGATE_BUNDLE_PUBKEY_PATH", "other.public")
    refused = hexgate("policy", "verify", "policy.bundle", "--json")
    assert (refused.code, refused.json["error"]["code"]) == (1, "HX706")
    monkeypatch.setenv("HEXGATE_BUNDLE_PUBKEY_PATH", "")
    assert hexgate("policy", "verify", "policy.bundle", "--json").json["error"]["code"] == "HX713"
    monkeypatch.setenv("HEXGATE_BUNDLE_REQUIRE_SIGNATURE", "perhaps")
    assert hexgate("policy", "verify", "policy.bundle").code == 2


def test_what_nobody_signed_is_verified_with_a_warning(hexgate: Hexgate) -> None:
    hexgate("policy", "build", "policy.yaml")
    run = hexgate("policy", "verify", "policy.bundle")
    assert (run.code, "warning: the bundle is not signed, so nobody knows who made it [HX713]" in run.out) == (0, True)
    told = hexgate("policy", "verify", "policy.bundle", "--json").json
    assert (told["standing"], [warning["code"] for warning in told["warnings"]]) == ("unsigned", ["HX713"])


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--agent", "other"], "HX714"),
        (["--project", "other"], "HX714"),
        (["--revision", "8"], "HX714"),
        (["--require-signature"], "HX713"),
    ],
)
def test_what_is_not_for_this_place_is_refused(hexgate: Hexgate, options: list[str], code: str) -> None:
    hexgate("policy", "build", "policy.yaml", "--agent", "bot", "--project", "shop", "--revision", "7")
    run = hexgate("policy", "verify", "policy.bundle", *options)
    assert (run.code, f"[{code}]" in run.err, run.out) == (1, True, "")


def test_the_same_policy_gives_the_same_bytes_wherever_it_is_built(hexgate: Hexgate, folder: Path, keys: Any) -> None:
    (folder / "elsewhere").mkdir()
    (folder / "elsewhere" / "policy.yaml").write_bytes((folder / "policy.yaml").read_bytes())
    hexgate("policy", "build", "policy.yaml", "--sign-key", "release.private", "--out", "one")
    command = [
        str(EXECUTABLE),
        "policy",
        "build",
        "elsewhere/policy.yaml",
        "--sign-key",
        "release.private",
        "--out",
        "two",
    ]
    subprocess.run(
        command, env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"}, capture_output=True, check=True
    )
    assert names(folder / "two") == PARTS
    for name in PARTS:
        assert (folder / "one" / name).read_bytes() == (folder / "two" / name).read_bytes()


def test_a_directory_and_standard_input_are_built_too(hexgate: Hexgate, folder: Path) -> None:
    (folder / "roles").mkdir()
    (folder / "roles" / "default.yaml").write_text("tools: {a: {mode: allow}}")
    assert hexgate("policy", "build", "roles", "--no-wasm").code == 0
    assert names(folder / "roles.bundle") == ["roles.bundle.json", "roles.rego", "roles.yaml"]
    assert hexgate("policy", "verify", "roles.bundle").code == 0
    run = hexgate("policy", "build", "-", "--out", "dist/piped", "--json", stdin="tools: {a: {mode: allow}}")
    assert (run.json["path"], run.json["manifest"]["source"]) == ("dist/piped", "policy.yaml")
    assert sorted(run.json["files"]) == names(folder / "dist" / "piped")


@pytest.mark.parametrize("key", ["", "short", "A" * 44, f"{'A' * 42}=", f"{'A' * 42}!", f"{'A' * 42}B"])
def test_a_malformed_key_stops_the_build_before_anything_is_written(hexgate: Hexgate, folder: Path, key: str) -> None:
    (folder / "bad.private").write_text(key)
    (folder / "bad.private").chmod(0o600)
    before = names(folder)
    run = hexgate("policy", "build", "policy.yaml", "--sign-key", "bad.private")
    assert (run.code, "`bad.private` holds no key: " in run.err, run.out) == (2, True, "")
    assert key == "" or key not in run.err
    assert names(folder) == before


@pytest.mark.parametrize(
    ("arguments", "code", "exit_code"),
    [
        (["policy.yaml", "--sign-key", "release.public"], "HX710", 2),
        (["policy.yaml", "--out", "."], "HX700", 2),
        (["policy.yaml", "--out", "filled"], "HX700", 2),
        (["policy.yaml", "--revision", "-1"], "HX705", 1),
        (["policy.yaml", "--agent", ""], "HX705", 1),
        (["nowhere.yaml"], "HX110", 2),
        (["suite.yaml"], "HX203", 1),
        (["policy.yaml", "--revision", "many"], "HX620", 2),
    ],
)
def test_what_cannot_be_built_is_told_and_nothing_is_written(
    hexgate: Hexgate, folder: Path, keys: Any, arguments: list[str], code: str, exit_code: int
) -> None:
    (folder / "filled").mkdir()
    (folder / "filled" / "mine.txt").write_text("mine")
    before = names(folder)
    run = hexgate("policy", "build", *arguments)
    assert (run.code, f"[{code}]" in run.err, run.out) == (exit_code, True, "")
    assert (names(folder), names(folder / "filled")) == (before, ["mine.txt"])


def test_a_file_system_that_may_not_be_written_is_told(folder: Path) -> None:
    command = f"'{EXECUTABLE}' policy build policy.yaml --out /proc/policy.bundle; echo $?"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.stdout, "`/proc/policy.bundle` cannot be written: " in done.stderr) == ("2\n", True)


def test_a_disk_that_is_full_leaves_the_old_bundle(hexgate: Hexgate, folder: Path) -> None:
    hexgate("policy", "build", "policy.yaml", "--revision", "1")
    command = f"ulimit -f 0; '{EXECUTABLE}' policy build policy.yaml --revision 2 2>&1; echo $?"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert "`policy.bundle` cannot be written: File too large [HX700]" in done.stdout
    assert done.stdout.endswith("\n2\n")
    assert [name for name in names(folder) if name.startswith(".")] == []
    assert hexgate("policy", "verify", "policy.bundle", "--json").json["manifest"]["revision"] == 1


def test_a_broken_bundle_is_no_and_an_absent_one_is_usage(hexgate: Hexgate, folder: Path) -> None:
    hexgate("policy", "build", "policy.yaml")
    with (folder / "policy.bundle" / "policy.wasm").open("ab") as file:
        file.write(b"\0")
    run = hexgate("policy", "verify", "policy.bundle", "--json")
    assert (run.code, run.json["error"]["code"]) == (1, "HX704")
    assert hexgate("policy", "verify", "nowhere.bundle").code == 2
    assert hexgate("policy", "verify", "policy.bundle", "--key", "nowhere.public").code == 2


def test_inspect_shows_each_part_and_refuses_nothing(hexgate: Hexgate, folder: Path, keys: Any) -> None:
    hexgate("policy", "build", "policy.yaml", "--sign-key", "release.private", "--project", "shop")
    bundle = folder / "policy.bundle"
    run = hexgate("policy", "inspect", "policy.bundle", "--json")
    assert [part["state"] for part in run.json["parts"]] == ["whole"] * 5
    assert run.json["manifest"] == json.loads((bundle / "policy.bundle.json").read_text())
    assert run.json["module"]["stamp"]["language"] == 1
    with (bundle / "policy.wasm").open("ab") as file:
        file.write(b"\1")
    (bundle / "policy.rego").unlink()
    (bundle / "policy.bundle.json.sig").unlink()
    run = hexgate("policy", "inspect", "policy.bundle", "--json")
    states = {part["name"]: part["state"] for part in run.json["parts"]}
    assert states == dict(zip(sorted(PARTS), ["whole", "missing", "missing", "changed", "whole"], strict=True))
    assert (run.code, run.json["module"]) == (0, None)
    text = hexgate("policy", "inspect", "policy.bundle")
    assert "  for: project shop\n" in text.out
    assert "missing\n" in text.out


def test_inspect_tells_what_was_left_out_from_what_was_added(hexgate: Hexgate, folder: Path) -> None:
    hexgate("policy", "build", "policy.yaml", "--no-wasm")
    states = {
        part["name"]: part["state"] for part in hexgate("policy", "inspect", "policy.bundle", "--json").json["parts"]
    }
    assert (states["policy.wasm"], states["policy.bundle.json.sig"]) == ("left out", "left out")
    for name in ("policy.wasm", "policy.bundle.json.sig"):
        (folder / "policy.bundle" / name).write_bytes(b"added")
    states = {
        part["name"]: part["state"] for part in hexgate("policy", "inspect", "policy.bundle", "--json").json["parts"]
    }
    assert (states["policy.wasm"], states["policy.bundle.json.sig"]) == ("added", "added")
    assert "  decides by: the native engine, without a module\n" in hexgate("policy", "inspect", "policy.bundle").out


def test_inspect_shows_one_module(hexgate: Hexgate, folder: Path) -> None:
    hexgate("policy", "build", "policy.yaml")
    run = hexgate("policy", "inspect", "policy.bundle/policy.wasm", "--json")
    digest = hexgate("policy", "validate", "policy.yaml", "--json").json["policies"][0]["summary"]["digest"]
    assert run.json["stamp"]["source"] == digest
    assert {section["name"] for section in run.json["sections"]} >= {"import", "export", "code", "data", "custom"}
    shown = hexgate("policy", "inspect", "policy.bundle/policy.wasm").out
    assert f"  module source: {digest}\n" in shown
    (folder / "foreign.wasm").write_bytes(b"\0asm\1\0\0\0")
    assert "the module has no stamp: Hexgate did not make it" in hexgate("policy", "inspect", "foreign.wasm").out
    (folder / "none.wasm").write_bytes(b"\0as")
    assert hexgate("policy", "inspect", "none.wasm").code == 2
    assert hexgate("policy", "inspect", "nowhere.wasm").code == 2


def test_words_of_others_cannot_move_the_cursor(hexgate: Hexgate, folder: Path) -> None:
    hexgate("policy", "build", "policy.yaml", "--agent", "bot")
    manifest = folder / "policy.bundle" / "policy.bundle.json"
    manifest.write_text(manifest.read_text().replace("hexgate 0", "\\u001b[2J"))
    run = hexgate("policy", "inspect", "policy.bundle")
    assert (run.code, "\x1b" in run.out + run.err) == (1, False)


def signed_anew(bundle: Path, key: Path, **changes: Any) -> None:
    """Signs the parts as they are now, as whoever has the key could."""
    module = sha256((bundle / "policy.wasm").read_bytes()).hexdigest()
    signer = read_signing_key(key)
    manifest = Manifest.from_bytes((bundle / "policy.bundle.json").read_bytes())
    manifest = replace(manifest, wasm_hash=module, key_id=signer.public.key_id, **changes)
    (bundle / "policy.bundle.json").write_bytes(manifest.data)
    (bundle / "policy.bundle.json.sig").write_bytes(signer.sign(manifest.data))


def test_a_build_says_on_how_many_calls_both_engines_agree(hexgate: Hexgate) -> None:
    run = hexgate("policy", "build", "policy.yaml")
    assert re.search(
        r"certificate: [\d,]+ calls · rules reached (\d+)/\1 · constraints true (\d+)/\2 · false \2/\2", run.out
    )
    recorded = hexgate("policy", "inspect", "policy.bundle", "--json").json["manifest"]["certificate"]
    assert recorded["calls"] >= 1000
    assert hexgate("policy", "verify", "policy.bundle", "--json").json["certificate"] == recorded


def test_verify_asks_the_module_itself_and_shows_the_call_on_which_it_differs(
    hexgate: Hexgate, folder: Path, keys: Any
) -> None:
    (folder / "other").mkdir()
    (folder / "other" / "policy.yaml").write_text((folder / "policy.yaml").read_text().replace("<= 500", "<= 501"))
    hexgate("policy", "build", "policy.yaml")
    hexgate("policy", "build", "other/policy.yaml", "--out", "other.bundle")
    (folder / "other.bundle" / "policy.wasm").replace(folder / "policy.bundle" / "policy.wasm")
    # A signature speaks for what another version made, and yet the module has to answer as the policy does.
    signed_anew(folder / "policy.bundle", folder / "release.private", created_by="hexgate 9.9.9")
    run = hexgate("policy", "verify", "policy.bundle", "--key", "release.public")
    assert (run.code, run.out) == (1, "")
    assert "[HX7" in run.err
    told = hexgate("policy", "verify", "policy.bundle", "--key", "release.public", "--json").json
    assert told["error"]["code"].startswith("HX7")


def test_verify_refuses_a_certificate_that_was_made_up(hexgate: Hexgate, folder: Path, keys: Any) -> None:
    hexgate("policy", "build", "policy.yaml")
    bundle = folder / "policy.bundle"
    certificate = json.loads((bundle / "policy.bundle.json").read_text())["certificate"]
    signed_anew(bundle, folder / "release.private", certificate={**certificate, "rules": {"total": 9, "reached": 9}})
    run = hexgate("policy", "verify", "policy.bundle", "--key", "release.public")
    assert (run.code, "the certificate says something else than its repetition [HX708]" in run.err) == (1, True)
    assert "\n  certificate: {" in run.err
    told = hexgate("policy", "verify", "policy.bundle", "--key", "release.public", "--json").json
    assert [line.split(":")[0] for line in told["details"]] == ["certificate", "repetition"]
    signed_anew(bundle, folder / "release.private", certificate={"calls": "many"})
    assert (
        hexgate("policy", "verify", "policy.bundle", "--key", "release.public", "--json").json["error"]["code"]
        == "HX709"
    )
    assert "  certificate: one that cannot be read\n" in hexgate("policy", "inspect", "policy.bundle").out
