"""A program in, the instructions that its module may take for an answer out."""

from __future__ import annotations

from hexgate.core.program import Program
from hexgate.core.wasm.limits import Budget

__all__ = ["budget_of"]


def budget_of(program: Program) -> Budget:
    """More than any call can cost that the native engine answers."""
    return Budget(10_000_000_000 + len(program.roles), 1000)
