"""What vouches for a user: the token that the user was read from, as those see it who need not know how tokens are made."""

from __future__ import annotations

from typing import Protocol

from hexgate.core.identity.tools import Tools

__all__ = ["Credential"]


class Credential(Protocol):
    """A token that was verified. Its text is a secret; nothing but `text` shows it."""

    @property
    def project(self) -> str:
        """The project that the token belongs to."""
        ...

    @property
    def env(self) -> str:
        """`live` or `test`."""
        ...

    @property
    def token_id(self) -> str:
        """The id of the key that the token was made of."""
        ...

    @property
    def scopes(self) -> frozenset[str]:
        """What the key is for."""
        ...

    @property
    def text(self) -> str:
        """The token itself, for whoever has to present it."""
        ...

    def narrowed(self, *, tools: Tools | None, expires_at: float | None) -> Credential:
        """The token with one block more, which restricts it."""
        ...
