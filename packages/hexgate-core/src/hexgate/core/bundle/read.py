"""A bundle, or its path, in, a `Bundle` out of which every part was checked, or the first reason why it is none to go by.

# INVARIANT: a part that is missing, added or changed is refused, whatever else is right. Only a bundle without any signature is
unsigned, and nothing makes an unsigned bundle of a signed one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from hexgate.core.bundle.files import Parts, read_parts
from hexgate.core.bundle.keys import PublicKey
from hexgate.core.bundle.making import trusted_parts
from hexgate.core.bundle.manifest import Manifest
from hexgate.core.bundle.signing import WARNINGS, Standing, standing_of
from hexgate.core.bundle.source import PolicyText
from hexgate.core.errors import BundleError, Mistake
from hexgate.core.policy import Policy
from hexgate.core.program import Program
from hexgate.core.text.render import shown

__all__ = ["Bundle", "read_bundle"]

TAMPERED = "take the bundle from where it was built, or build it again"


@dataclass(frozen=True, slots=True)
class Bundle:
    """A policy with its parts, and how far it can be trusted. `module` is None where it decides natively."""

    manifest: Manifest
    standing: Standing
    policy: Policy = field(repr=False)
    program: Program = field(repr=False)
    rego: str = field(repr=False)
    module: bytes | None = field(repr=False)
    warnings: tuple[Mistake, ...] = ()

    @property
    def digest(self) -> str:
        """`sha256:` and a hash that names the whole bundle, every part included."""
        return self.manifest.digest

    @property
    def signed_by(self) -> str | None:
        """The id of the key whose signature was verified."""
        return self.manifest.key_id if self.standing is Standing.VERIFIED else None


def read_bundle(
    path: str | Path | Parts,
    *,
    trusted: Iterable[PublicKey] = (),
    require_signature: bool = False,
    agent: str | None = None,
    project: str | None = None,
    held_revision: int | None = None,
) -> Bundle:
    """The bundle at a path, or of parts that were read already.

    One for another agent or project, or older than the revision that is held, is refused.
    """
    parts = path if isinstance(path, Parts) else read_parts(path)
    data = parts.needed(".bundle.json")
    manifest = Manifest.from_bytes(data, parts.name(".bundle.json"))
    standing = standing_of(
        data,
        parts.data.get(".bundle.json.sig"),
        key_id=manifest.key_id,
        trusted=trusted,
        required=require_signature,
    )
    check_parts(parts, manifest)
    check_labels(manifest, agent, project)
    check_revision(manifest, held_revision)
    return bundle_of(parts, manifest, standing)


def bundle_of(parts: Parts, manifest: Manifest, standing: Standing) -> Bundle:
    """The bundle of parts that are those of its manifest."""
    text = PolicyText.from_bytes(parts.data[".yaml"], parts.stem)
    given, others = trusted_parts(parts.data, text.program, manifest=manifest, standing=standing)
    warnings = (WARNINGS[standing], *others) if standing in WARNINGS else others
    return Bundle(manifest, standing, text.policy, text.program, given[".rego"].decode(), given.get(".wasm"), warnings)


def check_parts(parts: Parts, manifest: Manifest) -> None:
    """Refuses a part that is missing, or added, or not the one of the manifest."""
    if manifest.stem != parts.stem:
        message = f"the files are named after `{parts.stem}`, and the manifest is of `{manifest.source}`"
        raise BundleError("HX704", message, help="do not rename the parts of a bundle; build it under the other name")
    if manifest.wasm_hash is None and ".wasm" in parts.data:
        message = f"the part `{parts.name('.wasm')}` was added: the manifest says that there is none"
        raise BundleError("HX703", message, help=TAMPERED)
    for suffix, wanted in manifest.hashes.items():
        if wanted is not None and sha256(parts.needed(suffix)).hexdigest() != wanted:
            message = f"the part `{parts.name(suffix)}` is not the one that the manifest names"
            raise BundleError("HX704", message, help=TAMPERED)


def check_labels(manifest: Manifest, agent: str | None, project: str | None) -> None:
    """Refuses what is bound to somebody else. A bundle that is bound to nobody is for everybody."""
    bound = (("agent", manifest.labels.agent, agent), ("project", manifest.labels.project, project))
    for what, bundles, ours in bound:
        if ours is not None and bundles is not None and bundles != ours:
            message = f"the bundle is for the {what} `{shown(bundles)}`, not for `{shown(ours)}`"
            raise BundleError("HX714", message, help=f"take the bundle of this {what}")


def check_revision(manifest: Manifest, held: int | None) -> None:
    """Refuses what is older than what is held. Without a number nobody can tell, so it counts as older."""
    revision = manifest.labels.revision
    if held is not None and (revision is None or revision < held):
        said = "has no revision" if revision is None else f"is revision {revision}"
        help = "build the next one with a higher --revision; to go back, build the old policy under a new number"
        raise BundleError("HX714", f"the bundle {said}, and revision {held} is held already", help=help)
