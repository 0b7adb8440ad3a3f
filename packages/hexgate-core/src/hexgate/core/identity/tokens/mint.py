"""A private key and what a new key says about itself in, the new key out. The platform does this, and who hosts it themselves."""

from __future__ import annotations

from biscuit_auth import BiscuitBuilder, KeyPair

from hexgate.core.identity.tokens.claims import Claims
from hexgate.core.identity.tokens.keys import Key, private_key, root_key_id, thumbprint
from hexgate.core.identity.tokens.limits import Limits
from hexgate.core.identity.tokens.token import Token

__all__ = ["mint"]


def mint(key: Key, claims: Claims) -> Token:
    """A new key. Its `text` is to be shown once, and kept as a hash."""
    private = private_key(key)
    id = thumbprint(bytes(KeyPair.from_private_key(private).public_key.to_bytes()))
    scopes = sorted(claims.scopes)
    facts = ["project({project})", "token_id({token_id})", "name({name})", "env({env})", "issued_at({issued_at})"]
    builder = BiscuitBuilder(
        "; ".join([*facts, *(f"scope({{scope{place}}})" for place in range(len(scopes)))]),
        {
            **{name: getattr(claims, name) for name in ("project", "token_id", "name", "env", "issued_at")},
            **{f"scope{place}": scope for place, scope in enumerate(scopes)},
        },
    )
    builder.set_root_key_id(root_key_id(id))
    return Token(builder.build(private), claims, id, None, Limits())
