"""What requests about the record say, and what is answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from hexgate.platform.kit.forms import Form

__all__ = [
    "ABucket",
    "ABurst",
    "ADecision",
    "AGap",
    "AStream",
    "Anomalies",
    "Buckets",
    "Count",
    "Decisions",
    "Kept",
    "NewDecision",
    "OneKept",
    "RefusedLine",
    "Streams",
    "Summary",
    "TheDecision",
    "TheStream",
]

Name = Annotated[str, Field(max_length=256)]


class RefusedLine(BaseModel):
    """A line of the batch that is not kept: its place, from 0 on, and why."""

    index: int
    reason: str


class Kept(BaseModel):
    """How many records are in the store, and which are refused for good."""

    accepted: int
    refused: list[RefusedLine]


class NewDecision(Form):
    """One decision of a program that keeps no record of its own."""

    event_id: Annotated[str | None, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")] = None
    at: datetime | None = None
    agent: Name
    tool: Annotated[str, Field(min_length=1, max_length=256)]
    outcome: Literal["allow", "deny", "approval_required"]
    code: Name = ""
    user_id: Name | None = None
    roles: Annotated[list[Name], Field(max_length=50)] = Field(default_factory=list)
    session_id: Name | None = None
    arguments: dict[str, Any] | None = None
    violations: Annotated[list[str], Field(max_length=50)] = Field(default_factory=list)


class OneKept(BaseModel):
    """The record is in the store."""

    event_id: str


class Count(BaseModel):
    """A name with how many decisions there were."""

    name: str
    decisions: int
    denied: int
    for_approval: int


class Summary(BaseModel):
    """What was decided in a stretch of time, and how calls ended."""

    since: datetime
    until: datetime
    decisions: int
    by_outcome: dict[str, int]
    by_status: dict[str, int]
    agents: list[Count]
    tools: list[Count]
    roles: list[Count]
    users: list[Count]


class ABucket(BaseModel):
    """A stretch of a time series."""

    at: datetime
    allow: int
    deny: int
    approval_required: int


class Buckets(BaseModel):
    """A time series, each stretch `seconds` long, those without a decision as well."""

    seconds: int
    buckets: list[ABucket]


class ADecision(BaseModel):
    """A decision in a list."""

    id: str
    at: datetime
    agent: str
    tool: str
    user_id: str | None
    roles: list[str]
    role: str | None
    outcome: str
    code: str
    status: str | None
    monitored: bool
    session_id: str | None


class Decisions(BaseModel):
    """A page of decisions, the newest first; `next` is the `after` of the next page."""

    decisions: list[ADecision]
    next: str | None


class TheDecision(BaseModel):
    """One decision: the record of it, what happened then, and where it stands in the record of its process."""

    decided: dict[str, Any]
    settled: dict[str, Any] | None
    stream: str
    seq: int


class AStream(BaseModel):
    """What came of one process. A stream that has not ended, and of which nothing comes, may be of a process that was killed."""

    stream: str
    records: int
    last: int
    missing: int
    is_ended: bool
    first_at: datetime
    last_at: datetime


class Streams(BaseModel):
    """Those with the newest records first."""

    streams: list[AStream]


class AGap(BaseModel):
    """Where a stream does not follow from what came before."""

    after: int
    before: int
    what: Literal["missing", "changed"]


class TheStream(BaseModel):
    """Every place where a stream has a gap, or a record that does not belong to the one before it."""

    stream: str
    gaps: list[AGap]


class ABurst(BaseModel):
    """Many more denials of one user than are usual for them."""

    user_id: str
    at: datetime
    seconds: int
    denied: int
    usual: float


class Anomalies(BaseModel):
    """The largest ones first."""

    bursts: list[ABurst]
