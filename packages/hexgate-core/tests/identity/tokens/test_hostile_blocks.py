"""Whoever holds a token can sign any block behind it. What comes out is the same caller with no more rights, or a refusal."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from biscuit_auth import Biscuit, BlockBuilder, KeyPair, PublicKey
from hypothesis import given
from hypothesis import strategies as st

from hexgate.core import TokenError, User, verify_caller
from hexgate.core.identity.tokens import Token, verify
from hexgate.core.identity.tokens.block import blocks_of
from hexgate.core.identity.tokens.limits import limits_of

Refused = Callable[[Callable[[], object]], TokenError]
Forge = Callable[..., str]


def appended(token: Token, *blocks: str) -> str:
    """The token with blocks of another library behind it."""
    biscuit = token.biscuit
    for block in blocks:
        biscuit = biscuit.append(BlockBuilder(block))
    return biscuit.to_base64()


@pytest.mark.parametrize(
    "block",
    [
        'user("mallory")',
        'user("mallory"); user("alice")',
        'role("admin")',
        'role("admin"); role("owner"); session("s"); attributes("{\\"region\\": \\"US\\"}")',
        'project("bank"); token_id("t2"); name("x"); env("test"); issued_at(2000-01-01T00:00:00Z); scope("admin")',
        "user(7); role([1, [2, [3]]]); user(); time(2000-01-01T00:00:00Z)".replace(" user();", ""),
        "time(2000-01-01T00:00:00Z); check if time($t), $t < 2099-01-01T00:00:00Z",
        'tool("refund_order"); check if tool("refund_order")',
        "; ".join(f'role("r{number}")' for number in range(200)),
    ],
)
def test_a_later_block_asserts_nothing(block: str, alice: Token, public: str) -> None:
    for text in (appended(alice, block), appended(alice, "check if time($t), $t < 2099-01-01T00:00:00Z", block)):
        user = verify_caller(text, public)

        assert (user.user_id, user.roles, user.session_id, user.attributes) == ("alice", ("billing",), None, {})
        assert user.token is not None
        assert (user.token.project, user.token.env, user.token.token_id) == ("support-bot", "live", "tok_1")
        assert user.token.scopes == {"decide", "audit"}
        assert user.tools is None or list(user.tools) == ["refund_order"]


def test_a_block_2_does_not_become_the_caller_of_a_token_without_one(key: Token, public: str, refused: Refused) -> None:
    for first in ("check if time($t), $t < 2099-01-01T00:00:00Z", 'role("admin")', "session(7)"):
        text = appended(key, first, 'user("mallory"); role("admin")')

        assert refused(lambda text=text: verify_caller(text, public)).code == "HX516"  # type: ignore[misc]


@pytest.mark.parametrize(
    "block",
    [
        'role("admin") <- user($u)',
        "user($x) <- name($x)",
        "n(0); n($x) <- n($y), n($x)",
        "a($x, $y, $z) <- scope($x), scope($y), scope($z)",
        "late($t) <- time($t); check if late($t), $t < 2000-01-01T00:00:00Z",
        "check if true",
        "check if false",
        'check if resource("invoices")',
        'check if user("alice") trusting previous',
        'check if project("support-bot")',
        "check if time($t)",
        "check if time($t), $t > 2000-01-01T00:00:00Z",
        "check if time($t), $t >= 2000-01-01T00:00:00Z",
        "check if time($t), $t != 2000-01-01T00:00:00Z",
        "check if time($t), 2099-01-01T00:00:00Z > $t",
        "check if time($t), $t < 4102444800",
        'check if time($t), $t.starts_with("2")',
        "check if time($t), $t < 2099-01-01T00:00:00Z, $t > 2000-01-01T00:00:00Z",
        "check if time($t), $t < 2099-01-01T00:00:00Z || true",
        "check if time($t), !($t > 2099-01-01T00:00:00Z)",
        "check if time($t), $u < 2099-01-01T00:00:00Z, time($u)",
        "check if time($t), $t < 2099-01-01T00:00:00Z or time($t), $t < 2098-01-01T00:00:00Z",
        "check if time($t), $t < 2099-01-01T00:00:00Z or true",
        "check if time($t), $t < 2099-01-01T00:00:00Z trusting authority",
        "check if time($t), tool($t), $t < 2099-01-01T00:00:00Z",
        "check if time(2099-01-01T00:00:00Z)",
        "check all time($t), $t < 2099-01-01T00:00:00Z",
        "reject if time($t), $t < 2099-01-01T00:00:00Z",
        "check if tool($t)",
        "check if tool(7)",
        'check if tool("a", "b")',
        'check if tool($t), ["a", "b"].contains($t)',
        'check if tool($t), {"a", "b"}.contains($t)',
        'check if tool($t), $t.ends_with("a")',
        'check if tool($t), $t.matches("^a")',
        'check if tool($t), $t == "a"',
        'check if tool($t), "a".starts_with($t)',
        'check if tool($t), $t.starts_with("a") && $t.ends_with("b")',
        'check if tool("a"), "a".starts_with("a")',
        'check if tool("a") or time($t), $t < 2099-01-01T00:00:00Z',
        'check if tool("a") or role("billing")',
        'check all tool("a")',
        'reject if tool("a")',
        'check if tool("a") trusting ed25519/' + "00" * 32,
        "check if [1, 2, 3].all($x -> [1, 2, 3].all($y -> [1, 2, 3].all($z -> $x + $y + $z > 0)))",
        'check if "' + "a" * 2000 + '".matches("(a{100}){100}")',
        "check if tool($t), $t.extern::check()",
        "; ".join(f"n({n})" for n in range(60)) + "; check if n($a), n($b), n($c), n($d), $a + $b + $c + $d < 0",
    ],
)
def test_what_cannot_be_kept_refuses_the_token_before_it_is_run(
    block: str, alice: Token, public: str, refused: Refused
) -> None:
    # The library would need half a minute for the last one, whatever limits it is given.
    for text in (appended(alice, block), appended(alice, 'check if tool("a")', block)):
        assert refused(lambda text=text: verify(text, public)).code == "HX518"  # type: ignore[misc]


def test_a_block_of_a_third_party_is_refused_wherever_it_stands(
    key: Token, alice: Token, public: str, refused: Refused
) -> None:
    third = KeyPair()
    for token in (key, alice):
        block = token.biscuit.third_party_request().create_block(third.private_key, BlockBuilder('user("mallory")'))
        text = token.biscuit.append_third_party(third.public_key, block).to_base64()

        assert refused(lambda text=text: verify(text, public)).code == "HX518"  # type: ignore[misc]


@pytest.mark.parametrize("count", [31, 32, 3000])
def test_more_blocks_than_a_chain_of_agents_makes_are_refused_unseen(
    count: int, forge: Forge, pieces: Any, public: str, refused: Refused
) -> None:
    text = forge(pieces.authority(), pieces.caller(), *[b"\x18\x03"] * (count - 2))
    if count <= 32:
        assert verify_caller(text, public).user_id == "alice"
    elif count < 1000:
        assert refused(lambda: verify(text, public)).code == "HX518"
    else:
        assert refused(lambda: verify(text, public)).code == "HX510"


def test_one_block_too_many_is_refused(forge: Forge, pieces: Any, public: str, refused: Refused) -> None:
    text = forge(pieces.authority(), pieces.caller(), *[b"\x18\x03"] * 31)
    error = refused(lambda: verify(text, public))

    assert (error.code, error.message) == ("HX518", "the token has 33 blocks, and may have 32")


def test_a_block_as_large_as_a_token_may_be_is_read(alice: Token, public: str, refused: Refused) -> None:
    many = "; ".join(f"n({number})" for number in range(700))

    assert verify_caller(appended(alice, many), public).user_id == "alice"
    assert refused(lambda: verify(appended(alice, f'n("{"x" * 20_000}")'), public)).code == "HX510"


def broken_blocks(pieces: Any) -> dict[str, bytes]:
    """Payloads of a block 2 that a library would not write."""
    part, number = pieces.part, pieces.number
    text = number(3, 1033)
    return {
        "a field that nobody knows": number(9, 1),
        "a word about whom to trust": part(7, number(1, 1)),
        "a key to trust": part(8, number(1, 0) + part(2, bytes(32))),
        "a rule": part(5, part(1, number(1, 10) + part(2, text)) + part(2, number(1, 11) + part(2, text))),
        "a field of another type": part(3, b"\x03"),
        "a version twice": b"\x18\x03\x18\x03",
        "a context twice": part(2, b"a") + part(2, b"b"),
        "a number in more bytes than it needs": b"\x18\x83\x00",
        "a number of more than 64 bits": b"\x18" + b"\xff" * 9 + b"\x7f",
        "a number without an end": b"\x18" + b"\xff" * 11,
        "a tag without an end": b"\x98",
        "a tag without a value": b"\x18",
        "a length beyond the end": b"\x22\x7f\x00",
        "a group": b"\x1b\x1c",
        "a symbol that is no text": part(1, b"\xff\xfe"),
        "a symbol that is known": part(1, b"read"),
        "a symbol of an earlier block": part(1, b"alice"),
        "a symbol twice": part(1, b"x") + part(1, b"x"),
        "a fact without a predicate": part(4, b""),
        "a fact with two predicates": part(4, part(1, number(1, 10)) * 2),
        "a predicate without a name": part(4, part(1, b"")),
        "a name that nobody brought": pieces.fact(2000, text),
        "a name between the known and the own ones": pieces.fact(500, text),
        "a name beyond all numbers": pieces.fact(2**64 - 1, text),
    }


def broken_checks(pieces: Any) -> dict[str, bytes]:
    """Payloads of a block 2 with a check that a library would not write."""
    part, number = pieces.part, pieces.number
    deep = number(2, 1)
    for _ in range(400):
        deep = part(9, part(1, deep))
    text = number(3, 1033)
    query = part(1, number(1, 27))
    return {
        "a check about a text that nobody brought": part(
            6, part(1, query + part(2, number(1, 1034) + part(2, number(3, 2000))))
        ),
        "a check with a term that is nothing": part(6, part(1, query + part(2, number(1, 5) + part(2, b"")))),
        "a check with a term that is two things": part(
            6, part(1, query + part(2, number(1, 5) + part(2, number(3, 1033) + number(1, 5))))
        ),
        "a check with a deep term": part(6, part(1, query + part(2, number(1, 5) + part(2, deep)))),
        "a check without a query": part(6, b""),
        "a check with a query without a body": part(6, part(1, query)),
        "a check of a kind that nobody knows": part(
            6, part(1, query + part(2, number(1, 5) + part(2, text))) + number(2, 9)
        ),
        "a comparison with a number behind it": part(
            6,
            part(
                1,
                query
                + part(2, number(1, 5) + part(2, number(1, 0)))
                + part(
                    3,
                    part(1, part(1, number(1, 0)))
                    + part(1, part(1, number(4, 4_000_000_000)))
                    + part(1, part(3, number(1, 0) + number(2, 5))),
                ),
            ),
        ),
        "a comparison that is none": part(
            6,
            part(
                1,
                query
                + part(2, number(1, 5) + part(2, number(1, 0)))
                + part(
                    3,
                    part(1, part(1, number(1, 0))) + part(1, part(1, number(4, 4_000_000_000))) + part(1, part(3, b"")),
                ),
            ),
        ),
    }


def test_a_block_that_no_library_writes_is_refused(forge: Forge, pieces: Any, public: str, refused: Refused) -> None:
    sound = (pieces.authority(), pieces.caller())
    assert verify_caller(forge(*sound, b"\x18\x03"), public).user_id == "alice"

    for name, payload in {**broken_blocks(pieces), **broken_checks(pieces)}.items():
        error = refused(lambda payload=payload: verify(forge(*sound, payload), public))  # type: ignore[misc]
        assert error.code in {"HX511", "HX512", "HX518"}, name
        # The library that checks signatures refuses some of them first; the reader of blocks relies on none of that.
        error = refused(lambda payload=payload: limits_of(blocks_of((*sound, payload))))  # type: ignore[misc]
        assert error.code in {"HX511", "HX518"}, name


def test_a_frame_that_no_library_writes_is_refused(forge: Forge, pieces: Any, public: str, refused: Refused) -> None:
    sound = urlsafe_b64decode(forge(pieces.authority(), pieces.caller()) + "==")
    part = pieces.part
    block, proof = sound[: -len(part(4, part(1, bytes(32))))], part(4, part(1, bytes(32)))
    assert block + proof != sound
    frames = [b"", sound + b"\x08\x01\x08\x01", sound + sound, sound + part(5, b""), sound + part(2, b""), sound[:-1]]
    frames += [proof, part(3, b"") + proof, part(2, b"") + proof, part(2, part(1, b"")) + proof, block]
    frames += [block + part(4, inner) for inner in (b"", part(1, b"") + part(2, b""), part(3, b""))]
    signed = part(1, b"") + part(3, bytes(64))
    frames += [part(2, signed + part(2, following)) + proof for following in (b"", b"\x08\0", part(2, bytes(32)))]
    frames.append(part(2, part(1, b"") + part(2, b"\x08\0" + part(2, bytes(32)))) + proof)
    for frame in frames:
        text = urlsafe_b64encode(frame).decode().rstrip("=")

        assert refused(lambda text=text: verify(text, public)).code in {"HX510", "HX511"}  # type: ignore[misc]


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=3))
def test_whatever_is_signed_is_read_or_refused(forge: Forge, pieces: Any, public: str, blocks: list[bytes]) -> None:
    for text in (
        forge(*blocks),
        forge(pieces.authority(), pieces.caller(), *blocks),
        forge(pieces.authority(), *blocks),
    ):
        caller = None
        with suppress(TokenError):
            caller = verify_caller(text, public)
        assert caller is None or (caller.user_id, caller.roles) == ("alice", ())


def test_every_changed_byte_is_refused(alice: Token, public: str, refused: Refused) -> None:
    token = alice.user.narrowed(tools=["refund_order", "mcp-*"], ttl_seconds=3600).token
    assert token is not None
    whole = urlsafe_b64decode(token.text.split("_", 3)[3] + "==")
    for place in range(len(whole)):
        for flip in (1 << place % 8, 0xFF):
            changed = whole[:place] + bytes([whole[place] ^ flip]) + whole[place + 1 :]
            text = urlsafe_b64encode(changed).decode().rstrip("=")
            error = refused(lambda text=text: verify(text, public))  # type: ignore[misc]
            assert error.code in {"HX511", "HX512", "HX518"}, place


def test_every_shortened_token_is_refused(alice: Token, public: str, refused: Refused) -> None:
    whole = alice.text
    for cut in range(len(whole)):
        error = refused(lambda cut=cut: verify(whole[:cut], public))  # type: ignore[misc]
        assert error.code in {"HX510", "HX511", "HX512"}


def test_blocks_can_be_neither_taken_off_nor_swapped_nor_borrowed(
    key: Token, alice: Token, public: str, refused: Refused
) -> None:
    bob = key.for_user(User("bob", "admin"))
    narrowed = alice.narrowed(tools=None, expires_at=4_000_000_000)
    tokens = [signed_parts(bytes(token.biscuit.to_bytes())) for token in (key, alice, bob, narrowed)]
    (keys, _), (of_alice, _), (of_bob, proof_of_bob), (of_narrowed, proof_of_narrowed) = tokens
    mixed = [
        [*of_alice, proof_of_narrowed],
        [*keys, proof_of_narrowed],
        [*of_narrowed[:2], proof_of_bob],
        [of_narrowed[0], of_narrowed[2], of_narrowed[1], proof_of_narrowed],
        [of_narrowed[0], of_narrowed[2], proof_of_narrowed],
        [*of_bob, of_narrowed[2], proof_of_narrowed],
        [of_bob[0], of_alice[1], proof_of_bob],
        [*of_bob, proof_of_narrowed],
    ]
    for parts in mixed:
        text = urlsafe_b64encode(b"".join(parts)).decode().rstrip("=")
        assert refused(lambda text=text: verify(text, public)).code == "HX512"  # type: ignore[misc]


def signed_parts(biscuit: bytes) -> tuple[list[bytes], bytes]:
    """The blocks of a biscuit as they stand in it, the id of the key before the first, and the proof."""
    parts, place = [], 6
    while place < len(biscuit):
        start = place
        length, shift, place = 0, 0, place + 1
        while True:
            byte = biscuit[place]
            length |= (byte & 0x7F) << shift
            shift, place = shift + 7, place + 1
            if byte < 0x80:
                break
        place += length
        parts.append(biscuit[start:place])
    return [biscuit[:6] + parts[0], *parts[1:-1]], parts[-1]


def test_what_this_library_reads_is_what_the_other_one_reads(alice: Token, public: str) -> None:
    token = alice.user.narrowed(tools=["b", "a", "mcp-*"], ttl_seconds=3600).token
    assert token is not None
    raw = urlsafe_b64decode(token.text.split("_", 3)[3] + "==")
    biscuit = Biscuit.from_bytes(raw, PublicKey("ed25519/" + urlsafe_b64decode(public + "=").hex()))

    assert biscuit.block_source(1) == 'user("alice");\nrole("billing");\n'
    assert biscuit.block_source(2).splitlines()[1] == (
        'check if tool("a") or tool("b") or tool($tool), $tool.starts_with("mcp-");'
    )
