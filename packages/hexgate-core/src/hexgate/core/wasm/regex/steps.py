"""A pattern's tree in, the steps of its automaton out.

    (SET, ranges, next)      reads one character of a set      (PLACE, what, next)   goes on at such a place only
    (FORK, left, right)      goes both ways                    (FOUND,)              the pattern is found

# INVARIANT: equal steps are one step, so what many ways end with is there once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hexgate.core.wasm.regex.nodes import ALT, ASSERT, CAT, REPEAT, SET, STAR, Nodes
from hexgate.core.wasm.regex.ranges import Ranges, normal

__all__ = ["FORK", "FOUND", "PLACE", "READ", "Step", "steps_of", "ways"]

READ, PLACE, FORK, FOUND = range(4)

Step = tuple[Any, ...]
Task = tuple[Callable[..., None], Any, Any]


def steps_of(nodes: Nodes, root: int, most: int) -> list[Step]:
    """The steps of a tree, the first of them where a search begins. What is beyond `most` is an `OverflowError`."""
    writer = Writer(nodes, most)
    return in_order(writer.steps, writer.run(without_idle_beginning(nodes, root)))


def without_idle_beginning(nodes: Nodes, root: int) -> int:
    """The tree without what a search anywhere finds by itself: `.*a` is found where `a` is, and `a+b` where `ab` is."""
    parts = list(nodes.parts(root))
    while parts:
        kind, *rest = nodes[parts[0]]
        if kind == STAR or (kind == REPEAT and rest[1] == 0):
            del parts[0]
        elif kind == REPEAT and rest[1] != rest[2]:
            parts[0] = nodes.repeat(rest[0], rest[1], rest[1])
            return nodes.cat(parts)
        else:
            break
    return nodes.cat(parts)


class Writer:
    """Writes steps from the end of a pattern to its beginning: a part is asked for with the step that follows it.

    `tasks` is what is left to do, the next at its end, and `found` the steps at which the parts begin that are done.
    """

    def __init__(self, nodes: Nodes, most: int) -> None:
        self.nodes = nodes
        self.most = most
        self.steps: list[Step] = []
        self.numbers: dict[Step, int] = {}
        self.unions: dict[frozenset[Ranges], Ranges] = {}
        self.tasks: list[Task] = []
        self.found: list[int] = []

    def run(self, root: int) -> int:
        """The step at which the pattern begins."""
        self.ask(root, self.step(FOUND))
        while self.tasks:
            work, first, second = self.tasks.pop()
            work(first, second)
        return self.found.pop()

    def step(self, *step: Any) -> int:
        """The number of a step, which is a new one when there is none like it."""
        number = self.numbers.setdefault(step, len(self.steps))
        if number == len(self.steps):
            self.append(step)
        return number

    def append(self, step: Step) -> None:
        if len(self.steps) >= self.most:
            raise OverflowError
        self.steps.append(step)

    def fork(self, left: int, right: int) -> int:
        return left if left == right else self.step(FORK, left, right)

    def ask(self, node: int, following: int) -> None:
        """Has a node written that goes on with a step; its beginning will be the last of `found`."""
        self.found.append(following)
        self.write(node, None)

    def write(self, node: int, _: None) -> None:
        """Writes a node before the last of `found`."""
        kind, *rest = self.nodes[node]
        if kind in (SET, ASSERT):
            self.found.append(self.step(READ if kind == SET else PLACE, rest[0], self.found.pop()))
        elif kind == CAT:
            self.tasks.extend((self.write, child, None) for child in rest)
        elif kind == ALT:
            self.tasks.append((self.join, len(rest), None))
            following = self.found.pop()
            self.tasks.extend((self.ask, child, following) for child in rest)
        elif kind == STAR:
            self.loop(rest[0], 0)
        else:
            self.repeat(*rest)

    def join(self, count: int, _: None) -> None:
        """One beginning for several; reads that go on alike are one."""
        reads: dict[int, list[Ranges]] = {}
        others: list[int] = []
        for number in self.found[-count:]:
            kind, *rest = self.steps[number]
            if kind == READ:
                reads.setdefault(rest[1], []).append(rest[0])
            else:
                others.append(number)
        del self.found[-count:]
        ways = [self.step(READ, self.union(sets), following) for following, sets in reads.items()] + others
        start = ways.pop()
        for way in reversed(ways):
            start = self.fork(way, start)
        self.found.append(start)

    def union(self, sets: list[Ranges]) -> Ranges:
        """The set of what is in any of the sets."""
        if len(sets) == 1:
            return sets[0]
        key = frozenset(sets)
        if key not in self.unions:
            self.unions[key] = normal(pair for ranges in sets for pair in ranges)
        return self.unions[key]

    def repeat(self, child: int, least: int, most: int | None) -> None:
        """The copies that must be come before those that may."""
        if most is None:
            self.loop(child, least)
            return
        following = self.found[-1]
        self.tasks.extend([(self.write, child, None)] * least)
        for _ in range(most - least):
            self.tasks.append((self.optional, following, None))
            self.tasks.append((self.write, child, None))

    def optional(self, following: int, _: None) -> None:
        """The last of `found`, or what follows."""
        self.found.append(self.fork(self.found.pop(), following))

    def loop(self, child: int, least: int) -> None:
        """A step that goes around or on, whose number is known before its ways are."""
        number = len(self.steps)
        self.append((FORK, number, self.found.pop()))
        self.tasks.extend([(self.write, child, None)] * max(least - 1, 0))
        self.tasks.append((self.turn, number, least))
        self.ask(child, number)

    def turn(self, number: int, least: int) -> None:
        """Closes a loop; when it must be gone around at least once, it begins with its body."""
        body = self.found.pop()
        self.steps[number] = (FORK, body, self.steps[number][2])
        self.found.append(body if least else number)


def in_order(steps: list[Step], start: int) -> list[Step]:
    """The steps that can be reached, in the order in which they are."""
    numbers = {start: 0}
    order = [start]
    for number in order:
        for following in ways(steps[number]):
            if following not in numbers:
                numbers[following] = len(order)
                order.append(following)
    return [renumbered(steps[number], numbers) for number in order]


def ways(step: Step) -> tuple[int, ...]:
    """The steps that may come next."""
    return step[1:] if step[0] == FORK else step[2:]


def renumbered(step: Step, numbers: dict[int, int]) -> Step:
    """A step whose ways lead to other numbers."""
    kept = 1 if step[0] == FORK else 2
    return (*step[:kept], *(numbers[number] for number in step[kept:]))
