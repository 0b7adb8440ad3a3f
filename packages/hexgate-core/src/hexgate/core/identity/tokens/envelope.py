"""The text of a key in, its environment, its project and its biscuit out, and back: `fty_<live|test>_<project>_<biscuit>`.

What the envelope says is for people and for the eye of a scanner; whether it is true is said by the facts of the biscuit.

# INVARIANT: no message and no `repr` holds any part of a text that was read here.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

from hexgate.core.errors import TokenError

__all__ = ["ENVIRONMENTS", "LONGEST_TOKEN", "PROJECT", "Envelope", "is_text", "text_of_bytes"]

LONGEST_TOKEN = 16 * 1024
PREFIX = "fty_"
ENVIRONMENTS = ("live", "test")
PROJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
TEXT = re.compile(r"[A-Za-z0-9_-]+={0,2}")
HELP = "pass the whole key as it was shown, `fty_<live|test>_<project>_<biscuit>`, or the biscuit alone"


@dataclass(frozen=True, slots=True)
class Envelope:
    """A key's parts. A biscuit alone has no environment and no project beside it."""

    env: str | None
    project: str | None
    biscuit: bytes

    def __repr__(self) -> str:
        """The parts that are no secret."""
        return f"Envelope(env={self.env!r}, project={self.project!r})"

    @classmethod
    def parse(cls, text: str) -> Envelope:
        """The parts of a key, or of a biscuit alone."""
        if not is_text(text, LONGEST_TOKEN):
            raise malformed(f"it must be a text of 1 to {LONGEST_TOKEN:,} characters")
        if not text.startswith(PREFIX):
            return cls(None, None, bytes_of_text(text))
        parts = text.split("_", 3)
        if len(parts) != 4:
            raise malformed("its envelope lacks a part")
        _, env, project, biscuit = parts
        if env not in ENVIRONMENTS:
            raise malformed("its environment is neither `live` nor `test`")
        if not PROJECT.fullmatch(project):
            raise malformed("its project is no name")
        return cls(env, project, bytes_of_text(biscuit))

    def format(self) -> str:
        """The text: the same parts make the same text."""
        biscuit = text_of_bytes(self.biscuit)
        return biscuit if self.env is None else f"{PREFIX}{self.env}_{self.project}_{biscuit}"


def is_text(value: object, longest: int) -> bool:
    """A text of at least one character, whatever was passed as one."""
    return isinstance(value, str) and 0 < len(value) <= longest


def bytes_of_text(text: str) -> bytes:
    """What base64url writes, with the right padding or with none. No two texts but for padding write the same bytes."""
    bare = text.rstrip("=")
    if not TEXT.fullmatch(text) or len(bare) % 4 == 1 or (bare != text and len(text) % 4):
        raise malformed("its biscuit is not base64url")
    value = urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
    if text_of_bytes(value) != bare:
        raise malformed("its biscuit is not base64url")
    return value


def text_of_bytes(value: bytes) -> str:
    """Base64url without padding, as everywhere in Hexgate."""
    return urlsafe_b64encode(value).decode().rstrip("=")


def malformed(why: str) -> TokenError:
    """The error of a text that is no token."""
    return TokenError("HX510", f"this is no token: {why}", help=HELP)
