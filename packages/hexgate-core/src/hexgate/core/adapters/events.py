"""What happens in a run as one stream of events, whatever the framework: text as it comes, calls as the gate sees them.

A door tells the text, the blocks and the ends of a run; the gate tells the calls of tools and the approvals, since frameworks do
not agree on what the start of a call is. Whoever listens gets events with rising numbers.

# INVARIANT: every run_start has its run_end, every block_start its block_end and every tool_start its tool_end, also when
# something raises or the task is cancelled.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hexgate.core.gate.passage import Passage, Status
from hexgate.core.gate.records import Recorder

__all__ = ["EVENT_KINDS", "RunEvent", "Story"]

EVENT_KINDS = (
    *("run_start", "block_start", "block_delta", "block_end", "tool_start", "tool_update", "tool_end"),
    *("approval_requested", "run_end", "error"),
)


@dataclass(frozen=True, slots=True)
class RunEvent:
    """One thing that happened. `data` depends on the kind."""

    kind: str
    run_id: str
    root_run_id: str
    parent_run_id: str | None
    depth: int
    sequence: int
    event_id: str
    timestamp: float
    data: Mapping[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """The event as JSON knows it, its data beside the rest."""
        return {
            "kind": self.kind,
            "run_id": self.run_id,
            "root_run_id": self.root_run_id,
            "parent_run_id": self.parent_run_id,
            "depth": self.depth,
            "sequence": self.sequence,
            "event_id": self.event_id,
            "timestamp": self.timestamp,
            **self.data,
        }


@dataclass(slots=True, eq=False)
class Story:
    """Tells the events of one run to a listener, in their order, each start with its end."""

    tell: Callable[[RunEvent], None]
    run_id: str = field(default_factory=lambda: f"run-{uuid.uuid4().hex}")
    root_run_id: str | None = None
    parent_run_id: str | None = None
    depth: int = 0
    sequence: int = 0
    open: dict[str, dict[str, Any]] = field(default_factory=dict)
    blocks: int = 0
    block: str | None = None

    def event(self, kind: str, **data: Any) -> None:
        """Tells one event."""
        self.sequence += 1
        root = self.root_run_id or self.run_id
        now = time.time()
        place = (self.run_id, root, self.parent_run_id, self.depth, self.sequence)
        self.tell(RunEvent(kind, *place, f"{self.run_id}:{self.sequence}", now, data))

    def start(self, agent: str) -> None:
        """The run begins."""
        self.event("run_start", agent=agent)

    def text(self, delta: str, kind: str = "text") -> None:
        """More text of the model; a block of another kind is ended first."""
        if not delta:
            return
        if self.block != kind:
            self.end_block()
            self.block, self.blocks = kind, self.blocks + 1
            self.event("block_start", block=self.blocks, block_kind=kind)
        self.event("block_delta", block=self.blocks, text=delta)

    def end_block(self) -> None:
        """The block that is open ends."""
        if self.block is not None:
            self.block = None
            self.event("block_end", block=self.blocks)

    def end(self, *, status: str, output: Any = None) -> None:
        """The run ends, and with it what is still open."""
        self.end_block()
        for call_id in list(self.open):
            self.end_tool(call_id, status="cancelled")
        self.event("run_end", status=status, output=output)

    def fail(self, error: BaseException) -> None:
        """The run ends by an error; its words may hold what is nobody's business, its kind does not."""
        self.end_block()
        self.event("error", error=type(error).__name__)

    def end_tool(self, call_id: str, **data: Any) -> None:
        """A call of a tool ends, if it began."""
        call = self.open.pop(call_id, None)
        if call is not None:
            self.event("tool_end", **call, **data)

    def heard_by(self, recorder: Recorder) -> Recorder:
        """A recorder that keeps what another one keeps, and tells it here."""
        return Listener(recorder, self)


class Listener:
    """Tells the calls that pass the gate; the record comes first."""

    __slots__ = ("recorder", "story")

    def __init__(self, recorder: Recorder, story: Story) -> None:
        self.recorder = recorder
        self.story = story

    def reserve(self, passage: Passage) -> Any:
        """The call was decided."""
        ticket = self.recorder.reserve(passage)
        self.story.end_block()
        decision = passage.decided
        call = {"call_id": passage.call_id, "tool": passage.call.tool, "agent": passage.call.agent}
        if passage.status is Status.WAITING:
            self.story.event(
                "approval_requested", **call, reason=decision.note or decision.reason, approval_id=passage.approval_id
            )
        elif passage.call_id not in self.story.open:
            self.story.open[passage.call_id] = call
            self.story.event(
                "tool_start", **call, arguments=dict(passage.call.arguments), outcome=str(decision.outcome)
            )
        return ticket

    def settle(self, ticket: Any, passage: Passage) -> None:
        """What happened to the call."""
        self.recorder.settle(ticket, passage)
        refused = passage.decision is not None and passage.status is Status.REFUSED
        self.story.end_tool(
            passage.call_id,
            status=str(passage.status),
            code=None if passage.decision is None else passage.decision.code,
            result=passage.decided.for_model() if refused else passage.value,
            milliseconds=passage.milliseconds,
        )
