"""How much one linting may do. Work is counted, never timed, so a policy has the same findings on every machine.

# INVARIANT: every comparison of conditions, and every look at a rule in a role, is paid for; what is not paid for is linear.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["MOST_WORK", "WorkExceededError", "limited", "spend"]

# A policy of ten thousand rules takes a third of it.
MOST_WORK = 1_000_000
LEFT: ContextVar[list[int] | None] = ContextVar("left", default=None)


class WorkExceededError(Exception):
    """The policy is too large to be linted completely."""


@contextmanager
def limited(most: int) -> Iterator[None]:
    """What is spent within is bounded."""
    token = LEFT.set([most])
    try:
        yield
    finally:
        LEFT.reset(token)


def spend(work: int = 1) -> None:
    """Pays for work before it is done; raises when there is nothing left."""
    left = LEFT.get()
    if left is not None:
        left[0] -= work
        if left[0] < 0:
            raise WorkExceededError
