"""Records as a process writes them: lines of a stream, each with the link of the one before it."""

import gzip
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hexgate.core.audit.lines import BEGINNING, encoded, line_of
from tests.platform.people import Clock
from tests.platform.projects import Project

__all__ = ["Stream", "send"]


@dataclass
class Stream:
    """What one process has written."""

    clock: Clock
    name: str = "20261101T115000Z-0123456789abcdef"
    lines: list[bytes] = field(default_factory=list)
    link: str = BEGINNING

    def add(self, kind: str, *, ago: float = 0.0, **fields: Any) -> bytes:
        """One more record, so many seconds before now."""
        at: datetime = self.clock() - timedelta(seconds=ago)
        body = encoded({"kind": kind, "at": at.isoformat(timespec="microseconds"), **fields})
        line, self.link = line_of(self.name, len(self.lines) + 1, self.link, body)
        self.lines.append(line)
        return line

    def decide(self, outcome: str = "allow", *, id: str | None = None, **fields: Any) -> str:
        """A decision, whose id is given back."""
        id = id or f"{self.name[-4:]}{len(self.lines):028d}"
        said = {"agent": "shop", "tool": "refund_order", "user_id": "alice", "roles": ["billing"], **fields}
        code = {"allow": "allowed", "deny": "constraint_failed"}.get(outcome, outcome)
        self.add("decided", id=id, outcome=outcome, code=code, deciding_role="billing", **said)
        return id

    def settle(self, id: str, status: str = "ran", *, ago: float = 0.0) -> None:
        """What happened then."""
        self.add("settled", ago=ago, id=id, status=status, milliseconds=1.5)


def send(project: Project, lines: list[bytes], *, packed: bool = True) -> Any:
    """A batch of these lines."""
    body = b"".join(lines)
    headers = {"Authorization": f"Bearer {project.token}", "Content-Type": "application/x-ndjson"}
    if packed:
        body, headers["Content-Encoding"] = gzip.compress(body), "gzip"
    return project.api.post("/v1/audit/events:batch", content=body, headers=headers)
