"""The bytes of a biscuit in, its blocks and the id of its key out, before any signature is looked at.

# INVARIANT: what is handed to the library that checks signatures has at most so many blocks, so a check has an upper bound.
# INVARIANT: a token has one spelling: no byte of it, signed or not, can be changed without a refusal.
"""

from __future__ import annotations

from dataclasses import dataclass

from hexgate.core.errors import TokenError
from hexgate.core.identity.tokens.wire import Kind, message, unreadable

__all__ = ["MOST_BLOCKS", "Frame", "framed"]

MOST_BLOCKS = 32
ROOT_KEY_ID, AUTHORITY, BLOCKS, PROOF = 1, 2, 3, 4
BISCUIT: dict[int, Kind] = {ROOT_KEY_ID: "number", AUTHORITY: "one", BLOCKS: "many", PROOF: "one"}
BLOCK, NEXT_KEY, SIGNATURE, EXTERNAL, VERSION = 1, 2, 3, 4, 5
SIGNED: dict[int, Kind] = {BLOCK: "one", NEXT_KEY: "one", SIGNATURE: "one", EXTERNAL: "one", VERSION: "number"}
ALGORITHM, KEY = 1, 2
NEXT: dict[int, Kind] = {ALGORITHM: "number", KEY: "one"}
SECRET, SEAL = 1, 2
PROOFS: dict[int, Kind] = {SECRET: "one", SEAL: "one"}


@dataclass(frozen=True, slots=True)
class Frame:
    """The payloads of the blocks in their order, and which key is said to have signed the first of them."""

    root_key_id: int | None
    blocks: tuple[bytes, ...]


def framed(biscuit: bytes) -> Frame:
    """The blocks of a biscuit."""
    read = message(biscuit, BISCUIT)
    signed = [read.one(AUTHORITY), *read.many(BLOCKS)]
    if len(message(read.one(PROOF), PROOFS).parts) != 1:
        raise unreadable()
    if len(signed) > MOST_BLOCKS:
        raise TokenError(
            "HX518",
            f"the token has {len(signed):,} blocks, and may have {MOST_BLOCKS}",
            help="hand on a token that fewer have narrowed before",
        )
    return Frame(read.numbers.get(ROOT_KEY_ID), tuple(map(payload, signed)))


def payload(signed: bytes) -> bytes:
    """The block in its signature."""
    read = message(signed, SIGNED)
    if EXTERNAL in read.parts:
        raise TokenError(
            "HX518",
            "a block of the token is signed by a third party, whose word Hexgate does not take",
            help="hand on the token without that block",
        )
    following = message(read.one(NEXT_KEY), NEXT)
    if ALGORITHM not in following.numbers or KEY not in following.parts or SIGNATURE not in read.parts:
        raise unreadable()
    return read.one(BLOCK)
