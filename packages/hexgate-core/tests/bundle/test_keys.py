"""Keys as text: one spelling each, ids that everybody computes alike, and no key that verifies what nobody signed."""

from __future__ import annotations

from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexgate.core.bundle import PublicKey, SigningKey
from hexgate.core.errors import HexgateError, KeyFileError

# RFC 8037, appendix A: a private key, its public one, and the thumbprint of that.
PRIVATE = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
PUBLIC = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
THUMBPRINT = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"

PRIME = 2**255 - 19
D = -121665 * pow(121666, -1, PRIME) % PRIME


def encoded(y: int) -> str:
    """The text of the point whose y this is."""
    return urlsafe_b64encode(y.to_bytes(32, "little")).rstrip(b"=").decode()


def points_of_small_order() -> list[int]:
    """The y of every point whose order divides eight, worked out from the curve: doubled, such a y is one of smaller order."""
    root = pow(2, (PRIME - 1) // 4, PRIME)
    found = [0, 1, PRIME - 1]
    # Doubled, the points of order eight have y = 0: then d·y⁴ + 2·y² − 1 = 0.
    square_root = pow(1 + D, (PRIME + 3) // 8, PRIME)
    square_root = square_root if (square_root**2 - 1 - D) % PRIME == 0 else square_root * root % PRIME
    for sign in (1, -1):
        square = (sign * square_root - 1) * pow(D, -1, PRIME) % PRIME
        y = pow(square, (PRIME + 3) // 8, PRIME)
        y = y if (y * y - square) % PRIME == 0 else y * root % PRIME
        if (y * y - square) % PRIME == 0:
            found += [y, PRIME - y]
    return found


def test_the_id_of_a_key_is_the_thumbprint_that_the_standard_gives_it() -> None:
    key = SigningKey.from_text(PRIVATE)
    assert (key.public.text, key.public.key_id) == (PUBLIC, THUMBPRINT)
    assert (key.text, PublicKey.from_text(PUBLIC)) == (PRIVATE, key.public)


def test_what_a_key_signs_its_public_half_verifies_and_no_other() -> None:
    key, other = SigningKey.new(), SigningKey.new()
    signature = key.sign(b"a manifest")
    assert key.public.verifies(signature, b"a manifest")
    assert key.sign(b"a manifest") == signature
    assert not key.public.verifies(signature, b"a manifesT")
    assert not key.public.verifies(signature[:-1], b"a manifest")
    assert not other.public.verifies(signature, b"a manifest")


@given(st.integers(0, 511))
def test_a_signature_with_any_bit_changed_is_none(bit: int) -> None:
    key = SigningKey.from_text(PRIVATE)
    signature = bytearray(key.sign(b"a manifest"))
    signature[bit // 8] ^= 1 << bit % 8
    assert not key.public.verifies(bytes(signature), b"a manifest")


def test_no_two_new_keys_are_alike_and_none_shows_itself() -> None:
    key = SigningKey.new()
    assert key != SigningKey.new()
    assert key.text not in repr(key)
    assert str(key.raw) not in repr(key)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it has 0 characters"),
        (PUBLIC[:-1], "it has 42 characters"),
        (f"{PUBLIC}A", "it has 44 characters"),
        (f"{PUBLIC}=", "a character that base64url does not have"),
        (PUBLIC.replace("_", "/"), "a character that base64url does not have"),
        (f" {PUBLIC}", "a character that base64url does not have"),
        (f"{PUBLIC}\n\n", "a character that base64url does not have"),
        (f"{PUBLIC[:20]}\n{PUBLIC[20:]}", "a character that base64url does not have"),
        (f"{PUBLIC}\x00", "a character that base64url does not have"),
        (PUBLIC.replace("1", "\u0661"), "a character that base64url does not have"),
        (f"{PUBLIC[:-1]}p", "its last character is none that 32 bytes end with"),
    ],
)
@pytest.mark.parametrize("kind", [PublicKey, SigningKey])
def test_a_malformed_key_is_refused_and_not_shown(kind: type[PublicKey | SigningKey], text: str, why: str) -> None:
    with pytest.raises(
        KeyFileError, match=f"`some.key` holds no key: {why}|`some.key` holds no key: it holds {why}"
    ) as caught:
        kind.from_text(text, "some.key")
    assert caught.value.code == "HX710"
    assert not text or text not in str(caught.value)


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_one_line_end_is_no_part_of_a_key(end: str) -> None:
    assert PublicKey.from_text(f"{PUBLIC}{end}").text == PUBLIC


def test_there_are_eight_points_that_verify_what_nobody_signed() -> None:
    assert len(points_of_small_order()) == 5


@pytest.mark.parametrize("sign", [0, 1 << 255])
@pytest.mark.parametrize("place", range(5))
def test_a_public_key_that_verifies_what_nobody_signed_is_refused(place: int, sign: int) -> None:
    with pytest.raises(KeyFileError, match="holds no point of the curve"):
        PublicKey.from_text(encoded(points_of_small_order()[place] | sign))


@pytest.mark.parametrize("y", [PRIME, PRIME + 1, 2**255 - 1, 2])
def test_what_is_no_point_of_the_curve_is_no_public_key(y: int) -> None:
    with pytest.raises(HexgateError, match="holds no point of the curve"):
        PublicKey.from_text(encoded(y))


@given(st.binary(min_size=32, max_size=32))
def test_every_public_key_that_is_made_is_one_that_is_read(seed: bytes) -> None:
    public = SigningKey(seed).public
    assert PublicKey.from_text(public.text) == public
