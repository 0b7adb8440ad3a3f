"""Keys, tokens of every kind, and a forge that signs whatever bytes it is given, as whoever holds a key can."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hexgate.core import TokenError, User
from hexgate.core.identity.tokens import Claims, Token, mint, public_key_of

PRIVATE = bytes(range(32))
ISSUED = datetime(2026, 11, 1, 12, 30, 45, tzinfo=UTC)
Forge = Callable[..., str]
Refused = Callable[[Callable[[], object]], TokenError]


@pytest.fixture(scope="session")
def private() -> bytes:
    return PRIVATE


@pytest.fixture(scope="session")
def public() -> str:
    return public_key_of(PRIVATE)


@pytest.fixture(scope="session")
def key() -> Token:
    """A key of a project, as the platform makes it."""
    return mint(PRIVATE, Claims("support-bot", "live", "tok_1", "CI", frozenset({"decide", "audit"}), ISSUED))


@pytest.fixture(scope="session")
def alice(key: Token) -> Token:
    """The key with a block 1."""
    return key.for_user(User("alice", "billing"))


@pytest.fixture(scope="session")
def forge() -> Forge:
    """The text of a biscuit with these blocks, properly signed by the key of these tests, whatever is in them."""

    def forged(*payloads: bytes, private: bytes = PRIVATE, root_key_id: int | None = None) -> str:
        signer = Ed25519PrivateKey.from_private_bytes(private)
        blocks = b""
        for place, payload in enumerate(payloads):
            following = Ed25519PrivateKey.from_private_bytes((place + 1).to_bytes(32))
            following_key = following.public_key().public_bytes_raw()
            signature = signer.sign(payload + bytes(4) + following_key)
            signed = part(1, payload) + part(2, b"\x08\0" + part(2, following_key)) + part(3, signature)
            blocks += part(3 if place else 2, signed)
            signer = following
        id = b"" if root_key_id is None else b"\x08" + varint(root_key_id)
        biscuit = id + blocks + part(4, part(1, signer.private_bytes_raw()))
        return urlsafe_b64encode(biscuit).decode().rstrip("=")

    return forged


@pytest.fixture(scope="session")
def pieces() -> Pieces:
    return Pieces()


class Pieces:
    """The bytes of what stands in a block."""

    def part(self, field: int, data: bytes) -> bytes:
        """A field with bytes in it."""
        return part(field, data)

    def number(self, field: int, value: int) -> bytes:
        """A field with a number in it."""
        return varint(field << 3) + varint(value)

    def fact(self, name: int, *terms: bytes) -> bytes:
        """A fact, as a field of a block."""
        return part(4, part(1, self.number(1, name) + b"".join(part(2, term) for term in terms)))

    def symbols(self, *names: str) -> bytes:
        """Symbols that a block brings along, the first of which has the number 1,024 in the first block."""
        return b"".join(part(1, name.encode()) for name in names)

    def authority(self) -> bytes:
        """The payload of a first block that says all that it must. It brings the symbols from 1,024 to 1,032 along."""
        names = ("project", "shop", "token_id", "t1", "name", "n", "env", "live", "issued_at")
        facts = [self.fact(1024 + 2 * place, self.number(3, 1025 + 2 * place)) for place in range(4)]
        return self.symbols(*names) + b"\x18\x03" + b"".join(facts) + self.fact(1032, self.number(4, 1_700_000_000))

    def caller(self) -> bytes:
        """The payload of a block 1 that names `alice`, after `authority`."""
        return self.symbols("alice") + b"\x18\x03" + self.fact(10, self.number(3, 1033))


def part(field: int, data: bytes) -> bytes:
    return varint(field << 3 | 2) + varint(len(data)) + data


def varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


@pytest.fixture(scope="session")
def refused() -> Refused:
    """The error with which something refuses a token; nothing else may come out."""

    def error_of(run: Callable[[], object]) -> TokenError:
        with pytest.raises(TokenError) as caught:
            run()
        assert caught.value.help
        return caught.value

    return error_of
