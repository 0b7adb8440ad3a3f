"""How long a large policy takes from its text to a program, and how much memory the program holds."""

from __future__ import annotations

import gc
import statistics
import time
import tracemalloc
from collections.abc import Iterator

from harness import Figure
from policies import large_yaml

from hexgate.core import Hexgate, Policy, Program, compile_policy

__all__ = ["figures"]


def figures() -> Iterator[Figure]:
    """Every figure of this group."""
    text = large_yaml()
    reading, compiling = [], []
    for _ in range(5):
        start = time.perf_counter()
        policy = Policy.from_text(text)
        middle = time.perf_counter()
        compile_policy(policy)
        reading.append(middle - start)
        compiling.append(time.perf_counter() - middle)
    whole = statistics.median(reading) + statistics.median(compiling)
    yield Figure(f"reading {len(text):,} bytes of YAML", statistics.median(reading), "s")
    yield Figure("compiling the policy", statistics.median(compiling), "s")
    yield Figure("from YAML to a program, 50 roles × 200 tools × 3", whole, "s", "under 2.5 s", whole < 2.5)
    yield from memory(text)


def memory(text: str) -> Iterator[Figure]:
    """What the program, and an engine with its closures, keep alive once the policy is gone."""
    program, kept = measured(lambda: compile_policy(Policy.from_text(text)))
    yield Figure("memory of the program", kept, "MB", "under 40 MB", kept < 40)
    assert isinstance(program, Program)
    _, prepared = measured(lambda: Hexgate(program))
    yield Figure("memory of the program's closures, in addition", prepared, "MB")


def measured(make: object) -> tuple[object, float]:
    """What `make` makes, and the megabytes that stay allocated because of it."""
    assert callable(make)
    gc.collect()
    tracemalloc.start()
    try:
        made = make()
        gc.collect()
        current, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return made, current / 1_000_000
