"""A signed directory that holds a policy, its Rego and its module, and says that both engines answer alike."""

from hexgate.core.bundle.files import looks_like_bundle
from hexgate.core.bundle.keyfiles import read_public_key, read_signing_key
from hexgate.core.bundle.keys import PublicKey, SigningKey
from hexgate.core.bundle.manifest import Labels, Manifest
from hexgate.core.bundle.read import Bundle, read_bundle
from hexgate.core.bundle.signing import Standing
from hexgate.core.bundle.source import PolicyText, read_policy_text

__all__ = [
    "Bundle",
    "Labels",
    "Manifest",
    "PolicyText",
    "PublicKey",
    "SigningKey",
    "Standing",
    "looks_like_bundle",
    "read_bundle",
    "read_policy_text",
    "read_public_key",
    "read_signing_key",
]
