"""Every row of the rules for signatures."""

from __future__ import annotations

import pytest

from hexgate.core.bundle import SigningKey, Standing
from hexgate.core.bundle.signing import WARNINGS, standing_of
from hexgate.core.errors import BundleError

OURS, THEIRS, OLD = SigningKey(b"\1" * 32), SigningKey(b"\2" * 32), SigningKey(b"\3" * 32)
MANIFEST, OTHER = b"a manifest", b"another manifest"
GOOD, BAD, SHORT = OURS.sign(MANIFEST), OURS.sign(OTHER), OURS.sign(MANIFEST)[:63]
ID, THEIR_ID = OURS.public.key_id, THEIRS.public.key_id
TRUSTED = {"no": (), "ours": (OURS,), "theirs": (THEIRS,), "several": (OLD, OURS, THEIRS)}

# What the manifest says of its key, the signature, the keys that are trusted, whether one is required; and what comes of it.
ROWS = [
    (ID, GOOD, "ours", False, "verified"),
    (ID, GOOD, "ours", True, "verified"),
    (ID, GOOD, "several", False, "verified"),
    (ID, GOOD, "several", True, "verified"),
    (ID, GOOD, "no", False, "unverified"),
    (ID, GOOD, "no", True, "HX713"),
    (ID, GOOD, "theirs", False, "HX706"),
    (ID, GOOD, "theirs", True, "HX706"),
    (ID, BAD, "ours", False, "HX706"),
    (ID, BAD, "ours", True, "HX706"),
    (ID, BAD, "several", False, "HX706"),
    (ID, BAD, "no", False, "unverified"),
    (ID, BAD, "no", True, "HX713"),
    (ID, SHORT, "ours", False, "HX706"),
    (ID, SHORT, "no", False, "HX706"),
    (ID, b"", "no", False, "HX706"),
    (ID, None, "ours", False, "HX706"),
    (ID, None, "ours", True, "HX706"),
    (ID, None, "no", False, "HX706"),
    (ID, None, "no", True, "HX706"),
    (THEIR_ID, GOOD, "several", False, "HX706"),
    (THEIR_ID, GOOD, "ours", False, "HX706"),
    (None, GOOD, "ours", False, "HX706"),
    (None, GOOD, "ours", True, "HX706"),
    (None, GOOD, "no", False, "HX706"),
    (None, None, "no", False, "unsigned"),
    (None, None, "no", True, "HX713"),
    (None, None, "ours", False, "unsigned"),
    (None, None, "ours", True, "HX713"),
    (None, None, "several", True, "HX713"),
]


@pytest.mark.parametrize(("key_id", "signature", "trusted", "required", "outcome"), ROWS)
def test_a_row_of_the_rules(
    key_id: str | None, signature: bytes | None, trusted: str, required: bool, outcome: str
) -> None:
    keys = [key.public for key in TRUSTED[trusted]]
    try:
        got = str(standing_of(MANIFEST, signature, key_id=key_id, trusted=keys, required=required))
    except BundleError as error:
        got = error.code
    assert got == outcome


def test_nothing_but_a_verified_signature_is_free_of_a_warning() -> None:
    assert {Standing.VERIFIED, *WARNINGS} == set(Standing)
    assert Standing.VERIFIED not in WARNINGS


def test_whoever_is_refused_is_told_why() -> None:
    def why(key_id: str | None, signature: bytes | None, *keys: SigningKey) -> str:
        with pytest.raises(BundleError) as caught:
            standing_of(MANIFEST, signature, key_id=key_id, trusted=[key.public for key in keys], required=True)
        return caught.value.message

    assert why(ID, None) == f"the signature by the key `{ID}` was taken away"
    assert why(None, GOOD) == "a signature was added to an unsigned bundle"
    assert why(ID, SHORT) == "the signature has 63 bytes, not 64"
    assert why(ID, GOOD, THEIRS) == f"the bundle is signed by the key `{ID}`, which is not trusted"
    assert why(ID, BAD, OURS) == f"the signature is not by the key `{ID}`, or of another manifest"
    assert why(None, None).endswith("is required: the bundle is not signed")
    assert why(ID, GOOD).endswith("is required: the bundle is signed, but no key is trusted")
