"""What it takes to learn who is calling from a token, beside the check of its signatures, and to decide about such a user."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Iterator
from functools import partial

from biscuit_auth import Biscuit, PublicKey
from harness import Figure, in_turns
from policies import SMALL

from hexgate.core import Hexgate, Policy, ToolCall, User, verify_caller
from hexgate.core.identity.tokens import Claims, mint, public_key_of

__all__ = ["figures"]

PRIVATE = bytes(range(32))
# Each takes hundreds of microseconds.
SLOW_CALLS = 200


def figures() -> Iterator[Figure]:
    """Every figure of this group."""
    public = public_key_of(PRIVATE)
    key = mint(PRIVATE, Claims("shop", "live", "key-1", "orders service", frozenset({"decide"})))
    alice = User("alice", "default", "s-17", attributes={"region": "EU"})
    named = key.for_user(alice, ttl_seconds=3600)
    tools = ["refund_order", "view_orders", "mcp-*"]
    narrowed = named.user.narrowed(tools=tools, ttl_seconds=600)
    yield from verifying(public, {"caller": named.text, "narrowed": narrowed.token.text if narrowed.token else ""})
    times = in_turns(
        {
            "make": lambda: key.for_user(alice, ttl_seconds=300),
            "narrow": lambda: named.user.narrowed(tools=tools, ttl_seconds=60),
        },
        rounds=15,
        calls=SLOW_CALLS,
    )
    yield Figure("a token for a caller, made of a key", times["make"], "µs")
    yield Figure("a caller with a token, narrowed", times["narrow"], "µs")
    yield from deciding(alice, named.user, narrowed)


def verifying(public: str, texts: dict[str, str]) -> Iterator[Figure]:
    """`verify_caller`, beside the signatures alone."""
    library = PublicKey(f"ed25519/{urlsafe_b64decode(f'{public}=').hex()}")
    raw = urlsafe_b64decode(texts["caller"].split("_", 3)[3] + "==")
    times = in_turns(
        {
            "signatures": lambda: Biscuit.from_bytes(raw, library),
            "caller": lambda: verify_caller(texts["caller"], public),
            "narrowed": lambda: verify_caller(texts["narrowed"], public),
        },
        rounds=15,
        calls=SLOW_CALLS,
    )
    yield Figure("floor: the signatures of 2 blocks, by the library", times["signatures"], "µs")
    for name, blocks in (("caller", 2), ("narrowed", 3)):
        size = len(texts[name])
        most = times[name] <= 1000
        yield Figure(
            f"verify_caller, {blocks} blocks, {size:,} characters", times[name], "µs", "at most 1,000 µs", most
        )


def deciding(plain: User, vouched: User, narrowed: User) -> Iterator[Figure]:
    """The same decision about three users: without limits, with a time, with a time and a list of tools."""
    hexgate = Hexgate.from_policy(Policy.from_text(SMALL))
    args = {"amount": 400, "currency": "USD", "order_id": "ord-1"}
    call = ToolCall("refund_order", args)
    users = {"plain": plain, "vouched": vouched, "narrowed": narrowed}
    ready = in_turns({name: partial(hexgate.decide, call, user=user) for name, user in users.items()})
    tool = call.tool
    whole = in_turns({name: partial(hexgate.decide, tool, args, user=user) for name, user in users.items()})
    for kind, times in (("call decoded", ready), ("decoding the call", whole)):
        yield Figure(f"decide, plain user, {kind}", times["plain"], "µs")
        for name in ("vouched", "narrowed"):
            ratio = times[name] / times["plain"]
            said = f"{ratio:.2f} × plain, at most 2 ×"
            yield Figure(f"decide, {name} user, {kind}", times[name], "µs", said, ratio <= 2)
