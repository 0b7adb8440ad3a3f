"""An explanation in, a tree for people out: each role, the rule that it found and why, each constraint and what it read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hexgate.core.engine import Explanation
from hexgate.core.engine.explain import RoleExplanation, Step
from hexgate.core.text.render import visible

__all__ = ["MARKS", "TreeLine", "tree_lines", "tree_text"]

MARKS = {"true": "✓", "false": "✗", "unknown": "?"}


@dataclass(frozen=True, slots=True)
class TreeLine:
    """One line: the branch before it, what is said, what it came to (None where no constraint is), what it read."""

    branch: str
    text: str
    truth: str | None = None
    values: tuple[str, ...] = ()

    @property
    def read(self) -> str:
        """What was read, and that nothing can be known from it: the only words for that."""
        values = ", ".join(self.values)
        if self.truth != "unknown":
            return values
        return f"{values}, so unknown" if values else "unknown"

    def __str__(self) -> str:
        mark = f"{MARKS[self.truth]} " if self.truth else ""
        return f"{self.branch}{mark}{self.text}{f'   {self.read}' if self.read else ''}"


def tree_text(explanation: Explanation) -> str:
    """The whole tree as one text; empty when no rule was asked."""
    return "\n".join(map(str, tree_lines(explanation)))


def tree_lines(explanation: Explanation) -> Iterator[TreeLine]:
    """The lines of the tree. Nothing in them can move a cursor or hide itself."""
    for role in explanation.roles:
        yield TreeLine("", role_line(role))
        yield TreeLine("└─ ", rule_line(role))
        yield from branches(role.checks, "   ")


def role_line(role: RoleExplanation) -> str:
    """The role, and what it was asked as when that is not its own name."""
    others = [name for name in role.asked_as if name != role.role]
    because = f" (the policy does not define {', '.join(f'`{visible(name)}`' for name in others)})" if others else ""
    return f"role `{visible(role.role)}`{because}"


def rule_line(role: RoleExplanation) -> str:
    """The rule, where it stands, and how it was found."""
    rule = role.rule
    if not rule.tool:
        return role.found_by
    place = f" at {visible(rule.document or '')}:{rule.line}" if rule.line else ""
    return f"rule `{visible(rule.tool)}`: {rule.mode}{place} — {visible(role.found_by)}"


def branches(steps: tuple[Step, ...], indent: str) -> Iterator[TreeLine]:
    """Steps and their parts, drawn below one another."""
    for step in steps:
        last = step is steps[-1]
        values = tuple(said(name, value) for name, value in step.values)
        yield TreeLine(f"{indent}{'└─ ' if last else '├─ '}", visible(step.text), step.truth, values)
        yield from branches(step.parts, f"{indent}{'   ' if last else '│  '}")


def said(name: str, value: str) -> str:
    """A fact and its value."""
    return f"{visible(name)} is missing" if value == "missing" else f"{visible(name)} = {visible(value)}"
