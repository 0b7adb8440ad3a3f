"""What a part of the doctor has found: facts that it shows, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from hexgate.core.errors import HexgateError, Mistake, MistakesError

__all__ = ["Finding", "Section", "mistakes_of"]

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong, or as somebody will hardly want it, with what to do about it."""

    severity: Severity
    mistake: Mistake

    def as_dict(self) -> dict[str, Any]:
        """The finding as JSON knows it."""
        return {"severity": self.severity, **self.mistake.as_dict()}


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the report: facts for people, the same as data for machines, and findings."""

    name: str
    facts: tuple[tuple[str, str], ...]
    data: Mapping[str, Any]
    findings: tuple[Finding, ...] = field(default=())


def mistakes_of(error: HexgateError) -> tuple[Finding, ...]:
    """Why something could not be had, as findings."""
    if isinstance(error, MistakesError):
        return tuple(Finding("error", mistake) for mistake in error.mistakes)
    return (Finding("error", Mistake(error.code, error.message, error.help, error.span)),)
