"""What the commands about bundles share: a manifest in, what it says in words out."""

from __future__ import annotations

from collections.abc import Iterator

from hexgate.cli.output import visible
from hexgate.core.bundle import Manifest

__all__ = ["facts_of"]


def facts_of(manifest: Manifest) -> Iterator[str]:
    """What a manifest says beside its hashes, a fact a line."""
    labels = manifest.labels
    bound = [f"{what} {visible(name)}" for what, name in (("agent", labels.agent), ("project", labels.project)) if name]
    bound += [] if labels.revision is None else [f"revision {labels.revision}"]
    yield f"for: {' · '.join(bound) or 'any agent, any project, no revision'}"
    yield f"decides by: {'its WebAssembly module' if manifest.engine == 'wasm' else 'the native engine, without a module'}"
    yield f"certificate: {certificate_text(manifest)}"
    yield f"signed by: {manifest.key_id or 'nobody'}"
    yield f"built by: {visible(manifest.created_by)}"


def certificate_text(manifest: Manifest) -> str:
    """What the engines were asked, and what that covered, as the manifest has it; nothing of it is taken for granted."""
    certificate = manifest.certificate
    if certificate is None:
        return "none: there is no module"
    calls, rules, constraints = (certificate.get(key) for key in ("calls", "rules", "constraints"))
    if type(calls) is not int or not isinstance(rules, dict) or not isinstance(constraints, dict):
        return "one that cannot be read"
    total = constraints.get("total")
    sides = " · ".join(f"{side} {constraints.get(f'seen_{side}')}/{total}" for side in ("true", "false", "unknown"))
    return visible(f"{calls:,} calls · rules reached {rules.get('reached')}/{rules.get('total')} · constraints {sides}")
