"""How much one decision may cost. Every bound is counted, none is timed, so a call is answered alike on every machine.

# INVARIANT: a caller chooses the size of the arguments and nothing else; no size that a call may have keeps the engine busy.
"""

from __future__ import annotations

__all__ = ["MOST_LOOP_WORK", "MOST_PATTERN_WORK", "TURN", "WorkExceededError"]

# Of all loops of a constraint together: bytes that are looked at, and 16 for each leaf of each turn. A million leaves, or a
# thousand elements that each look through 16 KB.
MOST_LOOP_WORK = 2**24
TURN = 16
# Of one pattern on one text: the pattern's steps times the text's bytes. A usual pattern reads the largest text.
MOST_PATTERN_WORK = 2**28


class WorkExceededError(Exception):
    """The call asks for more work than a decision may be."""
