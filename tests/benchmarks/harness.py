"""Contenders in, figures that can be compared out.

Contenders take turns in short batches, so that whatever slows the machine down for a while slows all of them; the median over
the rounds is quoted, and a figure is judged by its ratio to a floor that ran in the same rounds.
"""

from __future__ import annotations

import gc
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

__all__ = ["Figure", "Target", "imported", "in_turns", "percentiles", "process_seconds"]

Action = Callable[[], object]
IMPORTED = """
import gc, time
{before}
gc.collect()
start = time.perf_counter()
import {module}
print((time.perf_counter() - start) * 1000)
"""


@dataclass(frozen=True)
class Target:
    """What a figure must not pass, in words that a table can show."""

    text: str
    met: bool


@dataclass(frozen=True)
class Figure:
    """One line of the report."""

    name: str
    value: float
    unit: str
    target: str | None = None
    met: bool | None = None

    def as_dict(self) -> Mapping[str, object]:
        """The figure as JSON knows it."""
        return asdict(self)

    def __str__(self) -> str:
        verdict = "" if self.met is None else ("  ok  " if self.met else "  MISSED  ")
        return f"{self.name:<58} {self.value:>12,.3f} {self.unit:<12}{verdict}{self.target or ''}"


def in_turns(contenders: Mapping[str, Action], *, rounds: int = 60, calls: int = 2000) -> dict[str, float]:
    """The median time of one call of each contender, in microseconds."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for action in contenders.values():
        batch(action, calls)
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            for name, action in contenders.items():
                times[name].append(batch(action, calls))
    finally:
        gc.enable()
    return {name: statistics.median(values) for name, values in times.items()}


def batch(action: Action, calls: int) -> float:
    """Microseconds for one call, the loop's own time included for every contender alike."""
    turns = range(calls)
    start = time.perf_counter_ns()
    for _ in turns:
        action()
    return (time.perf_counter_ns() - start) / calls / 1000


def percentiles(action: Action, *, samples: int = 400, calls: int = 20) -> tuple[float, float]:
    """p50 and p99 of one call in microseconds, over groups of calls that are too short to be interrupted often."""
    for _ in range(200):
        batch(action, calls)
    values = sorted(batch(action, calls) for _ in range(samples * 10))
    return values[len(values) // 2], values[len(values) * 99 // 100]


def process_seconds(commands: Mapping[str, Sequence[str]], *, rounds: int = 15) -> dict[str, float]:
    """The median seconds that whole processes take, in turns."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(rounds + 1):
        for name, command in commands.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL)
            if turn:
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def imported(modules: Mapping[str, tuple[str, str]], *, rounds: int = 15) -> dict[str, float]:
    """The median milliseconds that importing the second adds to the first, each time in a process of its own, in turns.

    The garbage that the first leaves is collected before, since the collector would else be paid by whoever comes next.
    """
    times: dict[str, list[float]] = {name: [] for name in modules}
    for turn in range(rounds + 1):
        for name, (before, module) in modules.items():
            said = subprocess.run(
                [sys.executable, "-c", IMPORTED.format(before=before, module=module)],
                check=True,
                capture_output=True,
                env={key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"},
            )
            if turn:
                times[name].append(float(said.stdout))
    return {name: statistics.median(values) for name, values in times.items()}
