"""Keys are 32 bytes, named by their thumbprint, and the one that a token names has to confirm it."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Callable
from typing import Any

import pytest

from hexgate.core import TokenError, verify_caller
from hexgate.core.identity.tokens import Token, public_key_of, thumbprint, verify

OTHERS = [public_key_of(bytes([number]) * 32) for number in range(100, 115)]
Refused = Callable[[Callable[[], object]], TokenError]


def test_the_id_of_a_key_is_the_thumbprint_that_the_standard_shows() -> None:
    # The key and the thumbprint of RFC 8037, appendix A.3.
    assert thumbprint("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo") == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_the_public_half_of_a_key_is_the_one_that_the_standard_shows() -> None:
    # RFC 8037, appendix A.1.
    assert public_key_of("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A") == "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"


def test_keys_are_taken_as_text_as_bytes_and_several_at_once(alice: Token, public: str) -> None:
    for keys in (public, [public], (*OTHERS, public), iter([public, *OTHERS])):
        token = verify(alice.text, keys)
        assert (token.key_id, token.user.user_id) == (thumbprint(public), "alice")


def test_the_key_that_a_token_names_is_the_only_one_that_is_tried(
    forge: Callable[..., str], pieces: Any, public: str, refused: Refused
) -> None:
    payloads = (pieces.authority(), pieces.caller())
    right = int.from_bytes(urlsafe_b64decode(thumbprint(public) + "=")[:4])

    assert verify_caller(forge(*payloads), [*OTHERS, public]).user_id == "alice"
    assert verify_caller(forge(*payloads, root_key_id=right), [*OTHERS, public]).user_id == "alice"
    wrong = forge(*payloads, root_key_id=right ^ 1)
    assert refused(lambda: verify_caller(wrong, [*OTHERS, public])).code == "HX512"


def test_a_token_of_another_key_is_refused(
    alice: Token, forge: Any, pieces: Any, public: str, refused: Refused
) -> None:
    assert refused(lambda: verify_caller(alice.text, OTHERS)).code == "HX512"
    forged = forge(pieces.authority(), pieces.caller(), private=bytes(32))
    assert refused(lambda: verify_caller(forged, [public, *OTHERS])).code == "HX512"
    assert refused(lambda: verify_caller(alice.text, b"\xff" * 32)).code == "HX512"


@pytest.mark.parametrize(
    "keys",
    [
        "",
        "A" * 42,
        "A" * 44,
        "A" * 42 + "=",
        "A" * 42 + "B",
        "A" * 42 + "+",
        b"",
        bytes(31),
        bytes(33),
        [],
        None,
        7,
        [None],
        [7],
    ],
)
def test_what_is_no_key_is_refused_without_being_shown(keys: Any, alice: Token, refused: Refused) -> None:
    error = refused(lambda: verify_caller(alice.text, keys))

    assert error.code == "HX519"
    assert "AAAA" not in str(error)


def test_more_keys_than_a_platform_has_are_refused(alice: Token, public: str, refused: Refused) -> None:
    assert refused(lambda: verify_caller(alice.text, [public] * 17)).code == "HX519"
    assert verify_caller(alice.text, [public] * 16).user_id == "alice"
