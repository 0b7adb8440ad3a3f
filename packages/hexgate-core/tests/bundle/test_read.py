"""A bundle is read when all of it is as it was built, by whoever is trusted, for whoever reads it; else it is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hexgate.core.bundle import Labels, Manifest, PolicyText, SigningKey, Standing, read_bundle
from hexgate.core.bundle.build import Built, build_bundle
from hexgate.core.bundle.making import CREATED_BY
from hexgate.core.errors import BundleError

NAMES = ["policy.yaml", "policy.rego", "policy.wasm", "policy.bundle.json", "policy.bundle.json.sig"]
SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def refusal(folder: Path, **demands: Any) -> str:
    """The code of a refusal, and its message."""
    with pytest.raises(BundleError) as caught:
        read_bundle(folder, **demands)
    return f"{caught.value.code}: {caught.value.message}"


def manifest_of(folder: Path) -> Manifest:
    return Manifest.from_bytes((folder / "policy.bundle.json").read_bytes())


def rehash(folder: Path, **changes: Any) -> Manifest:
    """Writes the manifest that fits the parts as they are now, as whoever changed them would."""
    hashes = {
        name: sha256((folder / f"policy{suffix}").read_bytes()).hexdigest()
        for name, suffix in (("source_hash", ".yaml"), ("rego_hash", ".rego"), ("wasm_hash", ".wasm"))
        if (folder / f"policy{suffix}").exists()
    }
    manifest = replace(manifest_of(folder), **{**hashes, **changes})
    (folder / "policy.bundle.json").write_bytes(manifest.data)
    return manifest


def unsign(folder: Path) -> None:
    """Makes an unsigned bundle of the parts as they are now."""
    (folder / "policy.bundle.json.sig").unlink()
    rehash(folder, key_id=None)


def test_a_bundle_is_read_as_it_was_built(bundle: Path, built: Built, text: PolicyText, key: SigningKey) -> None:
    found = read_bundle(bundle, trusted=[key.public], require_signature=True, agent="support-bot", project="shop")
    assert (found.manifest, found.standing, found.warnings) == (built.manifest, Standing.VERIFIED, ())
    assert (found.program.digest, found.policy) == (text.program.digest, text.policy)
    assert (found.rego.encode(), found.module) == (built.files["policy.rego"], built.files["policy.wasm"])
    assert (found.digest, found.signed_by) == (built.manifest.digest, key.public.key_id)


def test_a_bundle_without_a_module_says_so(text: PolicyText, tmp_path: Path) -> None:
    built = build_bundle(text, with_module=False)
    found = read_bundle(built.write(tmp_path / "bundle"))
    assert sorted(built.files) == ["policy.bundle.json", "policy.rego", "policy.yaml"]
    assert (found.module, found.manifest.engine, found.manifest.wasm_hash) == (None, "native", None)


@pytest.mark.parametrize("how", ["unsigned", "signed by nobody who is trusted"])
def test_without_a_verified_signature_a_bundle_loads_with_a_warning(
    how: str, text: PolicyText, bundle: Path, tmp_path: Path, key: SigningKey
) -> None:
    folder = build_bundle(text).write(tmp_path / "unsigned") if how == "unsigned" else bundle
    found = read_bundle(folder)
    assert [warning.code for warning in found.warnings] == ["HX713"]
    assert (found.standing is Standing.VERIFIED, found.signed_by) == (False, None)
    assert refusal(folder, require_signature=True).startswith("HX713: ")


def test_several_keys_may_be_trusted_while_one_takes_the_place_of_another(
    bundle: Path, text: PolicyText, tmp_path: Path, key: SigningKey
) -> None:
    newer = SigningKey(b"\2" * 32)
    next_one = build_bundle(text, key=newer).write(tmp_path / "next")
    both = [key.public, newer.public]
    assert [read_bundle(folder, trusted=both).signed_by for folder in (bundle, next_one)] == [
        key.public.key_id,
        newer.public.key_id,
    ]
    assert refusal(bundle, trusted=[newer.public]).startswith("HX706: ")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("trust", [True, False])
def test_a_part_that_is_taken_away_is_tampering_and_never_unsigned(
    bundle: Path, name: str, trust: bool, key: SigningKey
) -> None:
    (bundle / name).unlink()
    said = refusal(bundle, trusted=[key.public] if trust else [])
    assert said.startswith("HX706: the signature" if name.endswith(".sig") else f"HX702: the part `{name}` is missing")


@given(data=st.data())
@SHARED
def test_a_byte_that_is_changed_in_any_part_is_noticed(
    data: st.DataObject, built: Built, key: SigningKey, tmp_path_factory: pytest.TempPathFactory
) -> None:
    name = data.draw(st.sampled_from(NAMES))
    place = data.draw(st.integers(0, len(built.files[name]) - 1))
    changed = bytearray(built.files[name])
    changed[place] ^= data.draw(st.integers(1, 255))
    folder = tmp_path_factory.mktemp("bundle")
    for other, content in {**built.files, name: bytes(changed)}.items():
        (folder / other).write_bytes(content)
    codes = {"policy.bundle.json": ("HX705", "HX706"), "policy.bundle.json.sig": ("HX706",)}
    assert refusal(folder, trusted=[key.public]).split(":")[0] in codes.get(name, ("HX704",))


@given(data=st.data())
@SHARED
def test_a_part_that_is_cut_or_grown_is_noticed(
    data: st.DataObject, built: Built, key: SigningKey, tmp_path_factory: pytest.TempPathFactory
) -> None:
    name = data.draw(st.sampled_from(NAMES))
    content = built.files[name]
    other = data.draw(
        st.one_of(st.integers(0, len(content) - 1).map(content.__getitem__).map(bytes), st.just(content + b"\n"))
    )
    folder = tmp_path_factory.mktemp("bundle")
    for part, held in {**built.files, name: other}.items():
        (folder / part).write_bytes(held)
    assert refusal(folder, trusted=[key.public]).startswith("HX70")


def test_a_part_that_is_changed_is_named(bundle: Path, key: SigningKey) -> None:
    with (bundle / "policy.rego").open("ab") as file:
        file.write(b"\n")
    assert refusal(bundle) == "HX704: the part `policy.rego` is not the one that the manifest names"


def test_signatures_do_not_fit_another_bundle(bundle: Path, text: PolicyText, tmp_path: Path, key: SigningKey) -> None:
    other = build_bundle(text, labels=Labels("other-bot"), key=key).write(tmp_path / "other")
    signatures = [(folder / "policy.bundle.json.sig").read_bytes() for folder in (other, bundle)]
    for folder, signature in zip((bundle, other), signatures, strict=True):
        (folder / "policy.bundle.json.sig").write_bytes(signature)
        assert refusal(folder, trusted=[key.public]).startswith("HX706: the signature is not by the key")


@pytest.mark.parametrize(("name", "code"), [("policy.yaml", None), ("policy.rego", "HX715"), ("policy.wasm", "HX715")])
def test_a_manifest_that_is_made_to_fit_changed_parts_is_noticed(
    bundle: Path, name: str, code: str | None, key: SigningKey
) -> None:
    with (bundle / name).open("ab") as file:
        file.write(b"\n")
    rehash(bundle)
    assert refusal(bundle, trusted=[key.public]).startswith("HX706: ")
    # Who trusts no key cannot know who wrote the policy, but that the other parts are made of it.
    if code is None:
        assert read_bundle(bundle).standing is Standing.UNVERIFIED
    else:
        assert refusal(bundle).startswith(f"{code}: ")


def test_the_signer_of_a_bundle_cannot_be_replaced(bundle: Path, key: SigningKey) -> None:
    thief = SigningKey(b"\3" * 32)
    manifest = rehash(bundle, key_id=thief.public.key_id)
    (bundle / "policy.bundle.json.sig").write_bytes(thief.sign(manifest.data))
    assert refusal(bundle, trusted=[key.public]).endswith("which is not trusted")
    manifest = rehash(bundle, key_id=key.public.key_id)
    (bundle / "policy.bundle.json.sig").write_bytes(thief.sign(manifest.data))
    assert "the signature is not by the key" in refusal(bundle, trusted=[key.public])


def test_a_module_that_was_added_or_renamed_parts_are_told(text: PolicyText, tmp_path: Path) -> None:
    native = build_bundle(text, with_module=False).write(tmp_path / "native")
    (native / "policy.wasm").write_bytes(b"\0asm")
    assert refusal(native).startswith("HX703: the part `policy.wasm` was added")
    renamed = build_bundle(text).write(tmp_path / "renamed")
    for path in list(renamed.iterdir()):
        path.rename(path.with_name(path.name.replace("policy", "other")))
    assert refusal(renamed) == "HX704: the files are named after `other`, and the manifest is of `policy.yaml`"


@pytest.mark.parametrize(
    ("demands", "why"),
    [
        ({"agent": "other-bot"}, "the bundle is for the agent `support-bot`, not for `other-bot`"),
        ({"project": "other"}, "the bundle is for the project `shop`, not for `other`"),
        ({"held_revision": 8}, "the bundle is revision 7, and revision 8 is held already"),
    ],
)
def test_a_bundle_for_somebody_else_or_from_earlier_is_refused(
    bundle: Path, key: SigningKey, demands: dict[str, Any], why: str
) -> None:
    assert refusal(bundle, trusted=[key.public], **demands) == f"HX714: {why}"


def test_a_bundle_for_this_agent_and_as_new_as_the_held_one_is_read(bundle: Path, key: SigningKey) -> None:
    for held in (0, 7):
        found = read_bundle(bundle, trusted=[key.public], agent="support-bot", project="shop", held_revision=held)
        assert found.manifest.labels.revision == 7


def test_a_bundle_that_is_bound_to_nobody_is_for_everybody_but_not_for_later(text: PolicyText, tmp_path: Path) -> None:
    folder = build_bundle(text).write(tmp_path / "bundle")
    assert read_bundle(folder, agent="any", project="any").manifest.labels == Labels()
    assert refusal(folder, held_revision=0) == "HX714: the bundle has no revision, and revision 0 is held already"


@pytest.mark.parametrize(("name", "suffix"), [("policy.rego", ".rego"), ("policy.wasm", ".wasm")])
def test_parts_that_are_not_made_of_the_policy_are_refused_even_when_they_are_signed(
    bundle: Path, key: SigningKey, name: str, suffix: str, tmp_path: Path
) -> None:
    other = build_bundle(PolicyText.from_bytes(b"tools: {view: {mode: allow}}", "policy"))
    (bundle / name).write_bytes(other.files[name])
    manifest = rehash(bundle)
    (bundle / "policy.bundle.json.sig").write_bytes(key.sign(manifest.data))
    said = f"HX715: `{name}` is not what `policy.yaml` makes"
    assert refusal(bundle, trusted=[key.public]) == said
    unsign(bundle)
    assert refusal(bundle) == said


def of_another_version(bundle: Path, key: SigningKey) -> None:
    """The bundle as another version would have built it, signed."""
    with (bundle / "policy.wasm").open("ab") as file:
        file.write(b"another runtime")
    manifest = rehash(bundle, created_by="hexgate 9.9.9")
    (bundle / "policy.bundle.json.sig").write_bytes(key.sign(manifest.data))


def test_a_bundle_of_another_version_loads_as_it_is_when_a_signature_speaks_for_it(
    bundle: Path, key: SigningKey
) -> None:
    of_another_version(bundle, key)
    found = read_bundle(bundle, trusted=[key.public])
    assert (found.warnings, found.module) == ((), (bundle / "policy.wasm").read_bytes())


def test_without_a_verified_signature_the_module_of_another_version_is_made_anew(
    bundle: Path, built: Built, key: SigningKey
) -> None:
    of_another_version(bundle, key)
    found = read_bundle(bundle)
    assert [warning.code for warning in found.warnings] == ["HX713", "HX715"]
    assert "`policy.wasm`, made by `hexgate 9.9.9`, is left aside" in found.warnings[1].message
    assert (found.module, found.rego.encode()) == (built.files["policy.wasm"], built.files["policy.rego"])


def test_the_same_policy_labels_and_key_give_the_same_bytes(text: PolicyText, key: SigningKey, built: Built) -> None:
    again = build_bundle(PolicyText.from_bytes(text.data, "policy"), labels=Labels("support-bot", "shop", 7), key=key)
    assert again.files == built.files
    assert again.manifest.created_by == CREATED_BY


@pytest.mark.parametrize(
    "change", [lambda folder: copytree(folder, folder / "more"), lambda folder: (folder / "x").touch()]
)
def test_whatever_else_is_in_the_directory_is_told(
    bundle: Path, change: Callable[[Path], object], key: SigningKey
) -> None:
    change(bundle)
    assert refusal(bundle, trusted=[key.public]).startswith("HX703: ")


def test_a_bundle_takes_the_place_of_another_under_a_reader(bundle: Path, text: PolicyText, key: SigningKey) -> None:
    build_bundle(text, labels=Labels(revision=8), key=key).write(bundle)
    assert read_bundle(bundle, trusted=[key.public], held_revision=7).manifest.labels.revision == 8
