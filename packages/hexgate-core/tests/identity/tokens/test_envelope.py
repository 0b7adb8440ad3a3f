"""The text of a key is read strictly, written back the same, and shown to nobody."""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hexgate.core import TokenError, verify_caller
from hexgate.core.identity.tokens import Envelope, Token, verify

ENVELOPES = st.builds(
    Envelope,
    st.sampled_from(["live", "test"]),
    st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9-]{0,63}\Z"),
    st.binary(min_size=1, max_size=200),
)


@given(ENVELOPES)
def test_what_is_written_is_read_back(envelope: Envelope) -> None:
    text = envelope.format()

    assert Envelope.parse(text) == envelope
    assert re.fullmatch(r"fty_(live|test)_[A-Za-z0-9-]+_[A-Za-z0-9_-]+", text)


@given(st.binary(min_size=1, max_size=200))
def test_a_biscuit_alone_is_read_with_and_without_padding(biscuit: bytes) -> None:
    padded = urlsafe_b64encode(biscuit).decode()

    for text in (padded, padded.rstrip("=")):
        envelope = Envelope.parse(text)
        assert (envelope.env, envelope.project, envelope.biscuit) == (None, None, biscuit)
        assert envelope.format() == padded.rstrip("=")


def test_a_biscuit_may_hold_the_sign_between_the_parts() -> None:
    envelope = Envelope("live", "shop", b"\xff\xff\xff\xfc\0\x0f")

    assert "_" in envelope.format().split("_", 3)[3]
    assert Envelope.parse(envelope.format()) == envelope


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "must be a text of 1 to 16,384 characters"),
        ("A" * 16385, "must be a text of 1 to 16,384 characters"),
        (None, "must be a text"),
        (b"fty_live_shop_AAAA", "must be a text"),
        (7, "must be a text"),
        ("fty_", "lacks a part"),
        ("fty_live_AAAA", "lacks a part"),
        ("fty_prod_shop_AAAA", "neither `live` nor `test`"),
        ("fty_LIVE_shop_AAAA", "neither `live` nor `test`"),
        ("fty_live__AAAA", "project is no name"),
        ("fty_live_-shop_AAAA", "project is no name"),
        ("fty_live_sh op_AAAA", "project is no name"),
        ("fty_live_shöp_AAAA", "project is no name"),
        (f"fty_live_{'a' * 65}_AAAA", "project is no name"),
        ("fty_live_shop_", "not base64url"),
        ("fty_live_shop_AAAA\n", "not base64url"),
        (" fty_live_shop_AAAA", "not base64url"),
        ("Bearer fty_live_shop_AAAA", "not base64url"),
        ("fty_live_shop_AA+/", "not base64url"),
        ("fty_live_shop_AAA=A", "not base64url"),
        ("fty_live_shop_AAAA=", "not base64url"),
        ("fty_live_shop_AAA==", "not base64url"),
        ("fty_live_shop_AAAAA", "not base64url"),
        ("fty_live_shop_AB", "not base64url"),
        ("fty_live_shop_AAAA\0", "not base64url"),
        ("fty_live_shop_ＡＡＡＡ", "not base64url"),
        ("fty_live_shop_\ud800", "not base64url"),
        ("====", "not base64url"),
        ("FTY_live_shop_A===", "not base64url"),
    ],
)
def test_what_is_no_token_is_told_in_words_without_it(text: Any, why: str) -> None:
    with pytest.raises(TokenError) as caught:
        Envelope.parse(text)

    assert caught.value.code == "HX510"
    assert why in caught.value.message
    assert "AAAA" not in str(caught.value)


@given(st.text(max_size=60) | st.from_regex(r"\Afty_(live|test)_[a-z]{1,5}_[A-Za-z0-9_=-]{0,60}\Z"))
@example("fty_live_a_CgA")
def test_no_text_raises_anything_else(text: str) -> None:
    with pytest.raises(TokenError) as caught:
        verify_caller(text, bytes(32))

    assert caught.value.code in {"HX510", "HX511", "HX512", "HX518"}


def test_neither_a_repr_nor_an_error_shows_a_secret(alice: Token, public: str) -> None:
    secret = alice.text.split("_", 3)[3]
    user = verify_caller(alice.text, public)
    envelope = Envelope.parse(alice.text)
    shown = [repr(envelope), str(envelope), repr(alice), str(alice), f"{alice}", repr(user.token), repr(user)]
    for broken in (alice.text[:-1], alice.text + "A", alice.text.replace("live", "test", 1), secret[4:]):
        with pytest.raises(TokenError) as caught:
            verify(broken, public)
        shown += [str(caught.value), repr(caught.value)]

    windows = {secret[place : place + 12] for place in range(len(secret) - 12)}
    assert not any(window in text for text in shown for window in windows)
    assert repr(envelope) == "Envelope(env='live', project='support-bot')"
    assert repr(alice) == "Token(project='support-bot', env='live', token_id='tok_1')"
