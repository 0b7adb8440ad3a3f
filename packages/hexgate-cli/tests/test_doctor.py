"""`hexgate doctor` shows what Hexgate is made of here, and finds what is wrong with it, each time with something to do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hexgate.cli.commands.doctor.engines import ZIG
from hexgate.core import Audit, Spool, User
from hexgate.core import Hexgate as Gate

Hexgate = Callable[..., Any]
COMMAND = Path(sys.executable).parent / "hexgate"


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("HEXGATE_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def bundle(folder: Path, hexgate: Hexgate) -> Path:
    """A signed bundle with the keys `hexgate.private` and `hexgate.public`."""
    assert hexgate("policy", "keygen").code == 0
    built = hexgate(
        "policy", "build", "policy.yaml", "--out", "bundle", "--sign-key", "hexgate.private", "--agent", "bot"
    )
    assert built.code == 0
    return folder / "bundle"


def findings(run: Any) -> list[tuple[str, str]]:
    """The severity and the code of what was found, each with something to do."""
    assert all(finding["help"] for finding in run.json["findings"])
    return [(finding["severity"], finding["code"]) for finding in run.json["findings"]]


def test_a_sound_machine_is_told_so_with_all_versions_and_digests(hexgate: Hexgate) -> None:
    run = hexgate("doctor", "--json")
    assert (run.code, run.json["well"], run.json["findings"]) == (0, True, [])
    assert run.json["installation"]["python"] == ".".join(map(str, sys.version_info[:3]))
    assert {wheel["name"] for wheel in run.json["installation"]["wheels"]} >= {"hexgate-core", "hexgate-cli"}
    engines = run.json["engines"]
    assert (engines["call"], engines["alike"]) == ("fast", True)
    assert engines["runtime"].startswith("sha256:")
    assert engines["wasmtime"]
    assert run.json["policy"] == {"path": None}
    text = hexgate("doctor")
    assert text.out.endswith("✓ nothing is wrong\n")
    assert engines["runtime"] in text.out


def test_the_record_is_shown_where_it_lies_and_nothing_is_made_there(
    hexgate: Hexgate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "state/hexgate/audit"
    monkeypatch.delenv("HEXGATE_AUDIT_DIR", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert hexgate("doctor", "--json").json["record"] == {"directory": str(place), "streams": 0, "bytes": 0}
    assert "  holds                 nothing yet\n" in hexgate("doctor").out
    assert not place.exists()
    monkeypatch.setenv("HEXGATE_AUDIT_DIR", str(tmp_path / "record"))
    spool = Spool(tmp_path / "record")
    Gate.from_policy({"tools": {"t": {"mode": "allow"}}}, audit=Audit(spool)).call("t", {}, dict, user=User("u"))
    spool.close()
    shown = hexgate("doctor", "--json").json["record"]
    assert (shown["directory"], shown["streams"]) == (str(tmp_path / "record"), 1)
    assert shown["bytes"] > 100
    assert f"1 stream, {shown['bytes']:,} bytes" in hexgate("doctor").out


def test_a_record_that_cannot_be_kept_is_found(
    hexgate: Hexgate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    for place in ("file", "file/below"):
        monkeypatch.setenv("HEXGATE_AUDIT_DIR", str(tmp_path / place))
        run = hexgate("doctor", "--json")
        assert (run.code, findings(run)) == (1, [("error", "HX902")])


def test_the_policy_of_the_environment_is_shown(hexgate: Hexgate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXGATE_LOCAL_POLICY", "policy.yaml")
    policy = hexgate("doctor", "--json").json["policy"]
    assert (policy["kind"], policy["loads"], policy["engine"], policy["signed_by"]) == ("file", True, "native", None)
    assert policy["program"] in hexgate("doctor").out


def test_a_bundle_is_shown_with_its_key(bundle: Path, hexgate: Hexgate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXGATE_LOCAL_POLICY", "bundle")
    monkeypatch.setenv("HEXGATE_BUNDLE_PUBKEY_PATH", "hexgate.public")
    monkeypatch.setenv("HEXGATE_BUNDLE_SIGN_KEY_PATH", "hexgate.private")
    run = hexgate("doctor", "--json", "--agent", "bot")
    [trusted] = run.json["keys"]["trusted"]
    assert (run.code, findings(run)) == (0, [])
    assert run.json["policy"]["engine"] == "wasm"
    assert run.json["policy"]["signed_by"] == trusted["key_id"] == run.json["keys"]["signing"]["key_id"]
    assert run.json["keys"]["signing"]["mode"] == "0600"
    assert trusted["key_id"] in hexgate("doctor").out


@pytest.mark.parametrize(
    ("variables", "found"),
    [
        ({"HEXGATE_LOCAL_POLICY": "nowhere.yaml"}, [("error", "HX110")]),
        ({"HEXGATE_LOCAL_POLICY": "suite.yaml"}, [("error", "HX203")]),
        ({"HEXGATE_LOCAL_POLCY": "policy.yaml"}, [("error", "HX723")]),
        ({"HEXGATE_COLOUR": "red"}, [("warning", "HX723")]),
        ({"HEXGATE_BUNDLE_REQUIRE_SIGNATURE": "maybe"}, [("error", "HX721")]),
        ({"HEXGATE_BUNDLE_PUBKEY_PATH": "nowhere.public"}, [("error", "HX711")]),
        ({"HEXGATE_BUNDLE_PUBKEY_PATH": "policy.yaml"}, [("error", "HX710")]),
        ({"HEXGATE_BUNDLE_SIGN_KEY_PATH": "nowhere.private"}, [("error", "HX711")]),
        ({"HEXGATE_LOCAL_POLICY": "policy.yaml", "HEXGATE_BUNDLE_REQUIRE_SIGNATURE": "1"}, [("error", "HX722")]),
    ],
)
def test_what_is_wrong_with_the_environment_is_found(
    variables: dict[str, str], found: list[tuple[str, str]], hexgate: Hexgate, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    run = hexgate("doctor", "--json")
    assert findings(run) == found
    assert run.code == int(("error", "HX") < found[0] < ("error", "HY"))
    assert hexgate("doctor", "--strict").code == 1


@pytest.mark.parametrize(
    ("variables", "found"),
    [
        ({}, ("warning", "HX713")),
        ({"HEXGATE_BUNDLE_REQUIRE_SIGNATURE": "1"}, ("error", "HX713")),
        ({"HEXGATE_BUNDLE_PUBKEY_PATH": "other.public"}, ("error", "HX706")),
        ({"HEXGATE_BUNDLE_PUBKEY_PATH": "nowhere.public"}, ("error", "HX711")),
    ],
)
def test_what_is_wrong_with_a_bundle_is_found_once(
    variables: dict[str, str],
    found: tuple[str, str],
    bundle: Path,
    hexgate: Hexgate,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert hexgate("policy", "keygen", "--out", "other").code == 0
    monkeypatch.setenv("HEXGATE_LOCAL_POLICY", "bundle")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert findings(hexgate("doctor", "--json")) == [found]


def test_a_bundle_of_another_agent_is_found(bundle: Path, hexgate: Hexgate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXGATE_LOCAL_POLICY", "bundle")
    assert findings(hexgate("doctor", "--json", "--agent", "other")) == [("error", "HX714")]


def test_a_private_key_that_others_may_read_is_found(
    bundle: Path, folder: Path, hexgate: Hexgate, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "hexgate.private").chmod(0o644)
    monkeypatch.setenv("HEXGATE_BUNDLE_SIGN_KEY_PATH", "hexgate.private")
    run = hexgate("doctor", "--json")
    assert findings(run) == [("error", "HX711")]
    assert "chmod 600" in run.json["findings"][0]["help"]


def test_secrets_are_not_shown(hexgate: Hexgate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXGATE_API_KEY", "fty_live_shop_Cg")
    for arguments in (("doctor",), ("doctor", "--json")):
        assert "fty_live" not in hexgate(*arguments).out


def doctor_in(folder: Path, files: dict[str, str]) -> Any:
    """The report of a process that finds these files first when it looks for modules."""
    for name, text in files.items():
        path = folder / "first" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    run = subprocess.run(
        [COMMAND, "doctor", "--json"],
        env={**os.environ, "PYTHONPATH": str(folder / "first")},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert run.stderr == ""
    return run.returncode, json.loads(run.stdout)


MCP = "hexgate_mcp-0.0.9.dist-info/METADATA"
METADATA = "Metadata-Version: 2.1\nName: hexgate-mcp\nVersion: 0.0.9\n"
# What takes place of the assembler makes modules of another policy.
ANOTHER = """
import hexgate.core.wasm.assemble as home
from hexgate.core import Policy, compile_policy
real, deny = home.assemble, compile_policy(Policy.from_text("roles: {support: {tools: {search: {mode: allow}}}}"))
home.assemble = lambda program: real(deny)
"""


@pytest.mark.parametrize(
    ("files", "found", "said"),
    [
        ({MCP: METADATA}, [("error", "HX724")], "`hexgate-mcp` is of version 0.0.9"),
        (
            {
                "hexgate_core-0.1.0.dist-info/METADATA": METADATA.replace("mcp", "core").replace("0.0.9", "0.1.0"),
                "hexgate_core-0.1.0.dist-info/RECORD": "hexgate/core/gone.py,sha256=AAAA,1\nhexgate/core/x.wasm,,\n",
            },
            [("error", "HX725")],
            "`hexgate/core/gone.py` of `hexgate-core` is not the file that was installed",
        ),
        (
            {"sitecustomize.py": "import wasmtime\ndel wasmtime._ffi.dll\n"},
            [("warning", "HX726")],
            "wasmtime is called the public way",
        ),
        (
            {"wasmtime/__init__.py": "raise ImportError('no library for this machine')\n"},
            [("error", "HX726")],
            "WebAssembly cannot be used here: no library for this machine",
        ),
        ({"sitecustomize.py": ANOTHER}, [("error", "HX726")], "the native engine and the module answer differently"),
    ],
    ids=["another version", "a changed file", "a slow way", "no library", "other answers"],
)
def test_what_is_wrong_with_an_installation_is_found(
    files: dict[str, str], found: list[tuple[str, str]], said: str, folder: Path
) -> None:
    code, report = doctor_in(folder, files)
    assert [(finding["severity"], finding["code"]) for finding in report["findings"]] == found
    assert said in report["findings"][0]["message"]
    assert code == int(found[0][0] == "error")


def test_a_file_that_is_as_it_was_installed_is_no_finding(folder: Path) -> None:
    hash_of_nothing = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"
    version = METADATA.replace(
        "0.0.9", json.loads(subprocess.check_output([COMMAND, "doctor", "--json"]))["engines"]["native"]
    )
    files = {
        MCP: version,
        "hexgate_mcp-0.0.9.dist-info/RECORD": f"hexgate/mcp/__init__.py,sha256={hash_of_nothing},0\n",
        "hexgate/mcp/__init__.py": "",
    }
    assert doctor_in(folder, files)[1]["findings"] == []


def test_the_compiler_that_is_shown_is_the_one_that_builds_the_runtime() -> None:
    lock = Path(__file__).parents[3] / "tests/oracles/zig.lock"
    assert f"ziglang=={ZIG} " in lock.read_text(encoding="utf-8")


def test_a_key_of_the_platform_and_the_place_of_the_record_are_read(
    hexgate: Hexgate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEXGATE_API_KEY", "fty_live_shop_Cg")
    monkeypatch.setenv("HEXGATE_AUDIT_DIR", "record")
    run = hexgate("doctor", "--json")
    assert (run.code, findings(run)) == (0, [])
