"""What a gate is set up with: who decides, who is asked before and after, who approves, who is banned, who keeps the record."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from hexgate.core.call import ToolCall
from hexgate.core.decision import Decision
from hexgate.core.gate.approvals import ANSWER_SECONDS, ApprovalHandler, ApprovalStore, Approver
from hexgate.core.gate.bans import BanGate
from hexgate.core.gate.guards import Guard
from hexgate.core.gate.records import NoRecord, Recorder
from hexgate.core.identity import User

__all__ = ["Setting"]


def utc_day() -> date:
    """Today, as policies count days."""
    return datetime.now(UTC).date()


@dataclass(frozen=True, slots=True)
class Setting:
    """The parts of one gate; it never changes, and every call reads it once."""

    decide: Callable[[ToolCall, User | None], Decision]
    guards: tuple[Guard, ...] = ()
    handler: ApprovalHandler | Approver | None = None
    store: ApprovalStore | None = None
    answer_seconds: float = ANSWER_SECONDS
    recorder: Recorder = field(default_factory=NoRecord)
    bans: BanGate | None = None
    project: str | None = None
    now: Callable[[], float] = time.time
    today: Callable[[], date] = utc_day

    def guards_of(self, when: str, tool: str) -> Iterable[Guard]:
        """The guards that are asked about a tool at a time."""
        return [guard for guard in self.guards if guard.when == when and guard.watches(tool)]
