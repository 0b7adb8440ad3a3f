r"""The YAML text of a policy in, the same text with even indentation out: comments, quotes and the order of keys stay.

What changes is white space alone: two spaces a level, lists one level below their key, no spaces at the end of a line, one empty
line where there were several, `\n` at every end. The text of a constraint is never touched: violations and suites quote it.

# INVARIANT: what comes out reads equal to what went in. Where that cannot be had, what went in comes out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal as OneOf

import yaml

from hexgate.core.errors import PolicyError
from hexgate.core.policy.document import Document
from hexgate.core.policy.nodes import LOADER, from_text
from hexgate.core.policy.reader import read_document
from hexgate.core.text import Source

__all__ = ["format_text"]

INDENT = 2
FLOW_STARTS = (yaml.FlowMappingStartToken, yaml.FlowSequenceStartToken)
FLOW_ENDS = (yaml.FlowMappingEndToken, yaml.FlowSequenceEndToken)
NODES = (*FLOW_STARTS, yaml.ScalarToken, yaml.AnchorToken, yaml.AliasToken)
BLANK = " \t"
DASH = re.compile(r"-[ \t]+(?=[^ \t#])")

Kind = OneOf["mapping", "list", "bare"]


def format_text(text: str, name: str = "<policy>") -> str:
    r"""The tidied text of one file of a policy, whatever its form; its mistakes are raised as `PolicyError`.

    >>> print(format_text("tools:\n    search:   # everyone\n        mode: allow"), end="")
    tools:
      search:   # everyone
        mode: allow
    """
    source = Source(name, text.removeprefix("\ufeff"))
    before = document_of(source)
    tidied = "".join(f"{line}\n" for line in Tidying(source).lines())
    try:
        same = document_of(Source(name, tidied)) == before
    except PolicyError:
        same = False
    return tidied if same else text


def document_of(source: Source) -> Document:
    """What the text says, without regard to the files beside it: a parent may be one of those."""
    document, mistakes = read_document(from_text(source))
    if mistakes:
        raise PolicyError(mistakes)
    return document


@dataclass(slots=True)
class Line:
    """What is known of a line: which entries begin on it, and which line it moves with.

    An entry is a key, a dash, or a value that stands alone: its column, and the column that it gets.
    """

    entries: list[tuple[int, int]] = field(default_factory=list)
    # All blocks that are open here, for the comments that follow.
    blocks: list[tuple[int, int]] = field(default_factory=list)
    # A line in the middle of a value moves with the line on which the value begins.
    begun: int | None = None
    # In the middle of a text, the spaces at the end may mean something.
    verbatim: bool = False


class Tidying:
    """One pass over the tokens of a text, then one over its lines."""

    def __init__(self, source: Source) -> None:
        self.texts = source.lines if source.lines[-1] else source.lines[:-1]
        self.known = [Line() for _ in source.lines]
        # The open blocks by column and kind; `bare` is a list in the column of its key, which YAML does not announce.
        self.blocks: list[tuple[int, Kind]] = []
        self.flows: list[int] = []
        for token in yaml.scan(source.text, Loader=LOADER):
            self.take(token)

    def take(self, token: yaml.Token) -> None:
        """One token more."""
        line, column = token.start_mark.line, token.start_mark.column
        if isinstance(token, FLOW_ENDS):
            self.move_together(self.flows.pop(), line)
        elif not self.flows:
            self.take_block(token, line, column)
        if isinstance(token, FLOW_STARTS):
            self.flows.append(line)
        elif isinstance(token, yaml.ScalarToken):
            self.take_scalar(token)

    def take_block(self, token: yaml.Token, line: int, column: int) -> None:
        """A token outside of brackets and braces."""
        if isinstance(token, yaml.BlockMappingStartToken | yaml.BlockSequenceStartToken):
            self.blocks.append((column, "mapping" if isinstance(token, yaml.BlockMappingStartToken) else "list"))
        elif isinstance(token, yaml.BlockEndToken):
            self.end_bare_list()
            self.blocks.pop()
        elif isinstance(token, yaml.KeyToken):
            self.end_bare_list()
            self.enter(line, column, len(self.blocks) - 1)
        elif isinstance(token, yaml.BlockEntryToken):
            if self.blocks[-1][1] == "mapping":
                self.blocks.append((column, "bare"))
            self.enter(line, column, len(self.blocks) - 1)
        elif isinstance(token, NODES) and not self.known[line].entries:
            self.enter(line, column, len(self.blocks))

    def end_bare_list(self) -> None:
        """A list that YAML did not announce ends where its mapping goes on or ends."""
        if self.blocks[-1][1] == "bare":
            self.blocks.pop()

    def enter(self, line: int, column: int, level: int) -> None:
        """An entry at this place, `level` levels deep."""
        known = self.known[line]
        known.entries.append((column, INDENT * level))
        known.blocks = [(block[0], INDENT * depth) for depth, block in enumerate(self.blocks)]

    def take_scalar(self, token: yaml.ScalarToken) -> None:
        """A text, which may go over several lines."""
        first, last = token.start_mark.line, token.end_mark.line
        if token.style in ("|", ">"):
            last = self.end_of_block_text(first)
        elif last > first:
            self.known[first].verbatim = True
        self.move_together(first, last)
        for known in self.known[first + 1 : last + (token.style in ("|", ">"))]:
            known.verbatim = True

    def end_of_block_text(self, first: int) -> int:
        """The last line of a text behind `|` or `>`: all that is empty or further in than the block around it."""
        column = self.blocks[-1][0] if self.blocks else -1
        for number, text in enumerate(self.texts[first + 1 :], first + 1):
            if text.strip(" ") and indent_of(text) <= column:
                return number - 1
        return len(self.texts) - 1

    def move_together(self, first: int, last: int) -> None:
        """Lines that belong to the value which begins on the first of them."""
        for known in self.known[first + 1 : last + 1]:
            known.begun = first

    def lines(self) -> list[str]:
        """The tidied lines."""
        done: list[str] = []
        above = Line()
        for number, (text, known) in enumerate(zip(self.texts, self.known, strict=False)):
            if known.begun is not None:
                done.append(self.moved(number))
            elif known.entries:
                done.append(written(text, known))
                above = known
            elif text.lstrip(BLANK).startswith("#"):
                done.append(" " * self.column_of_comment(number, above) + text.strip(BLANK))
            elif text.strip(BLANK) or (done and done[-1]):
                done.append(text.rstrip(BLANK))
        while done and not done[-1] and self.known[len(self.texts) - 1].begun is None:
            done.pop()
        return done

    def moved(self, number: int) -> str:
        """A line in the middle of a value, as far to the side as the line on which the value begins."""
        text, known = self.texts[number], self.known[number]
        first = self.known[known.begun or 0]
        shift = first.entries[-1][1] - first.entries[-1][0] if first.entries else 0
        kept = text if known.verbatim else text.rstrip(BLANK)
        if shift < 0:
            return kept[min(-shift, indent_of(kept)) :]
        return " " * shift + kept if kept else kept

    def column_of_comment(self, number: int, above: Line) -> int:
        """Where a comment goes: with what follows if it stands in its column, else with the block above in its column."""
        column = indent_of(self.texts[number])
        below = next((known.entries[0] for known in self.known[number + 1 :] if known.entries), (0, 0))
        if column == below[0]:
            return below[1]
        return next((new for old, new in reversed(above.blocks) if old == column), below[1])


def indent_of(text: str) -> int:
    """How many spaces a line begins with."""
    return len(text) - len(text.lstrip(" "))


def written(text: str, known: Line) -> str:
    """A line with its entries, each one space behind the one before it."""
    starts = [column for column, _ in known.entries]
    pieces = [text[start:end] for start, end in zip(starts, [*starts[1:], None], strict=True)]
    # A value behind a dash moves up to it, a comment stays where it is.
    pieces[-1] = DASH.sub("- ", pieces[-1])
    joined = " ".join([*(piece.rstrip(BLANK) for piece in pieces[:-1]), pieces[-1]])
    return " " * known.entries[0][1] + (joined if known.verbatim else joined.rstrip(BLANK))
