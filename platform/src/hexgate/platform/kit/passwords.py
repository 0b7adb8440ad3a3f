"""A password in, its hash by argon2id out, and whether the two belong together.

# INVARIANT: an address without an account takes as long as one with it; few hashes are computed at once, for each takes 64 MB.
"""

from __future__ import annotations

from anyio import CapacityLimiter, to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from hexgate.platform.kit.problems import Problem

__all__ = ["LONGEST_PASSWORD", "Passwords", "check_strength"]

SHORTEST_PASSWORD, LONGEST_PASSWORD, FEWEST_CHARACTERS = 10, 256, 5
AT_ONCE = 2


class Passwords:
    """Hashes passwords off the event loop."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self.hasher = hasher or PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
        self.nobodys = self.hasher.hash("a password that belongs to nobody")
        self.limiter = CapacityLimiter(AT_ONCE)

    async def hash(self, password: str) -> str:
        """What is kept of a password."""
        return await to_thread.run_sync(self.hasher.hash, password, limiter=self.limiter)

    async def belong_together(self, password: str, kept: str | None) -> bool:
        """Whether this password has this hash; never where there is no account, after the same time."""
        is_right = await to_thread.run_sync(self.verify, password, kept or self.nobodys, limiter=self.limiter)
        return is_right and kept is not None

    def verify(self, password: str, kept: str) -> bool:
        try:
            return self.hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False


def check_strength(password: str, email: str) -> None:
    """Refuses what is guessed first."""
    is_long = SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD
    if not is_long or len(set(password)) < FEWEST_CHARACTERS or password.casefold() == email.casefold():
        raise Problem("HX1105")
