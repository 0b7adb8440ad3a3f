"""Keys in, what a library and a token need of them out. A key is 32 bytes of Ed25519, raw or in base64url without padding.

# INVARIANT: no message and no `repr` holds a key.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from biscuit_auth import KeyPair, PrivateKey, PublicKey

from hexgate.core.errors import TokenError
from hexgate.core.identity.tokens.envelope import text_of_bytes

__all__ = ["Key", "Keys", "PublicKeyAndId", "keys_of", "private_key", "public_key_of", "root_key_id", "thumbprint"]

MOST_KEYS = 16
TEXT = re.compile(r"[A-Za-z0-9_-]{43}")
HELP = "pass 32 bytes, or their base64url without padding, as key files hold them"
Key = str | bytes
Keys = Key | Iterable[Key]


@dataclass(frozen=True, slots=True)
class PublicKeyAndId:
    """A public key with the ids by which tokens name it."""

    id: str
    root_key_id: int
    public: PublicKey


def keys_of(keys: Keys) -> tuple[PublicKeyAndId, ...]:
    """The public keys that were given, one or several."""
    several = (keys,) if isinstance(keys, str | bytes) else keys
    if not isinstance(several, Iterable):
        raise bad_key("a key must be a text or bytes")
    found = tuple(map(public_key, several))
    if not 0 < len(found) <= MOST_KEYS:
        raise bad_key(f"1 to {MOST_KEYS} public keys are needed, not {len(found)}")
    return found


def public_key(key: Key) -> PublicKeyAndId:
    """One public key."""
    raw = raw_key(key)
    id = thumbprint(raw)
    return PublicKeyAndId(id, root_key_id(id), PublicKey(f"ed25519/{raw.hex()}"))


def private_key(key: Key) -> PrivateKey:
    """A private key."""
    return PrivateKey(f"ed25519-private/{raw_key(key).hex()}")


def public_key_of(private: Key) -> str:
    """The public half of a private key, as a text."""
    return text_of_bytes(bytes(KeyPair.from_private_key(private_key(private)).public_key.to_bytes()))


def thumbprint(public: Key) -> str:
    """The id of a public key: the thumbprint of RFC 7638 of the key as a JWK."""
    jwk = f'{{"crv":"Ed25519","kty":"OKP","x":"{text_of_bytes(raw_key(public))}"}}'
    return text_of_bytes(sha256(jwk.encode()).digest())


def root_key_id(id: str) -> int:
    """The number by which a biscuit names its key: the first 32 bits of the thumbprint."""
    return int.from_bytes(urlsafe_b64decode(f"{id}=")[:4])


def raw_key(key: object) -> bytes:
    """The 32 bytes of a key."""
    if isinstance(key, str) and TEXT.fullmatch(key):
        raw = urlsafe_b64decode(f"{key}=")
        if text_of_bytes(raw) == key:
            return raw
    if isinstance(key, bytes) and len(key) == 32:
        return key
    raise bad_key("it is neither 32 bytes nor their base64url")


def bad_key(why: str) -> TokenError:
    """The error of a key that is none."""
    return TokenError("HX519", f"a key for tokens cannot be read: {why}", help=HELP)
