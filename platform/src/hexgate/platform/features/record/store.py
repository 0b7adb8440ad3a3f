"""All SQL on the record. Whatever comes twice counts once, and every question is about one project and some time.

# INVARIANT: what a caller says goes into a query as a parameter, never as text; every query that gives rows has a limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Literal

from hexgate.platform.features.record.lines import ENDED
from hexgate.platform.features.record.steps import TABLE
from hexgate.platform.kit.clickhouse import ClickHouse
from hexgate.platform.kit.scopes import ProjectScope

__all__ = ["Cursor", "Decided", "Dimension", "Filters", "RecordStore", "StreamSummary", "Window", "micros"]

Dimension = Literal["agent", "tool", "role", "user_id"]
MOST_TOP, MOST_STREAMS, MOST_GAPS, MOST_BURSTS, MOST_KINDS, MOST_BUCKETS = 10, 500, 100, 100, 100, 1000
# What happens to a call is known within this time, or is looked for in vain.
LONGEST_CALL = timedelta(days=2)
MICRO = "fromUnixTimestamp64Micro({%s:Int64}, 'UTC')"
AT = "toUnixTimestamp64Micro(at)"
COLUMNS = (
    *("id", AT, "stream", "seq", "agent", "tool", "user_id", "roles", "role", "outcome", "code", "monitored"),
    *("session_id", "line"),
)


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time: from a moment on, and up to another one."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Filters:
    """What a decision has to be; None for anything."""

    agent: str | None = None
    tool: str | None = None
    role: str | None = None
    user_id: str | None = None
    outcome: str | None = None
    code: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a list that is sorted by time, the newest first."""

    at: int
    id: str


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision, with the line that it came as."""

    id: str
    at: int
    stream: str
    seq: int
    agent: str
    tool: str
    user_id: str
    roles: Sequence[str]
    role: str
    outcome: str
    code: str
    monitored: bool
    session_id: str
    line: str


@dataclass(frozen=True, slots=True)
class StreamSummary:
    """What came of one process: how many records, how many are missing, and whether it said that it was done."""

    stream: str
    records: int
    last: int
    missing: int
    is_ended: bool
    first_at: int
    last_at: int


class RecordStore:
    """The record of projects."""

    def __init__(self, store: ClickHouse) -> None:
        self.store = store

    async def totals(self, scope: ProjectScope, window: Window) -> dict[str, int]:
        """How many decisions of each kind there were."""
        return await self.counts(scope, window, "outcome", "decided")

    async def endings(self, scope: ProjectScope, window: Window) -> dict[str, int]:
        """How many calls ended in each way."""
        return await self.counts(scope, window, "status", "settled")

    async def counts(self, scope: ProjectScope, window: Window, column: str, kind: str) -> dict[str, int]:
        sql = (
            f"select {column}, count() from {TABLE} final where {there(kind)} group by 1 order by 1 limit {MOST_KINDS}"
        )
        return {str(row[0]): int(row[1]) for row in await self.store.rows(sql, given(scope, window))}

    async def top(self, scope: ProjectScope, window: Window, by: Dimension) -> list[tuple[str, int, int, int]]:
        """The names with the most decisions: how many, how many denied, how many for a human."""
        sql = f"""
            select {by}, count() as n, countIf(outcome = 'deny'), countIf(outcome = 'approval_required')
            from {TABLE} final where {there("decided")} group by 1 order by n desc, 1 limit {MOST_TOP}
        """
        return [tuple(row) for row in await self.store.rows(sql, given(scope, window))]

    async def series(self, scope: ProjectScope, window: Window, seconds: int) -> dict[tuple[int, str], int]:
        """How many decisions of each kind there were in each stretch of so many seconds."""
        sql = f"""
            select intDiv(toUnixTimestamp(at), {{seconds:UInt32}}) * {{seconds:UInt32}} as bucket, outcome, count()
            from {TABLE} final where {there("decided")} group by 1, 2 limit {MOST_BUCKETS}
        """
        rows = await self.store.rows(sql, {**given(scope, window), "seconds": seconds})
        return {(int(row[0]), str(row[1])): int(row[2]) for row in rows}

    async def decisions(
        self, scope: ProjectScope, window: Window, filters: Filters, *, after: Cursor | None, most: int
    ) -> list[Decided]:
        """Decisions, the newest first, behind a place in the list."""
        conditions, values = conditions_of(filters)
        if after is not None:
            conditions.append(f"(at, id) < ({MICRO % 'after'}, {{after_id:String}})")
            values |= {"after": after.at, "after_id": after.id}
        where = " and ".join([there("decided"), *conditions])
        sql = f"""
            select {", ".join(COLUMNS)} from {TABLE} final where {where} order by at desc, id desc limit {{most:UInt32}}
        """
        rows = await self.store.rows(sql, {**given(scope, window), **values, "most": most})
        return [Decided(*row) for row in rows]

    async def decision(self, scope: ProjectScope, id: str) -> Decided | None:
        """One decision."""
        sql = f"""
            select {", ".join(COLUMNS)} from {TABLE} final
            where project = {{project:String}} and kind = 'decided' and id = {{id:String}} limit 1
        """
        rows = await self.store.rows(sql, {"project": scope.project_id, "id": id})
        return Decided(*rows[0]) if rows else None

    async def settled(self, scope: ProjectScope, ids: Sequence[str], window: Window) -> dict[str, str]:
        """The lines that say what happened to calls."""
        if not ids:
            return {}
        longer = Window(window.since, window.until + LONGEST_CALL)
        sql = f"select id, any(line) from {TABLE} where {there('settled')} and id in {{ids:Array(String)}} group by id"
        rows = await self.store.rows(f"{sql} limit {len(ids)}", {**given(scope, longer), "ids": list(ids)})
        return {str(row[0]): str(row[1]) for row in rows}

    async def streams(self, scope: ProjectScope, window: Window) -> list[StreamSummary]:
        """What came of each process, that with the newest record first."""
        sql = f"""
            select stream, uniqExact(seq) as present, max(seq) as last, last - present,
                max(kind = 'sealed' and status = '{ENDED}'), min({AT}), max({AT}) as newest
            from {TABLE} where project = {{project:String}} and at >= {MICRO % "since"} and at < {MICRO % "until"}
                and seq > 0
            group by stream order by newest desc, stream limit {MOST_STREAMS}
        """
        return [StreamSummary(*row) for row in await self.store.rows(sql, given(scope, window))]

    async def has_stream(self, scope: ProjectScope, stream: str) -> bool:
        """Whether anything came of a process."""
        sql = f"select 1 from {TABLE} where project = {{project:String}} and stream = {{stream:String}} limit 1"
        return bool(await self.store.rows(sql, {"project": scope.project_id, "stream": stream}))

    async def gaps(self, scope: ProjectScope, stream: str) -> list[tuple[int, int, bool]]:
        """Where a stream does not follow from what came before: the record before, the record after, and whether one is missing."""
        sql = f"""
            select before, seq, seq > before + 1 from (
                select seq, prev,
                    lagInFrame(seq, 1, 0) over (order by seq rows between 1 preceding and current row) as before,
                    lagInFrame(link, 1, repeat('0', 64))
                        over (order by seq rows between 1 preceding and current row) as link_before
                from (
                    select distinct seq, prev, link from {TABLE}
                    where project = {{project:String}} and stream = {{stream:String}}
                )
            )
            where seq > before + 1 or prev != link_before order by seq limit {MOST_GAPS}
        """
        rows = await self.store.rows(sql, {"project": scope.project_id, "stream": stream})
        return [(int(row[0]), int(row[1]), bool(row[2])) for row in rows]

    async def bursts(
        self, scope: ProjectScope, window: Window, *, seconds: int, least: int, times: float
    ) -> list[tuple[str, int, int, float]]:
        """Stretches in which somebody was denied much more often than they are otherwise."""
        sql = f"""
            select user_id, bucket, denied, (total - denied) / greatest({{buckets:UInt32}} - 1, 1) as usual from (
                select user_id, intDiv(toUnixTimestamp(at), {{seconds:UInt32}}) * {{seconds:UInt32}} as bucket,
                    count() as denied, sum(denied) over (partition by user_id) as total
                from {TABLE} final where {there("decided")} and outcome = 'deny' and user_id != ''
                group by user_id, bucket
            )
            where denied >= {{least:UInt32}} and denied >= usual * {{times:Float64}}
            order by denied desc, user_id, bucket limit {MOST_BURSTS}
        """
        buckets = max(1, int((window.until - window.since).total_seconds() // seconds))
        values = {**given(scope, window), "seconds": seconds, "least": least, "times": times, "buckets": buckets}
        return [(str(row[0]), int(row[1]), int(row[2]), float(row[3])) for row in await self.store.rows(sql, values)]


def there(kind: str) -> str:
    """The rows of a kind, of one project in a stretch of time: the beginning of the key by which they are sorted."""
    return f"project = {{project:String}} and kind = '{kind}' and at >= {MICRO % 'since'} and at < {MICRO % 'until'}"


def given(scope: ProjectScope, window: Window) -> dict[str, Any]:
    return {"project": scope.project_id, "since": micros(window.since), "until": micros(window.until)}


def conditions_of(filters: Filters) -> tuple[list[str], dict[str, Any]]:
    """The conditions that filters are, and the values in them."""
    conditions: list[str] = []
    values: dict[str, Any] = {}
    for field in fields(filters):
        value = getattr(filters, field.name)
        if value is None:
            continue
        values[field.name] = value
        conditions.append(CONDITIONS.get(field.name, f"{field.name} = {{{field.name}:String}}"))
    return conditions, values


CONDITIONS = {
    "role": "has(roles, {role:String})",
    "text": "(positionCaseInsensitiveUTF8(tool, {text:String}) > 0 or positionCaseInsensitiveUTF8(agent, {text:String}) > 0 "
    "or positionCaseInsensitiveUTF8(user_id, {text:String}) > 0)",
}


def micros(moment: datetime) -> int:
    """A moment in millionths of a second since 1970."""
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond
