"""A manifest has one spelling and strict contents."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexgate.core.bundle import Labels, Manifest
from hexgate.core.errors import BundleError

HASH = "0123456789abcdef" * 4
KEY_ID = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
MANIFEST = Manifest(
    source="policy.yaml",
    source_hash=HASH,
    rego_hash=HASH[::-1],
    wasm_hash=HASH,
    engine="wasm",
    created_by="hexgate 9.9.9",
    labels=Labels("support-bot", "shop", 7),
    key_id=KEY_ID,
    certificate={"calls": 3},
)
NAMES = st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=20)


def changed(**changes: Any) -> bytes:
    """The manifest with other values, in the right spelling."""
    return spelled({**MANIFEST.as_dict(), **changes})


def spelled(value: Any) -> bytes:
    return f"{json.dumps(value, indent=2, sort_keys=True)}\n".encode()


def refusal(data: bytes) -> str:
    with pytest.raises(BundleError) as caught:
        Manifest.from_bytes(data, "policy.bundle.json")
    assert caught.value.code == "HX705"
    return caught.value.message


def test_a_manifest_is_written_in_one_spelling() -> None:
    assert MANIFEST.data.decode() == (
        "{\n"
        '  "agent": "support-bot",\n'
        '  "certificate": {\n'
        '    "calls": 3\n'
        "  },\n"
        '  "created_by": "hexgate 9.9.9",\n'
        '  "engine": "wasm",\n'
        f'  "key_id": "{KEY_ID}",\n'
        '  "project": "shop",\n'
        f'  "rego_hash": "{HASH[::-1]}",\n'
        '  "revision": 7,\n'
        '  "source": "policy.yaml",\n'
        f'  "source_hash": "{HASH}",\n'
        '  "version": 1,\n'
        f'  "wasm_hash": "{HASH}"\n'
        "}\n"
    )
    assert Manifest.from_bytes(MANIFEST.data) == MANIFEST
    assert MANIFEST.digest.startswith("sha256:")


@given(
    st.builds(Labels, st.none() | NAMES, st.none() | NAMES, st.none() | st.integers(0, 2**53 - 1)),
    st.dictionaries(NAMES, st.integers() | NAMES | st.booleans(), max_size=3),
)
def test_whatever_is_written_reads_back_equal(labels: Labels, certificate: dict[str, Any]) -> None:
    manifest = replace(MANIFEST, labels=labels, certificate=certificate)
    assert Manifest.from_bytes(manifest.data) == manifest


def test_what_is_left_out_is_said_to_be() -> None:
    bare = replace(MANIFEST, wasm_hash=None, engine="native", labels=Labels(), key_id=None, certificate=None)
    assert Manifest.from_bytes(bare.data) == bare
    assert [key for key, value in json.loads(bare.data).items() if value is None] == [
        "agent",
        "certificate",
        "key_id",
        "project",
        "revision",
        "wasm_hash",
    ]


@pytest.mark.parametrize("key", MANIFEST.as_dict())
def test_a_missing_key_is_told(key: str) -> None:
    value = MANIFEST.as_dict()
    del value[key]
    assert f"`{key}`" in refusal(spelled(value)) or "no manifest of version 1" in refusal(spelled(value))


def test_an_unknown_key_is_told_with_the_one_that_was_meant() -> None:
    with pytest.raises(BundleError, match="unknown key `agents`") as caught:
        Manifest.from_bytes(changed(agents="x"))
    assert caught.value.help == "did you mean `agent`?"


def test_a_bundle_of_an_earlier_release_is_known_as_one() -> None:
    early = {key: MANIFEST.as_dict()[key] for key in ("version", "source", "source_hash", "rego_hash", "wasm_hash")}
    with pytest.raises(BundleError, match=r"bundles of releases before 0\.2\.0 say less"):
        Manifest.from_bytes(spelled(early))


@pytest.mark.parametrize("version", [0, 2, "1", 1.0, True, None])
def test_another_version_is_refused_before_anything_else(version: object) -> None:
    assert "no manifest of version 1" in refusal(spelled({"version": version, "unheard": "of"}))


@pytest.mark.parametrize(
    "changes",
    [
        {"source": "../policy.yaml"},
        {"source": "/etc/policy.yaml"},
        {"source": "a/policy.yaml"},
        {"source": "..yaml"},
        {"source": ".yaml"},
        {"source": "policy.yml"},
        {"source": "policy.yaml\n"},
        {"source": "po\u0131icy.yaml"},
        {"source": "a\\b.yaml"},
        {"source": f"{'a' * 101}.yaml"},
        {"source": None},
        {"source_hash": HASH.upper()},
        {"source_hash": f"sha256:{HASH}"},
        {"source_hash": None},
        {"rego_hash": HASH[:-1]},
        {"rego_hash": 7},
        {"wasm_hash": ""},
        {"engine": "rego"},
        {"engine": None},
        {"created_by": None},
        {"created_by": ""},
        {"agent": ""},
        {"agent": "a\u200bb"},
        {"agent": 7},
        {"project": " shop"},
        {"revision": -1},
        {"revision": 2**53},
        {"revision": True},
        {"revision": 1.0},
        {"revision": "7"},
        {"key_id": KEY_ID[:-1]},
        {"key_id": ""},
        {"certificate": []},
        {"certificate": "yes"},
    ],
    ids=str,
)
def test_a_value_that_is_none_is_told(changes: dict[str, Any]) -> None:
    assert f"`{next(iter(changes))}` " in refusal(changed(**changes))


@pytest.mark.parametrize("changes", [{"wasm_hash": None}, {"engine": "native"}, {"certificate": None}], ids=str)
def test_a_module_without_a_certificate_or_without_a_use_is_a_contradiction(changes: dict[str, Any]) -> None:
    assert "`engine`, `wasm_hash` and `certificate` contradict one another" in refusal(changed(**changes))


@pytest.mark.parametrize(
    "data",
    [
        MANIFEST.data[:-1],
        MANIFEST.data + b"\n",
        MANIFEST.data.replace(b"\n", b"\r\n"),
        MANIFEST.data.replace(b'  "agent"', b'   "agent"'),
        MANIFEST.data.replace(b'"support-bot"', b'"support\\u002dbot"'),
        json.dumps(MANIFEST.as_dict(), sort_keys=True).encode(),
        json.dumps(dict(reversed(MANIFEST.as_dict().items())), indent=2).encode() + b"\n",
        b" " + MANIFEST.data,
    ],
)
def test_another_spelling_of_the_same_manifest_is_refused(data: bytes) -> None:
    assert "is not spelled as a manifest is" in refusal(data)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "is not JSON"),
        (b"\xff", "is not JSON"),
        (b"\xef\xbb\xbf" + MANIFEST.data, "is not JSON"),
        (changed(agent="x").replace(b'"x"', '"ä"'.encode()), "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b'{"version": ' + b"1" * 5000 + b"}", "is not JSON"),
        (b"[]", "is no JSON object"),
        (b"null", "is no JSON object"),
        (b'{"version": NaN}', "holds `NaN`, which is no JSON"),
        (changed(certificate={"x": float("inf")}), "holds `Infinity`"),
        (b'{"version": 1, "version": 1}', "says a key twice"),
        (MANIFEST.data.replace(b'"calls": 3', b'"calls": 3,\n    "calls": 3'), "says a key twice"),
    ],
)
def test_what_is_no_manifest_is_told(data: bytes, why: str) -> None:
    assert why in refusal(data)


@given(st.integers(0, len(MANIFEST.data) - 1), st.integers(1, 255))
def test_a_manifest_with_a_byte_changed_is_another_or_none(place: int, difference: int) -> None:
    data = bytearray(MANIFEST.data)
    data[place] ^= difference
    try:
        other = Manifest.from_bytes(bytes(data))
    except BundleError:
        return
    assert (other != MANIFEST, other.data) == (True, bytes(data))


@pytest.mark.parametrize("labels", [{"agent": ""}, {"project": "a\n"}, {"revision": -1}, {"revision": True}])
def test_labels_that_no_manifest_could_hold_are_refused_at_once(labels: dict[str, Any]) -> None:
    with pytest.raises(BundleError, match="HX705"):
        Labels(**labels)
