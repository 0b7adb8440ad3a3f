"""A regular expression in RE2's syntax in, an automaton out that finds it in linear time without RE2.

`parser` reads the text into a tree of `nodes`, `steps` turns the tree into an automaton over whole characters, and `words` writes
it down for `wasm/runtime/regex.c`, which runs it. `unicode` has RE2's tables.

# INVARIANT: an automaton finds its pattern in a text of valid UTF-8 exactly where RE2 finds it, and is the same in every process.
"""

from __future__ import annotations

from functools import lru_cache

from hexgate.core.errors import ModuleError
from hexgate.core.text.render import shown
from hexgate.core.wasm.regex.nodes import Nodes
from hexgate.core.wasm.regex.parser import parse
from hexgate.core.wasm.regex.steps import steps_of
from hexgate.core.wasm.regex.words import words_of

__all__ = ["MOST_STEPS", "automaton"]

# A policy's pattern has at most 10,000 steps in RE2's program, and no pattern is known that has half as many again here.
MOST_STEPS = 30_000
SHORTEN = "shorten the counted repeats of groups with many options"


@lru_cache(maxsize=4096)
def automaton(pattern: str) -> tuple[int, ...]:
    """The automaton of a pattern as 32-bit words. What RE2 refuses is a `ValueError`, what is too large a `ModuleError`."""
    nodes = Nodes()
    try:
        return words_of(steps_of(nodes, parse(pattern, nodes), MOST_STEPS))
    except OverflowError:
        message = f"the automaton of the pattern `{shown(pattern)}` has more than {MOST_STEPS:,} steps"
        raise ModuleError("HX735", message, help=SHORTEN) from None
