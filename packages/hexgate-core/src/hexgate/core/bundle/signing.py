"""A manifest, its signature and the keys that are trusted in, how far the bundle can be trusted out, or why not at all.

| the bundle is           | no key is trusted            | keys are trusted                         |
|-------------------------|------------------------------|------------------------------------------|
| signed                  | unverified: loads, warns     | verified by one of them, or refused      |
| unsigned                | unsigned: loads, warns       | unsigned: loads, warns                   |
| half of a signed one    | refused                      | refused                                  |

What only warns is refused where a signature is required.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from hexgate.core.bundle.keys import SIGNATURE_BYTES, PublicKey
from hexgate.core.errors import BundleError, Mistake

__all__ = ["WARNINGS", "Standing", "standing_of"]


class Standing(StrEnum):
    """How far a bundle can be trusted."""

    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    UNSIGNED = "unsigned"


SIGN = "sign it with `hexgate policy build --sign-key`, and name the public key where it is read"
WARNINGS = {
    Standing.UNVERIFIED: Mistake(
        "HX713",
        "the bundle is signed, but no key is trusted, so nobody knows by whom",
        "name the public key of whoever signed it",
    ),
    Standing.UNSIGNED: Mistake("HX713", "the bundle is not signed, so nobody knows who made it", SIGN),
}
TAMPERED = "somebody changed the bundle, or copied only a part of it: take it from where it was built"


def standing_of(
    manifest: bytes, signature: bytes | None, *, key_id: str | None, trusted: Iterable[PublicKey], required: bool
) -> Standing:
    """How far a bundle can be trusted. `key_id` is what its manifest says of the key that signed it."""
    keys = {key.key_id: key for key in trusted}
    if key_id is None and signature is None:
        return unless(required, Standing.UNSIGNED, "the bundle is not signed")
    if signature is None:
        raise BundleError("HX706", f"the signature by the key `{key_id}` was taken away", help=TAMPERED)
    if key_id is None:
        raise BundleError("HX706", "a signature was added to an unsigned bundle", help=TAMPERED)
    if len(signature) != SIGNATURE_BYTES:
        raise BundleError("HX706", f"the signature has {len(signature)} bytes, not {SIGNATURE_BYTES}", help=TAMPERED)
    if not keys:
        return unless(required, Standing.UNVERIFIED, "the bundle is signed, but no key is trusted")
    if key_id not in keys:
        help = "name the public key of whoever built it as well, if they are to be trusted"
        raise BundleError("HX706", f"the bundle is signed by the key `{key_id}`, which is not trusted", help=help)
    if not keys[key_id].verifies(signature, manifest):
        raise BundleError("HX706", f"the signature is not by the key `{key_id}`, or of another manifest", help=TAMPERED)
    return Standing.VERIFIED


def unless(required: bool, standing: Standing, why: str) -> Standing:
    """The standing, where no signature is required."""
    if required:
        raise BundleError("HX713", f"a signature that can be verified is required: {why}", help=SIGN)
    return standing
