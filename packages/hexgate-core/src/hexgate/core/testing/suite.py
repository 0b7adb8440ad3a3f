"""What a suite file says, as frozen values: policies, the calls that are made under them, and what is wanted of each answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hexgate.core.decision import ENGINE_MEANINGS
from hexgate.core.identity import User
from hexgate.core.policy import Policy
from hexgate.core.text import Span

__all__ = ["CODES", "EXPECTED_KEYS", "Case", "Origin", "Suite", "SuiteFile", "WantedMistake"]

CODES = tuple(ENGINE_MEANINGS)
EXPECTED_KEYS = ("outcome", "code", "violations", "deciding_role", "monitor", "approvers", "line")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the policy of a suite comes from: a path, a text, or the texts of role files by their names."""

    path: Path | None = None
    text: str | None = None
    files: tuple[tuple[str, str], ...] = ()

    def load(self) -> Policy:
        """The policy. Its mistakes are raised, all at once."""
        if self.path is not None:
            # A file may be called `-`: standard input is nothing that a file of suites can name.
            return Policy.load(self.path if str(self.path) != "-" else self.path.absolute())
        return Policy.from_files(dict(self.files)) if self.text is None else Policy.from_text(self.text)


@dataclass(frozen=True, slots=True)
class Case:
    """One call and what is wanted of its answer: only the keys of `wanted` are compared."""

    name: str
    tool: str
    arguments: Mapping[str, Any] | str
    user: User
    wanted: Mapping[str, Any]
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class WantedMistake:
    """A mistake that a policy must have: its code, and its place and suggestion where they were written."""

    code: str
    line: int | None = None
    column: int | None = None
    suggest: str | None = None


@dataclass(frozen=True, slots=True)
class Suite:
    """A policy with cases, or one with all the mistakes that it must be refused for (`mistakes` is None for a suite of cases)."""

    name: str
    origin: Origin
    cases: tuple[Case, ...] = ()
    mistakes: tuple[WantedMistake, ...] | None = None
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class SuiteFile:
    """One file of suites."""

    name: str
    suites: tuple[Suite, ...]
