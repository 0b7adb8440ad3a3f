"""A page of the documentation in, its blocks out: fenced code and tables, each with the note that readers do not see.

A note is an HTML comment on the line before a block: `<!-- file: policy.yaml -->`. tests/end_to_end/blocks.py says what each means.

    <!-- include: ../../README.md -->      what stands between these two lines is replaced by the page that is named,
    <!-- end include -->                   without its title; a code host, which includes nothing, shows what stands there
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from os.path import relpath
from pathlib import Path

__all__ = ["ROOT", "Block", "Page", "page", "pages"]

ROOT = Path(__file__).parents[2]
# Decisions and the changelog's fragments are not written for users; each decision is verified by its own last command.
OTHERS = ("docs/decisions/", "docs/changes/")
NOTE = re.compile(r"<!-- ([a-z]+(?: [a-z]+)*)(?:: (.+?))? -->\s*\Z")
FENCE = re.compile(r"(\s*)```(\w*)\s*\Z")
INCLUDE = re.compile(r"^<!-- include: (\S+) -->\n.*?^<!-- end include -->\n", re.MULTILINE | re.DOTALL)
TITLE = re.compile(r"\A# .*\n+")
LINK = re.compile(r"\]\((?![a-z]+:|#)([^)\s#]+)")


@dataclass
class Block:
    """One fenced block, or one table (its language is `table`)."""

    line: int
    language: str
    text: str
    note: str = ""
    value: str = ""
    # The lines of the page that hold the text, for whoever writes what was printed into it.
    span: tuple[int, int] = (0, 0)


@dataclass
class Page:
    """One page with its includes resolved."""

    path: Path
    text: str = field(repr=False)

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def blocks(self) -> list[Block]:
        return list(blocks_of(self.text.splitlines()))


def pages() -> list[Page]:
    """The README and every page of the docs."""
    found = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [page(path) for path in found if not path.relative_to(ROOT).as_posix().startswith(OTHERS)]


def page(path: Path) -> Page:
    """One page."""
    return Page(path, resolved(path))


def resolved(path: Path) -> str:
    """The text of a page, with the pages that it includes in their place."""

    def included(match: re.Match[str]) -> str:
        target = (path.parent / match[1]).resolve()
        return rebased(TITLE.sub("", resolved(target)), target.parent, path.parent)

    return INCLUDE.sub(included, path.read_text(encoding="utf-8"))


def rebased(text: str, before: Path, after: Path) -> str:
    """A text whose relative links lead to the same places from another folder."""
    return LINK.sub(lambda match: f"]({Path(relpath(before / match[1], after)).as_posix()}", text)


def blocks_of(lines: list[str]) -> Iterator[Block]:
    """The blocks of a page in their order."""
    number = 0
    while number < len(lines):
        fence = FENCE.match(lines[number])
        if fence:
            end = next(i for i in range(number + 1, len(lines)) if lines[i].strip() == "```")
            yield block(lines, number, (number + 1, end), fence[2])
        elif lines[number].startswith("|"):
            end = next((i for i in range(number, len(lines)) if not lines[i].startswith("|")), len(lines))
            yield block(lines, number, (number, end), "table")
        else:
            end = number
        number = end + 1


def block(lines: list[str], first: int, span: tuple[int, int], language: str) -> Block:
    """A block with the note before it."""
    note = NOTE.match(lines[first - 1]) if first else None
    text = "".join(f"{line}\n" for line in lines[span[0] : span[1]])
    return Block(first + 1, language, text, note[1] if note else "", (note[2] or "") if note else "", span)
