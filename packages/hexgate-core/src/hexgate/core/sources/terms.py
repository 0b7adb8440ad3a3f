"""On what terms a program is taken: for which agent, and who has to vouch for it."""

from __future__ import annotations

from dataclasses import dataclass

from hexgate.core.sources.settings import Settings

__all__ = ["Terms"]


@dataclass(frozen=True, slots=True)
class Terms:
    """The agent and the project that a program must be meant for, and what the environment demands of signatures."""

    agent: str
    project: str | None
    settings: Settings
