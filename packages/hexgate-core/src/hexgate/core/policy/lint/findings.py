"""What the linter has to say: findings with a code, a severity and a place, as text and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal as OneOf

from hexgate.core.errors import Mistake
from hexgate.core.policy.lint.survey import Survey
from hexgate.core.text import Span

__all__ = ["Finding", "LintRule", "Remark", "Severity", "render"]

Severity = OneOf["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Remark:
    """What a rule found: what is wrong, what to do about it, and where. The severity is the rule's, unless it says another."""

    message: str
    help: str
    span: Span | None
    path: str
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class LintRule:
    """One thing that the linter looks for. `summary` is a sentence for the list of rules."""

    code: str
    name: str
    severity: Severity
    summary: str
    find: Callable[[Survey], Iterator[Remark]]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing in a policy that does what was written, and hardly what was meant."""

    code: str
    severity: Severity
    message: str
    help: str
    span: Span | None = None
    path: str = ""

    def __str__(self) -> str:
        return self.render()

    def render(self) -> str:
        """The place, the severity and the message, the line with carets, and the help."""
        return Mistake(self.code, f"{self.severity}: {self.message}", self.help, self.span, self.path).render()

    def as_dict(self) -> dict[str, object]:
        """The finding as JSON knows it."""
        mistake = Mistake(self.code, self.message, self.help, self.span, self.path)
        return {"severity": self.severity, **mistake.as_dict()}


def render(findings: Iterable[Finding]) -> str:
    """All findings as one text, an empty line between two of them."""
    return "\n\n".join(finding.render() for finding in findings)
