"""The text of a key in, an Ed25519 key with its id out: 32 bytes as base64url without padding, one line a file.

# INVARIANT: no message and no `repr` shows a private key, and no message says more of a key than its length.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from hexgate.core.errors import KeyFileError

__all__ = ["SIGNATURE_BYTES", "PublicKey", "SigningKey"]

SIGNATURE_BYTES = 64
CHARACTERS = 43
ALPHABET = re.compile(r"[A-Za-z0-9_-]*")
HELP = "a key is 43 characters, 32 bytes as base64url without padding; `hexgate policy keygen` makes a pair"

PRIME = 2**255 - 19
# The curve is -x² + y² = 1 + d·x²·y².
D = -121665 * pow(121666, -1, PRIME) % PRIME
EIGHTH = 0x5FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
# The y of the eight points whose order divides eight.
# INVARIANT: none of them is a key, because anybody can make signatures that such a key verifies: a key of zeros is one of them.
SMALL = frozenset((0, 1, PRIME - 1, EIGHTH, PRIME - EIGHTH))


@dataclass(frozen=True, slots=True)
class PublicKey:
    """Verifies signatures."""

    raw: bytes

    @classmethod
    def from_text(cls, text: str, name: str = "<key>") -> Self:
        """The key of a text. `name` is what messages call it."""
        raw = decoded(text, name)
        if not is_usable_point(raw):
            help = "this is no public key, though as long as one: was it cut, or is it a private one?"
            raise KeyFileError("HX710", f"`{name}` holds no point of the curve that keys are made of", help=help)
        return cls(raw)

    @property
    def text(self) -> str:
        """The key as base64url without padding."""
        return encoded(self.raw)

    @property
    def key_id(self) -> str:
        """The thumbprint of RFC 7638, of the key as a JWK: the same key has the same id everywhere."""
        jwk = {"crv": "Ed25519", "kty": "OKP", "x": self.text}
        return encoded(sha256(json.dumps(jwk, separators=(",", ":"), sort_keys=True).encode()).digest())

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Whether the owner of this key has signed the message."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class SigningKey:
    """Signs. The same message gets the same signature every time."""

    raw: bytes = field(repr=False)

    @classmethod
    def from_text(cls, text: str, name: str = "<key>") -> Self:
        """The key of a text. `name` is what messages call it."""
        return cls(decoded(text, name))

    @classmethod
    def new(cls) -> Self:
        """A key that nobody has."""
        return cls(Ed25519PrivateKey.generate().private_bytes_raw())

    @property
    def text(self) -> str:
        """The key as base64url without padding."""
        return encoded(self.raw)

    @property
    def public(self) -> PublicKey:
        """The key that verifies what this one signs."""
        return PublicKey(Ed25519PrivateKey.from_private_bytes(self.raw).public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """The signature, 64 bytes."""
        return Ed25519PrivateKey.from_private_bytes(self.raw).sign(message)


def encoded(raw: bytes) -> str:
    """Bytes as base64url without padding."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(text: str, name: str) -> bytes:
    """The 32 bytes of a text. One line end after them is no part of the text, everything else is."""
    text = text.removesuffix("\n").removesuffix("\r")
    if ALPHABET.fullmatch(text) is None:
        raise malformed(name, "it holds a character that base64url does not have")
    if len(text) != CHARACTERS:
        raise malformed(name, f"it has {len(text)} characters")
    raw = urlsafe_b64decode(f"{text}=")
    if encoded(raw) != text:
        # Two of its bits say nothing, and a key has one spelling.
        raise malformed(name, "its last character is none that 32 bytes end with")
    return raw


def malformed(name: str, why: str) -> KeyFileError:
    """The mistake of a text that is no key."""
    return KeyFileError("HX710", f"`{name}` holds no key: {why}", help=HELP)


def is_usable_point(raw: bytes) -> bool:
    """Whether these bytes are a point of the curve, in its only spelling, and none of the few that verify what nobody signed."""
    y = int.from_bytes(raw, "little") & (2**255 - 1)
    if y >= PRIME or y in SMALL:
        return False
    square = (y * y - 1) * pow(D * y * y + 1, -1, PRIME) % PRIME
    return pow(square, (PRIME - 1) // 2, PRIME) == 1
