"""The text of a policy in, what is stored and served of it out: checked, compiled, tried on both engines and signed.

# INVARIANT: nothing is signed that was not certified, and nothing is built on the event loop.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from anyio import CapacityLimiter, to_thread

from hexgate.core.bundle import Labels, PolicyText, SigningKey
from hexgate.core.bundle.build import build_bundle
from hexgate.core.bundle.certify import certify
from hexgate.core.bundle.making import made_of
from hexgate.core.errors import CertificateError, PolicyError
from hexgate.core.policy.lint import Finding, lint
from hexgate.platform.kit.problems import Problem

__all__ = ["LARGEST_POLICY", "Builder", "Built", "Checked"]

STEM = "policy"
LARGEST_POLICY = 1024 * 1024
AT_ONCE = 1


@dataclass(frozen=True, slots=True)
class Built:
    """A signed bundle, as it is stored: its parts as JSON, and what names it."""

    parts: bytes
    digest: str
    key_id: str
    meaning: str
    certificate: Mapping[str, Any]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """What there is to say about a text that nobody has saved."""

    mistakes: list[dict[str, Any]]
    findings: list[dict[str, Any]]
    certificate: Mapping[str, Any] | None = None
    meaning: str | None = None


class Builder:
    """Builds in threads, one bundle at a time: that is work for a whole core."""

    def __init__(self) -> None:
        self.limiter = CapacityLimiter(AT_ONCE)

    async def build(self, text: str, labels: Labels, key: SigningKey, manifest: Mapping[str, Any] | None) -> Built:
        """The bundle of a policy; raises a `Problem` with every mistake of a text that is none."""
        return await to_thread.run_sync(built, text, labels, key, manifest, limiter=self.limiter)

    async def check(self, text: str, manifest: Mapping[str, Any] | None) -> Checked:
        """What there is to say about a text."""
        return await to_thread.run_sync(checked, text, manifest, limiter=self.limiter)


def built(text: str, labels: Labels, key: SigningKey, manifest: Mapping[str, Any] | None) -> Built:
    try:
        source = PolicyText.from_bytes(text.encode(), STEM)
        made = build_bundle(source, labels=labels, key=key)
    except PolicyError as error:
        raise Problem("HX1501", error.message, mistakes=[mistake.as_dict() for mistake in error.mistakes]) from None
    except CertificateError as error:
        raise Problem("HX1503", "\n".join([error.message, *error.details])) from None
    parts = {name: base64.b64encode(data).decode() for name, data in sorted(made.files.items())}
    return Built(
        orjson.dumps(parts),
        made.manifest.digest,
        key.public.key_id,
        source.program.digest,
        made.manifest.certificate or {},
        tuple(lint(source.policy, manifest)),
    )


def checked(text: str, manifest: Mapping[str, Any] | None) -> Checked:
    try:
        source = PolicyText.from_bytes(text.encode(), STEM)
    except PolicyError as error:
        return Checked([mistake.as_dict() for mistake in error.mistakes], [])
    findings = [finding.as_dict() for finding in lint(source.policy, manifest)]
    try:
        certificate = certify(source.program, made_of(source.program, with_module=True)[".wasm"])
    except CertificateError as error:
        return Checked([{"code": error.code, "message": error.message, "help": error.help}], findings)
    return Checked([], findings, certificate.as_dict(), source.program.digest)
