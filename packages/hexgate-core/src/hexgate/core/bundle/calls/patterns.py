r"""A pattern of RE2 in, texts that it is likely to find itself in out; whoever wants to be sure asks the compiled pattern.

The pattern is read as literals, classes, groups, alternatives and repeats. What stands only for a place (`^`, `\b`) or for a flag
gives no text. No pattern is a mistake here: what is not understood is taken for itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from hexgate.core.bundle.calls.chance import Chance
from hexgate.core.expr.patterns import compile_pattern

__all__ = ["samples"]

Sample = Callable[[Chance], str]
TRIES = 24
KEPT = 6
FEW = 3
# Groups within groups; what is deeper has no text.
DEEPEST = 60

WORDS = "aZ0_"
CLASSES = {"d": "059", "w": WORDS, "s": " \t\n", "D": "a-\u00e9", "W": "-. \u00e9", "S": "aZ0-\u00e9"}
POSIX = {
    "alpha": "aZ",
    "digit": "059",
    "alnum": "aZ0",
    "upper": "AZ",
    "lower": "az",
    "space": " \t\n\v",
    "blank": " \t",
    "punct": "!-_~",
    "xdigit": "0aF",
    "word": WORDS,
    "cntrl": "\x00\x7f",
    "graph": "!a~",
    "print": " a~",
    "ascii": "a\x00",
}
PLACES = "AbBzZQE"
CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}
# What a class that is turned round may still hold.
ALPHABET = "aZ0_ -.!/@\n\t\u00e9\u4e2d\U0001f600"
REPEAT = re.compile(r"\{([0-9]+)(,?)([0-9]*)\}")
FLAGS = re.compile(r"\?(?:P?<[^>]*>|[a-zA-Z-]*:?)")
HEXADECIMAL = re.compile(r"x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))")
UNICODE = re.compile(r"[pP](?:\{[^}]*\}|.)")
QUOTED = re.compile(r"Q(.*?)(?:\\E|\Z)", re.DOTALL)
OCTAL = re.compile(r"[0-7]{1,3}")


@lru_cache(maxsize=4096)
def samples(pattern: str) -> tuple[str, ...]:
    """A few texts in which the pattern is found, the shortest first; none where none was thought of."""
    sample, chance, search = Reader(pattern).alternatives(), Chance(pattern), compile_pattern(pattern).search
    texts = sorted({sample(chance) for _ in range(TRIES)} | {"", "a", "0"}, key=lambda text: (len(text), text))
    return tuple([text for text in texts if search(text.encode()) is not None][:KEPT])


class Reader:
    """Reads a pattern from left to right."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.depth = 0

    def next(self) -> str:
        """The next character, which is then read; nothing at the end."""
        self.at += 1
        return self.pattern[self.at - 1 : self.at]

    def takes(self, expected: re.Pattern[str]) -> re.Match[str] | None:
        """What stands here, read, if it is as expected."""
        match = expected.match(self.pattern, self.at)
        self.at = match.end() if match else self.at
        return match

    def alternatives(self) -> Sample:
        """`a|b`, to the end or to the parenthesis that closes it, which is read."""
        found: list[list[Sample]] = [[]]
        while char := self.next():
            if char == ")":
                break
            if char == "|":
                found.append([])
            elif (part := self.part(char)) is not None:
                found[-1].append(self.repeated(part))
        return lambda chance: "".join(part(chance) for part in chance.pick(found))

    def part(self, char: str) -> Sample | None:
        """What one character begins; nothing for a place."""
        if char in "^$":
            return None
        if char == "(":
            flags = self.takes(FLAGS)
            closed = flags is not None and not flags[0].endswith((":", ">"))
            if closed:
                self.at += 1
                return None
            return self.group()
        if char == "[":
            return self.bracket()
        if char == ".":
            return one_of(ALPHABET.replace("\n", ""))
        return self.escape() if char == "\\" else one_of(char)

    def group(self) -> Sample | None:
        """What stands in parentheses."""
        if self.depth == DEEPEST:
            return None
        self.depth += 1
        inner = self.alternatives()
        self.depth -= 1
        return inner

    def escape(self) -> Sample | None:
        """What stands behind a backslash."""
        quoted = self.takes(QUOTED)
        if quoted is not None:
            return one_of_texts([quoted[1]])
        if self.pattern[self.at : self.at + 1] in PLACES:
            self.at += 1
            return None
        return one_of(self.escaped())

    def escaped(self) -> str:
        """The characters that an escape may stand for."""
        if (match := self.takes(HEXADECIMAL)) is not None:
            return chr(min(int(match[1] or match[2], 16), 0x10FFFF))
        if (match := self.takes(UNICODE)) is not None:
            return "\u00e9A\u03b1" if match[0][0] == "p" else "0-"
        if (match := self.takes(OCTAL)) is not None:
            return chr(int(match[0], 8))
        char = self.next()
        return CLASSES.get(char) or CONTROLS.get(char, char)

    def bracket(self) -> Sample:
        """`[a-z]` and its like; of a range both ends."""
        turned = self.pattern[self.at : self.at + 1] == "^"
        self.at += turned
        found = self.member()
        while self.at < len(self.pattern) and self.pattern[self.at] != "]":
            if self.pattern[self.at] == "-" and self.pattern[self.at + 1 : self.at + 2] not in ("]", ""):
                self.at += 1
                first, last = found[-1:], self.member()
                found += range_between(first, last)
            else:
                found += self.member()
        self.at += 1
        if turned:
            found = "".join(char for char in ALPHABET if char not in found)
        return one_of(found)

    def member(self) -> str:
        """One member of a bracket."""
        posix = re.compile(r"\[:\^?([a-z]+):\]").match(self.pattern, self.at)
        if posix is not None:
            self.at = posix.end()
            return POSIX.get(posix[1], "a")
        char = self.next()
        return self.escaped() if char == "\\" else char

    def repeated(self, part: Sample) -> Sample:
        """The part as often as the sign behind it says, and a little more than it must."""
        least, most = 1, 1
        match = self.takes(REPEAT)
        if match is not None:
            least = int(match[1])
            most = min(int(match[3] or least + FEW), least + FEW) if match[2] else least
        elif self.pattern[self.at : self.at + 1] in ("*", "+", "?"):
            sign = self.next()
            least, most = {"*": (0, FEW), "+": (1, FEW), "?": (0, 1)}[sign]
        if self.pattern[self.at : self.at + 1] == "?" and (least, most) != (1, 1):
            self.at += 1
        if (least, most) == (1, 1):
            return part
        return lambda chance: "".join(part(chance) for _ in range(least + chance.below(most - least + 1)))


def one_of(chars: str) -> Sample:
    """Any of some characters that a text can hold."""
    usable = [char for char in chars if not "\ud800" <= char <= "\udfff"]
    return one_of_texts(usable or [""])


def one_of_texts(texts: list[str]) -> Sample:
    """Any of some texts."""
    return lambda chance: chance.pick(texts)


def range_between(first: str, last: str) -> str:
    """The end of a range and what lies in its middle; a range over the half pairs has no text for them."""
    middle = chr((ord(first or last[0]) + ord(last[0])) // 2)
    return last + ("" if "\ud800" <= middle <= "\udfff" else middle)
