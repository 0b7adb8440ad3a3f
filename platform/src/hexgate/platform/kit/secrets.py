"""Random texts that open something, and the hashes that are kept in their place.

# INVARIANT: what opens something is never stored; who reads the database cannot sign in with what stands there.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest

__all__ = ["Secret", "hash_of", "is_same"]

BYTES = 32
LONGEST = 512


@dataclass(frozen=True, slots=True)
class Secret:
    """A text that is told to one person, and its hash."""

    text: str
    hash: str

    @classmethod
    def new(cls) -> Secret:
        """One that nobody can guess."""
        text = secrets.token_urlsafe(BYTES)
        return cls(text, hash_of(text))

    def __repr__(self) -> str:
        return "Secret(…)"


def hash_of(text: str) -> str:
    """The hash under which a random text is kept. It needs no salt: nobody can try all texts of 32 random bytes."""
    return sha256(text[:LONGEST].encode("utf-8", "surrogatepass")).hexdigest()


def is_same(first: str, second: str) -> bool:
    """Compares without telling by the time how much was right."""
    return compare_digest(first.encode("utf-8", "surrogatepass"), second.encode("utf-8", "surrogatepass"))
