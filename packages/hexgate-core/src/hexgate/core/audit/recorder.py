"""The record of a gate: each passage becomes two events, which go to the spool and to the other sinks.

# INVARIANT: with `audit="required"` no tool runs whose decision is not in the spool. Nothing else that fails here stops a call.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from typing import Any, Literal

from hexgate.core.audit.event import Event, decided, settled
from hexgate.core.audit.redact import Redaction
from hexgate.core.audit.sinks import CallableSink, Sink
from hexgate.core.audit.spool import Spool
from hexgate.core.errors import AuditError
from hexgate.core.gate.passage import Passage

__all__ = ["Audit", "Mode"]

log = logging.getLogger("hexgate.audit")
Mode = Literal["required", "best_effort"]
# A disk that is full fails every call; the log hears of it now and then.
SECONDS_BETWEEN_REPORTS = 60.0


class Audit:
    """Keeps the record of calls."""

    def __init__(
        self,
        spool: Spool | None = None,
        sinks: Iterable[Sink | Callable[[dict[str, Any]], object]] = (),
        *,
        mode: Mode = "best_effort",
        redaction: Redaction | None = None,
        project: str | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        if mode not in ("required", "best_effort"):
            raise AuditError("HX903", f"the record is kept `required` or `best_effort`, not `{mode}`")
        if mode == "required" and spool is None:
            raise AuditError(
                "HX903", "a record that is required needs a spool", help="give `Audit` a `Spool(directory)`"
            )
        self.spool = spool
        self.sinks = tuple(sink if isinstance(sink, Sink) else CallableSink(sink) for sink in sinks)
        self.mode = mode
        self.redaction = redaction or Redaction()
        self.project = project
        self.now = now
        # Events that the spool or a sink did not take, since the start of the process.
        self.failed = 0
        self.reported_at: dict[int, float] = {}

    def reserve(self, passage: Passage) -> str:
        """Keeps the decision. Raises an AuditError when a record that is required cannot be kept."""
        event = decided(passage, self.now(), project=self.project, redaction=self.redaction)
        self.keep(event, required=self.mode == "required")
        return event.id

    def settle(self, ticket: str | None, passage: Passage) -> None:
        """Keeps what happened to a call whose decision was kept."""
        if ticket is not None:
            self.keep(settled(passage, ticket, self.now()), required=False)

    def keep(self, event: Event, *, required: bool) -> None:
        """Gives an event to the spool and then to the other sinks."""
        if self.spool is not None:
            try:
                self.spool.write(event)
            except AuditError as error:
                self.report(self.spool, error)
                if required:
                    raise
        for sink in self.sinks:
            try:
                sink.write(event)
            except Exception as error:  # noqa: BLE001 -- a sink is anyone's code, and the spool has the event
                self.report(sink, error)

    def report(self, sink: Sink, error: Exception) -> None:
        """Counts an event that was not taken, and says so if that was not said a moment ago."""
        self.failed += 1
        now = self.now()
        if now - self.reported_at.get(id(sink), -SECONDS_BETWEEN_REPORTS) >= SECONDS_BETWEEN_REPORTS:
            self.reported_at[id(sink)] = now
            log.error("%s did not take an event (%d in all): %s", type(sink).__name__, self.failed, error)

    def close(self) -> None:
        """Seals the stream of this process."""
        if self.spool is not None:
            self.spool.close()
