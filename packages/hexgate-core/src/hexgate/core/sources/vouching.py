"""The terms for a policy that carries no signature in, whose key vouches for it out, or why it is refused.

A YAML file and a directory of role files carry no signature. Where the environment names a private key, this process compiles them
under that key: they count as signed by it, if the key is trusted.
"""

from __future__ import annotations

from hexgate.core.errors import Mistake, PolicyError
from hexgate.core.sources.parts import part
from hexgate.core.sources.settings import PUBLIC_KEY_PATH, REQUIRE_SIGNATURE, SIGN_KEY_PATH
from hexgate.core.sources.terms import Terms
from hexgate.core.text.render import visible

__all__ = ["vouched"]

HELP = f"build a bundle with a key and name that, or name the private key with `{SIGN_KEY_PATH}`"


def vouched(path: str, terms: Terms) -> tuple[str | None, tuple[Mistake, ...]]:
    """The id of the key that vouches for what stands at a path, None where nobody has to, and what is to be said about that."""
    settings, name = terms.settings, visible(path)
    if settings.sign_key is not None:
        return trusted(part("read_signing_key")(settings.sign_key).public.key_id, name, settings.public_keys), ()
    if terms.signature_is_required:
        why = f"`{REQUIRE_SIGNATURE}` is on" if settings.require_signature else "what decides now is signed"
        raise PolicyError([Mistake("HX722", f"`{name}` carries no signature, and {why}", HELP)])
    if not settings.public_keys:
        return None, ()
    message = f"`{name}` carries no signature, so the keys of `{PUBLIC_KEY_PATH}` say nothing about it"
    return None, (Mistake("HX722", message, HELP),)


def trusted(key_id: str, name: str, public_keys: tuple[str, ...]) -> str:
    """The id of a key, where no keys are named or it is one of these."""
    if public_keys and key_id not in {part("read_public_key")(key).key_id for key in public_keys}:
        message = f"`{name}` would be signed by the key `{key_id}`, which is not among those of `{PUBLIC_KEY_PATH}`"
        raise PolicyError([Mistake("HX722", message, f"name its public key there as well, or unset `{SIGN_KEY_PATH}`")])
    return key_id
