"""What keeps the record of calls: the gate says when, the recorder says where.

# INVARIANT: `reserve` returns before the tool runs, and has by then made sure of what it promises; `settle` follows exactly once.
"""

from __future__ import annotations

from typing import Any, Protocol

from hexgate.core.gate.passage import Passage

__all__ = ["NoRecord", "Recorder"]


class Recorder(Protocol):
    """Keeps what was decided and what then happened."""

    def reserve(self, passage: Passage) -> Any:
        """Keeps the decision and gives a ticket for the outcome. What it raises denies the call."""
        ...

    def settle(self, ticket: Any, passage: Passage) -> None:
        """Keeps what happened."""
        ...


class NoRecord:
    """Keeps nothing."""

    def reserve(self, passage: Passage) -> None:
        """Nothing is kept."""

    def settle(self, ticket: Any, passage: Passage) -> None:
        """Nothing is kept."""
