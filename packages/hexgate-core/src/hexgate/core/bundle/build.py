"""A policy's text in, the files of its bundle out: the same text, labels and key give the same bytes, wherever they are made.

# INVARIANT: nothing is written before everything is made, and nothing is made of a policy on which the two engines differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from hexgate.core.bundle.calls.covering import Progress
from hexgate.core.bundle.certify import certify
from hexgate.core.bundle.keys import SigningKey
from hexgate.core.bundle.making import CREATED_BY, made_of
from hexgate.core.bundle.manifest import Labels, Manifest
from hexgate.core.bundle.place import put
from hexgate.core.bundle.source import PolicyText

__all__ = ["Built", "build_bundle"]


@dataclass(frozen=True, slots=True)
class Built:
    """The files of a bundle by name, and what its manifest says."""

    manifest: Manifest
    files: Mapping[str, bytes]

    def write(self, folder: str | Path) -> Path:
        """Puts the bundle there, whole, in the place of the one that may be there; the path of the directory."""
        return put(self.files, folder)


def build_bundle(
    text: PolicyText,
    *,
    labels: Labels | None = None,
    key: SigningKey | None = None,
    with_module: bool = True,
    progress: Progress | None = None,
) -> Built:
    """The bundle of a policy. Without a key it is unsigned, without a module it decides natively.

    Raises a `CertificateError` that shows the call on which the module and the native engine differ.
    """
    parts = {".yaml": text.data, **made_of(text.program, with_module=with_module)}
    certificate = certify(text.program, parts[".wasm"], progress=progress).as_dict() if with_module else None
    hashes = {suffix: sha256(data).hexdigest() for suffix, data in parts.items()}
    manifest = Manifest(
        source=f"{text.stem}.yaml",
        source_hash=hashes[".yaml"],
        rego_hash=hashes[".rego"],
        wasm_hash=hashes.get(".wasm"),
        engine="wasm" if with_module else "native",
        created_by=CREATED_BY,
        labels=labels or Labels(),
        key_id=key.public.key_id if key else None,
        certificate=certificate,
    )
    parts[".bundle.json"] = manifest.data
    if key is not None:
        parts[".bundle.json.sig"] = key.sign(manifest.data)
    return Built(manifest, {f"{text.stem}{suffix}": data for suffix, data in parts.items()})
