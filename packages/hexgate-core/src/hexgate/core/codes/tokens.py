"""The codes of tokens and of keys for tokens that cannot be used."""

from __future__ import annotations

from hexgate.core.codes.entry import ErrorCode, entry

__all__ = ["TOKENS"]

KEY = """
        from hexgate.core.identity.tokens import Claims, mint, public_key_of

        public = public_key_of(bytes(32))
        key = mint(bytes(32), Claims("shop", "live", "t1", "orders"))
"""

TOKENS: tuple[ErrorCode, ...] = (
    entry(
        "python",
        "HX510",
        "a text that is no token",
        """
        verify_caller("fty_prod_shop_EpABCg", bytes(32))
        """,
        means="The text is too long, its envelope is not of the form `fty_<live|test>_<project>_<biscuit>`, or the "
        "biscuit in it is not base64url.",
        remedy="Pass the whole token as it was issued, without `Bearer` before it.",
    ),
    entry(
        "python",
        "HX511",
        "a token whose bytes are no biscuit",
        """
        verify_caller("fty_live_shop_EpABCg", bytes(32))
        """,
        means="The text was cut, or holds something else than a biscuit, or one of a kind that this release does not know.",
        remedy="Pass the whole token. If it was not cut, ask who issued it for a new one.",
    ),
    entry(
        "python",
        "HX512",
        "a token that no key confirms",
        f"""{KEY}
        verify_caller(key.for_user(User("alice")).text, public_key_of(b"another private key of 32 bytes."))
        """,
        means="The token is signed with another key than the public keys that were given, or somebody changed it.",
        remedy="Pass the public keys of the platform that issued the token; while a key is replaced, the old and the new one.",
    ),
    entry(
        "python",
        "HX513",
        "a token that does not say what a token must say",
        f"""{KEY}
        from biscuit_auth import BiscuitBuilder, PrivateKey

        biscuit = BiscuitBuilder('project("shop")').build(PrivateKey("ed25519-private/" + "00" * 32))
        verify_caller(biscuit.to_base64(), public)
        """,
        means="The signatures hold, but the first block lacks a fact of Hexgate's or has one twice, or block 1 names its "
        "caller in a way that no `User` can be.",
        remedy="Make keys with `mint` and tokens with `token.for_user(user)`.",
    ),
    entry(
        "python",
        "HX514",
        "an envelope that does not fit its token",
        f"""{KEY}
        verify_caller(key.text.replace("fty_live", "fty_test"), public)
        """,
        means="The beginning of the key names another environment or project than the signed facts do.",
        remedy="Pass the key as it was shown.",
    ),
    entry(
        "python",
        "HX515",
        "a token whose time is over",
        f"""{KEY}
        verify_caller(key.narrowed(tools=None, expires_at=946684800).text, public)
        """,
        means="A check of the token says that it ended.",
        remedy="Ask whoever made the token for a new one. If it should still hold, compare the clocks.",
    ),
    entry(
        "python",
        "HX516",
        "a token that names no user",
        f"""{KEY}
        verify_caller(key.text, public)
        """,
        means="This is a key by itself, or its block 1 says nothing about who is calling. What later blocks say about it "
        "has no meaning.",
        remedy="Name the caller with `token.for_user(user)`, and send that token.",
    ),
    entry(
        "python",
        "HX517",
        "a token for something else",
        f"""{KEY}
        verify_caller(key.for_user(User("alice")).text, public, project="bank")
        """,
        means="The service demands a project, an environment or a scope that the token does not have.",
        remedy="Present a token that was made for it.",
    ),
    entry(
        "python",
        "HX518",
        "a block that Hexgate does not keep",
        f"""{KEY}
        from biscuit_auth import BlockBuilder

        verify_caller(key.biscuit.append(BlockBuilder('check if resource("invoices")')).to_base64(), public)
        """,
        means="A block holds rules, scopes, a third party's signature, or a check that is neither about time nor about "
        "tools; or there are more than 32 blocks. To look away could mean to allow what a block forbids, so the token is "
        "refused.",
        remedy="Narrow tokens with `user.narrowed(…)`.",
    ),
    entry(
        "python",
        "HX519",
        "a key that is none",
        """
        verify_caller("fty_live_shop_EpABCg", "a key")
        """,
        means="Keys are 32 bytes of Ed25519, raw or in base64url without padding, and 1 to 16 public ones are taken at once.",
        remedy="Pass the content of the key file.",
    ),
    entry(
        "python",
        "HX520",
        "a key that cannot say this about itself",
        """
        from hexgate.core.identity.tokens import Claims

        Claims("my shop", "live", "t1", "orders")
        """,
        means="A project has letters, digits and dashes, an environment is `live` or `test`, a date has a time zone, and "
        "the rest are texts of 1 to 256 characters.",
        remedy="Change what the message names.",
    ),
    entry(
        "python",
        "HX521",
        "a user that cannot be narrowed so",
        """
        User("alice").narrowed(tools=["*"])
        """,
        means="The list of tools is empty or too long, or an entry is neither a name nor the beginning of one with a `*` at "
        "its end.",
        remedy="List the tools that are needed. To narrow the time alone, leave `tools` out.",
    ),
    entry(
        "python",
        "HX522",
        "a caller that a token cannot name",
        f"""{KEY}
        key.for_user(User(None, "billing"))
        """,
        means="A token names a user by an id, and it names one user only, in its block 1.",
        remedy="Pass a `User` with a `user_id`, and start from the key itself.",
    ),
    entry(
        "python",
        "HX523",
        "a token that would grow too large",
        f"""{KEY}
        key.for_user(User("alice", attributes={{"notes": "x" * 20_000}}))
        """,
        means="A token has at most 32 blocks and 16,384 characters, so that it fits into a header.",
        remedy="Send fewer attributes or tools, and look the rest up by the user's id.",
    ),
)
