"""A pattern as a tree whose nodes are numbers: equal parts are one node, and a child has a smaller number than its parent.

    (SET, ranges)            one character of a set        (CAT, child, …)         one after the other; nothing is the empty text
    (ASSERT, what)           a place between characters    (ALT, child, …)         any of them
    (STAR, child)            any number of times           (REPEAT, child, n, m)   n to m times; m is None without a bound

What a group captures, and how greedy a repeat is, changes where a match lies and never whether there is one: neither is kept.

# INVARIANT: no function here calls itself deeper than a pattern has alternatives that begin alike, however deep it is nested.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from hexgate.core.wasm.regex.ranges import Ranges, normal

__all__ = ["ALT", "ASSERT", "CAT", "REPEAT", "SET", "STAR", "Nodes"]

SET, ASSERT, CAT, ALT, STAR, REPEAT = range(6)

# A kind, then what the table above says.
Node = tuple[Any, ...]

# No character at all, as in a class that leaves none.
NEVER: Node = (SET, ())


class Nodes:
    """The nodes of one pattern."""

    def __init__(self) -> None:
        self.table: list[Node] = []
        self.numbers: dict[Node, int] = {}
        # Those that read nothing: once is as good as a thousand times.
        self.idle: set[int] = set()

    def __getitem__(self, number: int) -> Node:
        return self.table[number]

    def add(self, *node: Any) -> int:
        """The number of a node, which is a new one when there is none like it."""
        number = self.numbers.setdefault(node, len(self.table))
        if number == len(self.table):
            self.table.append(node)
            children = node[1:2] if node[0] in (STAR, REPEAT) else node[1:]
            if node[0] == ASSERT or (node[0] != SET and self.idle.issuperset(children)):
                self.idle.add(number)
        return number

    def set(self, ranges: Ranges) -> int:
        """One character of a set."""
        return self.add(SET, ranges)

    def cat(self, children: Iterable[int]) -> int:
        """One after the other."""
        flat = [part for child in children for part in self.parts(child)]
        if NEVER in (self.table[part] for part in flat):
            return self.add(*NEVER)
        return flat[0] if len(flat) == 1 else self.add(CAT, *flat)

    def parts(self, number: int) -> Sequence[int]:
        """What stands one after the other in a node."""
        node = self.table[number]
        return node[1:] if node[0] == CAT else (number,)

    def repeat(self, child: int, least: int, most: int | None) -> int:
        """A child a number of times."""
        if most == 0 or (least == 0 and (child in self.idle or self.table[child] == NEVER)):
            return self.add(CAT)
        if child in self.idle or self.table[child] == NEVER:
            return child
        if most is None and least == 0:
            return child if self.table[child][0] == STAR else self.add(STAR, child)
        return child if least == most == 1 else self.add(REPEAT, child, least, most)

    def any_of(self, options: Sequence[int]) -> int:
        """Any of the options. What several begin with is kept once, and single characters are one set."""
        return options[0] if len(options) == 1 else self.factored([tuple(self.parts(option)) for option in options])

    def factored(self, options: Iterable[tuple[int, ...]]) -> int:
        """Any of the sequences."""
        singles: list[tuple[int, int]] = []
        heads: dict[tuple[int, ...], dict[tuple[int, ...], None]] = {}
        for option in options:
            if len(option) == 1 and self.table[option[0]][0] == SET:
                singles.extend(self.table[option[0]][1])
            else:
                heads.setdefault(option[:1], {})[option] = None
        found = [self.with_one_head(list(group)) for group in heads.values()]
        if singles or not found:
            # Of options that are all nothing, nothing is left: a set of no character.
            found.append(self.set(normal(singles)))
        return found[0] if len(found) == 1 else self.add(ALT, *dict.fromkeys(found))

    def with_one_head(self, options: list[tuple[int, ...]]) -> int:
        """Any of the sequences, all of which begin alike."""
        if len(options) == 1:
            return self.cat(options[0])
        # Between the smallest and the largest lie the others, so what these share is shared by all.
        low, high = min(options), max(options)
        shared = next((place for place, part in enumerate(low) if part != high[place]), len(low))
        return self.cat((*low[:shared], self.factored(option[shared:] for option in options)))
