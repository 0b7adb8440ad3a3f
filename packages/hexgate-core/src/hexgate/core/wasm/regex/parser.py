r"""The text of a pattern in, its tree out: RE2's syntax with the options that the native engine gives RE2.

Texts are read as UTF-8, `^` and `$` are the ends of the text unless `(?m)`, `.` is no line feed unless `(?s)`; `\d \s \w \b` are
ASCII. What RE2 refuses is a `ValueError` here. `\C`, half of a character, is refused too.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from hexgate.core.wasm.regex.classes import read_class
from hexgate.core.wasm.regex.escapes import character, group
from hexgate.core.wasm.regex.nodes import ASSERT, Nodes
from hexgate.core.wasm.regex.ranges import EVERY, complement
from hexgate.core.wasm.regex.unicode import group_named, orbit_of

__all__ = ["BEGIN_LINE", "BEGIN_TEXT", "BOUNDARY", "END_LINE", "END_TEXT", "INSIDE", "parse"]

# The places between characters, bits as `regex.c` has them.
BEGIN_TEXT, END_TEXT, BEGIN_LINE, END_LINE, BOUNDARY, INSIDE = 1, 2, 4, 8, 16, 32

FOLDING, LINES, DOT_ALL, LAZY = 1, 2, 4, 8
FLAGS = {"i": FOLDING, "m": LINES, "s": DOT_ALL, "U": LAZY}
MOST_REPEATS = 1000
NOT_A_LINE_FEED = complement(((0x0A, 0x0A),))

COUNTED = re.compile(r"\{(0|[1-9][0-9]{0,8})(?:(,)(0|[1-9][0-9]{0,8})?)?\}")
LOOKS_AROUND = re.compile(r"\(\?<?[=!]")
NAMED = re.compile(r"\(\?P?<([^>]*)>")
SWITCHED = re.compile(r"\(\?([imsU]*)(?:(-)([imsU]+))?([:)])")
PLACES = {"\\A": BEGIN_TEXT, "\\z": END_TEXT, "\\b": BOUNDARY, "\\B": INSIDE}
SIMPLE_REPEATS: dict[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}
# General categories of what the name of a group is made of.
NAMING = ("Lu", "Ll", "Lt", "Lm", "Lo", "Nl", "Mn", "Mc", "Nd", "Pc")


@dataclass(slots=True)
class Group:
    """An open group: the flags that hold again behind it, the options that are read, and the parts of the one that is not.

    With each part stands how often it repeats what it repeats most, repeats within repeats multiplied.
    """

    flags: int
    options: list[int] = field(default_factory=list)
    parts: list[tuple[int, int]] = field(default_factory=list)
    largest: int = 1


def parse(pattern: str, nodes: Nodes) -> int:
    """The node of a pattern."""
    return Parser(pattern, nodes).run()


class Parser:
    """Reads one pattern from its beginning to its end; `stack` holds the groups that are open."""

    def __init__(self, text: str, nodes: Nodes) -> None:
        self.text = text
        self.nodes = nodes
        self.at = 0
        self.flags = 0
        self.stack = [Group(0)]
        self.repeated_at = -1

    def run(self) -> int:
        while self.at < len(self.text):
            letter = self.text[self.at]
            HANDLERS.get(letter, Parser.literal)(self)
        if len(self.stack) > 1:
            raise ValueError("a group is not closed")
        return self.close()[0]

    def push(self, node: int, end: int, largest: int = 1) -> None:
        """Adds a part, which ends here."""
        self.stack[-1].parts.append((node, largest))
        self.at = end

    def point(self, point: int, end: int) -> None:
        """Adds one character, which stands for its whole letter where case is folded."""
        points = orbit_of(point) if self.flags & FOLDING else (point,)
        self.push(self.nodes.set(tuple(sorted((one, one) for one in points))), end)

    def literal(self) -> None:
        self.point(ord(self.text[self.at]), self.at + 1)

    def dot(self) -> None:
        self.push(self.nodes.set(EVERY if self.flags & DOT_ALL else NOT_A_LINE_FEED), self.at + 1)

    def caret(self) -> None:
        self.push(self.nodes.add(ASSERT, BEGIN_LINE if self.flags & LINES else BEGIN_TEXT), self.at + 1)

    def dollar(self) -> None:
        self.push(self.nodes.add(ASSERT, END_LINE if self.flags & LINES else END_TEXT), self.at + 1)

    def bracket(self) -> None:
        ranges, end = read_class(self.text, self.at, bool(self.flags & FOLDING))
        self.push(self.nodes.set(ranges), end)

    def backslash(self) -> None:
        pair = self.text[self.at : self.at + 2]
        if pair in PLACES:
            self.push(self.nodes.add(ASSERT, PLACES[pair]), self.at + 2)
        elif pair == "\\Q":
            self.quoted()
        elif (named := group(self.text, self.at, bool(self.flags & FOLDING))) is not None:
            self.push(self.nodes.set(named[0]), named[1])
        else:
            self.point(*character(self.text, self.at))

    def quoted(self) -> None:
        r"""`\Q…\E`, the second of which may be missing."""
        end = self.text.find("\\E", self.at + 2)
        inner = self.text[self.at + 2 : end] if end >= 0 else self.text[self.at + 2 :]
        for letter in inner:
            self.point(ord(letter), self.at)
        self.at = end + 2 if end >= 0 else len(self.text)

    def simple_repeat(self) -> None:
        self.repeat(*SIMPLE_REPEATS[self.text[self.at]], self.at + 1)

    def counted_repeat(self) -> None:
        """`{n}`, `{n,}` or `{n,m}`; any other brace is itself."""
        match = COUNTED.match(self.text, self.at)
        if match is None:
            return self.literal()
        least = int(match[1])
        most = int(match[3]) if match[3] else None if match[2] else least
        if max(least, most or 0) > MOST_REPEATS or (most is not None and most < least):
            raise ValueError(f"`{match[0]}` repeats too often, or less than nothing")
        return self.repeat(least, most, match.end())

    def repeat(self, least: int, most: int | None, end: int) -> None:
        """Repeats the last part. RE2 counts the repeats that stand within each other, when they are two at least."""
        parts = self.stack[-1].parts
        if self.at == self.repeated_at or not parts:
            raise ValueError(f"there is nothing to repeat before `{self.text[self.at : end]}`")
        child, largest = parts.pop()
        counted = self.text[self.at] == "{"
        if counted:
            largest *= (least if most is None else most) or 1
            if max(least, most or 0) > 1 and largest > MOST_REPEATS:
                raise ValueError(
                    f"with `{self.text[self.at : end]}` a part is repeated more than {MOST_REPEATS:,} times"
                )
        end += self.text[end : end + 1] == "?"
        self.push(self.nodes.repeat(child, least, most), end, largest)
        self.repeated_at = end

    def bar(self) -> None:
        self.next_option()
        self.at += 1

    def next_option(self) -> None:
        """Ends an option of the innermost group."""
        inner = self.stack[-1]
        inner.options.append(self.nodes.cat(node for node, _ in inner.parts))
        inner.largest = max([inner.largest, *(largest for _, largest in inner.parts)])
        inner.parts = []

    def close(self) -> tuple[int, int]:
        """The node of the innermost group, which ends, and its repeats."""
        self.next_option()
        inner = self.stack.pop()
        self.flags = inner.flags
        return self.nodes.any_of(inner.options), inner.largest

    def opening(self) -> None:
        end = self.at + 1
        if self.text.startswith("(?", self.at):
            return self.special_group()
        self.stack.append(Group(self.flags))
        self.at = end
        return None

    def closing(self) -> None:
        if len(self.stack) == 1:
            raise ValueError("a `)` closes nothing")
        node, largest = self.close()
        self.push(node, self.at + 1, largest)

    def special_group(self) -> None:
        """`(?P<name>`, `(?<name>`, `(?flags:` or `(?flags)`."""
        named = NAMED.match(self.text, self.at)
        if named is not None and LOOKS_AROUND.match(self.text, self.at) is None:
            if not is_name(named[1]):
                raise ValueError(f"`{named[1]}` is no name of a group")
            self.stack.append(Group(self.flags))
            self.at = named.end()
            return
        switched = SWITCHED.match(self.text, self.at)
        if switched is None:
            raise ValueError(f"there is no group `{self.text[self.at : self.at + 4]}`")
        if switched[4] == ":":
            self.stack.append(Group(self.flags))
        for flag in switched[1]:
            self.flags |= FLAGS[flag]
        for flag in switched[3] or "":
            self.flags &= ~FLAGS[flag]
        self.at = switched.end()


def is_name(name: str) -> bool:
    """Whether a group can have a name; it need not be the only one."""
    groups = [group_named(part) or () for part in NAMING]
    word = (any(first <= ord(letter) <= last for ranges in groups for first, last in ranges) for letter in name)
    return name != "" and all(word)


HANDLERS: dict[str, Callable[[Parser], None]] = {
    ".": Parser.dot,
    "^": Parser.caret,
    "$": Parser.dollar,
    "[": Parser.bracket,
    "\\": Parser.backslash,
    "*": Parser.simple_repeat,
    "+": Parser.simple_repeat,
    "?": Parser.simple_repeat,
    "{": Parser.counted_repeat,
    "|": Parser.bar,
    "(": Parser.opening,
    ")": Parser.closing,
}
