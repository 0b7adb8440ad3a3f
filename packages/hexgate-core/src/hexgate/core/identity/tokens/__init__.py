"""Tokens that carry a user to another process: a biscuit, signed by the platform's key, narrowed by everyone who hands it on.

    envelope     the text of a key ↔ its parts
    wire         bytes → fields of a message
    frame        a biscuit → its blocks, before any signature is looked at
    block        one block → its facts and its checks
    claims       the facts of the first block: what the platform said about the key
    caller       the facts of block 1: who is calling
    limits       checks → a moment and a list of tools, and back
    keys         texts → keys and their ids
    token        the verified token; blocks are added here
    mint         a new key
    verify       a text and public keys → a verified token, or its user

# INVARIANT: no program of a token is ever run. What is not understood, and could restrict, refuses the token.
"""

from hexgate.core.identity.tokens.claims import Claims
from hexgate.core.identity.tokens.envelope import Envelope
from hexgate.core.identity.tokens.keys import public_key_of, thumbprint
from hexgate.core.identity.tokens.mint import mint
from hexgate.core.identity.tokens.token import Token
from hexgate.core.identity.tokens.verify import verify, verify_caller

__all__ = ["Claims", "Envelope", "Token", "mint", "public_key_of", "thumbprint", "verify", "verify_caller"]
