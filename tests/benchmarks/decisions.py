"""How long a decision takes, beside the floor that ran in the same rounds."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterator
from functools import partial

from floors import caller, floor_decide, large_table, small_table
from harness import Action, Figure, in_turns, percentiles
from policies import LARGE_ROLES, LARGE_TOOLS, SMALL, large_yaml, nested_arguments, random_pairs, small_calls

from hexgate.core import Hexgate, Policy, ToolCall, User

__all__ = ["figures"]

ASYNC_TASKS, ASYNC_DECISIONS = 100, 3000


def figures() -> Iterator[Figure]:
    """Every figure of this group."""
    hexgate = Hexgate.from_policy(Policy.from_text(SMALL))
    with User("alice", "default").sync_scope():
        caller.set("default")
        yield from small(hexgate)
        yield from nested(hexgate)
        yield from through_asyncio(hexgate)
    yield from large()


def cycle(actions: list[Action]) -> Action:
    """An action that does the next of several each time it is called."""
    turn = itertools.cycle(actions).__next__

    def act() -> object:
        return turn()()

    return act


def small(hexgate: Hexgate) -> Iterator[Figure]:
    """The small policy with mixed outcomes."""
    table = small_table()
    calls = small_calls()
    decoded = [ToolCall(tool, args) for tool, args in calls]
    floor = cycle([partial(floor_decide, table, tool, args) for tool, args in calls])
    ready = cycle([partial(hexgate.decide, call) for call in decoded])
    whole = cycle([partial(hexgate.decide, tool, args) for tool, args in calls])
    times = in_turns({"floor": floor, "decoded": ready, "decoding": whole})
    yield Figure("floor: closures, context variable, ten-field answer", times["floor"], "µs")
    yield against("decide, small policy, call decoded", times["decoded"], times["floor"], 1.5)
    yield against("decide, small policy, decoding the call", times["decoding"], times["floor"], 2.0)
    p50, p99 = percentiles(ready)
    yield Figure("decide, small policy, p99 over p50", p99 / p50, "×", "under 2", p99 / p50 < 2)


def against(name: str, value: float, floor: float, most: float) -> Figure:
    """A figure that is judged by its ratio to the floor."""
    ratio = value / floor
    return Figure(name, value, "µs", f"{ratio:.2f} × floor, at most {most:.1f} ×", ratio <= most)


def nested(hexgate: Hexgate) -> Iterator[Figure]:
    """4 KB of nested arguments: deciding about them, and decoding them once."""
    args = nested_arguments()
    user = User("alice", "default")
    large_call = ToolCall("refund_order", args)
    small_call = ToolCall("refund_order", {"amount": 400, "currency": "USD"})
    engine = hexgate.engine
    times = in_turns(
        {
            "small": lambda: engine.decide(small_call, user),
            "large": lambda: engine.decide(large_call, user),
            "decode": lambda: ToolCall("refund_order", args),
            "decode text": lambda: ToolCall("refund_order", large_call.encoded),
        }
    )
    yield Figure("engine alone, small arguments", times["small"], "µs")
    ratio = times["large"] / times["small"]
    yield Figure(
        "engine alone, 4 KB of nested arguments", times["large"], "µs", f"{ratio:.2f} × small, no slower", ratio <= 1.1
    )
    size = len(large_call.encoded)
    yield Figure(
        f"decoding {size:,} bytes of nested arguments", times["decode"], "µs", "at most 15 µs", times["decode"] <= 15
    )
    yield Figure(f"decoding {size:,} bytes of JSON text", times["decode text"], "µs")


def through_asyncio(hexgate: Hexgate) -> Iterator[Figure]:
    """Decisions a second by many tasks on one loop, each in the scope of a user of its own."""
    calls = [ToolCall(tool, args) for tool, args in small_calls()]

    async def task(number: int) -> None:
        async with User(f"user-{number}", "default"):
            for turn in range(ASYNC_DECISIONS):
                hexgate.decide(calls[turn % len(calls)])
                if turn % 100 == 0:
                    await asyncio.sleep(0)

    async def everyone() -> None:
        await asyncio.gather(*(task(number) for number in range(ASYNC_TASKS)))

    rates = []
    for _ in range(7):
        start = time.perf_counter()
        asyncio.run(everyone())
        rates.append(ASYNC_TASKS * ASYNC_DECISIONS / (time.perf_counter() - start))
    rate = sorted(rates)[len(rates) // 2]
    yield Figure("decisions a second through asyncio", rate, "1/s", "at least 300,000", rate >= 300_000)


def large() -> Iterator[Figure]:
    """Random roles and tools of the large policy: memory, not instructions, is what this costs."""
    hexgate = Hexgate.from_policy(Policy.from_text(large_yaml()))
    table = large_table(LARGE_ROLES, LARGE_TOOLS)
    pairs = random_pairs()
    users = {role: User("alice", role) for role, _, _ in pairs}
    calls = [(ToolCall(tool, args), users[role]) for role, tool, args in pairs]
    by_hand, ours = itertools.cycle(pairs).__next__, itertools.cycle(calls).__next__

    def floor() -> object:
        role, tool, args = by_hand()
        caller.set(role)
        return floor_decide(table, tool, args)

    def decide() -> object:
        call, user = ours()
        return hexgate.decide(call, user=user)

    times = in_turns({"floor": floor, "decide": decide}, calls=len(pairs), rounds=15)
    yield Figure("floor: random pairs of the large policy", times["floor"], "µs")
    yield against("decide, random pairs of 50 roles × 200 tools × 3", times["decide"], times["floor"], 1.5)
