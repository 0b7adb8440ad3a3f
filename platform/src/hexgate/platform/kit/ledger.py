"""A store and numbered steps in, the same store with every step made out; a ledger in the store says which were.

# INVARIANT: each step can be made twice, so that workers that start at once do no harm, and one that was killed begins again.
"""

from __future__ import annotations

from collections.abc import Sequence

from hexgate.platform.kit.clickhouse import ClickHouse

__all__ = ["climb", "height"]

LEDGER = "hexgate_ledger"


async def climb(store: ClickHouse, steps: Sequence[str]) -> None:
    """Makes the steps that were not made. In a step, `{on_cluster}` and `{engine}` become what the store needs."""
    await store.command(written(store, STEP_OF_THE_LEDGER))
    for number in range(await height(store) + 1, len(steps) + 1):
        await store.command(written(store, steps[number - 1]))
        await store.command(f"insert into {LEDGER} (number) values ({{number:UInt32}})", {"number": number})


async def height(store: ClickHouse) -> int:
    """How many steps were made."""
    [(number,)] = await store.rows(f"select max(number) from {LEDGER}", {})
    return int(number)


def written(store: ClickHouse, step: str) -> str:
    """A step for a single server, or for a cluster with copies."""
    cluster = f" on cluster '{store.cluster}'" if store.cluster else ""
    engine = "ReplicatedReplacingMergeTree" if store.cluster else "ReplacingMergeTree"
    return step.replace("{on_cluster}", cluster).replace("{engine}", engine)


STEP_OF_THE_LEDGER = f"""
create table if not exists {LEDGER}{{on_cluster}} (number UInt32, at DateTime default now())
engine = {{engine}} order by number
"""
