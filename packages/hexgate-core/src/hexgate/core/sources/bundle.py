"""The snapshot of a bundle in, its program and module out, once every part of it was checked."""

from __future__ import annotations

from hexgate.core.errors import BundleError
from hexgate.core.sources.parts import part
from hexgate.core.sources.protocol import Loaded
from hexgate.core.sources.snapshot import Snapshot
from hexgate.core.sources.terms import Terms

__all__ = ["read_bundle_directory"]


def read_bundle_directory(path: str, taken: Snapshot, terms: Terms) -> Loaded:
    """The program of a bundle that may be taken on these terms. Nothing is read a second time."""
    if isinstance(taken.bundle, BundleError):
        raise taken.bundle
    bundle = part("read_bundle")(
        taken.bundle,
        trusted=[part("read_public_key")(key) for key in terms.settings.public_keys],
        require_signature=terms.signature_is_required,
        agent=terms.agent,
        project=terms.project,
        held_revision=terms.revision,
    )
    return Loaded(
        bundle.program, path, bundle.module, bundle.signed_by, bundle.manifest.labels.revision, bundle.warnings
    )
