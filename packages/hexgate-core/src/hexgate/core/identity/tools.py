"""Names and beginnings of names in, the tools that a caller was handed out: what a delegated caller may ask for at all.

# INVARIANT: `within` admits what both lists admit, and nothing else; no list of tools is ever made longer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hexgate.core.errors import UserError

__all__ = ["MOST_TOOLS", "Tools"]

MOST_TOOLS = 256
LONGEST_NAME = 1024
HELP = "write names of tools, or the beginning of names with a `*` at the end such as `mcp-github-*`"


@dataclass(frozen=True, slots=True)
class Tools:
    """Exact names, and prefixes of names; no entry says what another says already."""

    names: frozenset[str]
    prefixes: tuple[str, ...]

    @classmethod
    def of(cls, names: Iterable[str], prefixes: Iterable[str]) -> Tools:
        """The shortest list that admits the same."""
        kept: list[str] = []
        for prefix in sorted(set(prefixes)):
            # What begins with a shorter prefix stands right behind it.
            if not kept or not prefix.startswith(kept[-1]):
                kept.append(prefix)
        shortest = tuple(kept)
        return cls(frozenset(name for name in names if not name.startswith(shortest)), shortest)

    @classmethod
    def listed(cls, tools: Iterable[str]) -> Tools:
        """The tools that somebody listed; a list that cannot be meant so is an error."""
        entries = entries_of(tools)
        return cls.of(
            (entry for entry in entries if not entry.endswith("*")),
            (entry[:-1] for entry in entries if entry.endswith("*")),
        )

    def admit(self, tool: str) -> bool:
        """The tool is one of them."""
        return tool in self.names or tool.startswith(self.prefixes)

    def within(self, other: Tools | None) -> Tools:
        """The tools that both admit; None admits every tool."""
        if other is None:
            return self
        names = [name for name in self.names if other.admit(name)] + [name for name in other.names if self.admit(name)]
        return Tools.of(names, shared(self.prefixes, other.prefixes))

    def __iter__(self) -> Iterator[str]:
        """The entries as somebody would list them."""
        return iter([*sorted(self.names), *(f"{prefix}*" for prefix in self.prefixes)])


def shared(left: tuple[str, ...], right: tuple[str, ...]) -> list[str]:
    """The prefixes of one side that begin with one of the other: what begins with both begins with the longer."""
    return [prefix for prefix in left if prefix.startswith(right)] + [p for p in right if p.startswith(left)]


def entries_of(tools: Iterable[str]) -> tuple[str, ...]:
    """The entries, each a name or a prefix with a star."""
    if isinstance(tools, str) or not isinstance(tools, Iterable):
        raise UserError("HX521", "`tools` must be several names, not one text", help="write `tools=[…]`")
    entries = tuple(dict.fromkeys(map(entry_of, tools)))
    if not 0 < len(entries) <= MOST_TOOLS:
        raise UserError("HX521", f"`tools` must hold 1 to {MOST_TOOLS} entries, not {len(entries)}", help=HELP)
    return entries


def entry_of(entry: object) -> str:
    """One entry as a text that can be written down."""
    if not isinstance(entry, str) or not 0 < len(entry) <= LONGEST_NAME:
        raise UserError("HX521", f"an entry of `tools` must be a text of 1 to {LONGEST_NAME:,} characters", help=HELP)
    if entry == "*" or "*" in entry[:-1] or any("\ud800" <= char <= "\udfff" for char in entry):
        raise UserError("HX521", f"`{entry:.80}` names no tool and no beginning of a name", help=HELP)
    return str(entry)
