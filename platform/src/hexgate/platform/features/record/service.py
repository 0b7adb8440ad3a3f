"""The rules of the record: what is taken, what is asked about, and in which pieces it is handed out.

# INVARIANT: what is acknowledged is in the store; what is asked about is one project and a bounded stretch of time.
"""

from __future__ import annotations

import csv
import io
import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import orjson

from hexgate.core.audit.lines import BEGINNING
from hexgate.platform.features.record.lines import KEPT_DAYS, Refused, sorted_out
from hexgate.platform.features.record.schemas import NewDecision
from hexgate.platform.features.record.store import (
    Cursor,
    Decided,
    Dimension,
    Filters,
    RecordStore,
    StreamSummary,
    Window,
)
from hexgate.platform.features.record.writer import Writer
from hexgate.platform.features.tokens.service import Bearer
from hexgate.platform.kit.clickhouse import ClickHouse
from hexgate.platform.kit.problems import Problem
from hexgate.platform.kit.rows import Clock
from hexgate.platform.kit.scopes import ProjectScope

__all__ = ["BURST_SECONDS", "Page", "Record", "Totals", "moment_of", "window_of"]

MOST_LINES = 1000
PAGE, EXPORT_PAGE = 50, 2000
WIDTHS = (1, 5, 10, 30, 60, 300, 600, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600)
MOST_BUCKETS = 120
BURST_SECONDS, LEAST_BURST, TIMES_USUAL = 3600, 10, 5.0
DIRECT = "direct"
DIMENSIONS: tuple[Dimension, ...] = ("agent", "tool", "role", "user_id")
Format = Literal["csv", "jsonl"]
CSV_COLUMNS = (
    "at",
    "id",
    "agent",
    "tool",
    "user_id",
    "roles",
    "outcome",
    "code",
    "status",
    "session_id",
    "stream",
    "seq",
)


@dataclass(frozen=True, slots=True)
class Totals:
    """What was decided in a stretch of time."""

    by_outcome: dict[str, int]
    by_status: dict[str, int]
    top: dict[Dimension, list[tuple[str, int, int, int]]]


@dataclass(frozen=True, slots=True)
class Page:
    """Some decisions with how their calls ended, and where the next page begins."""

    decisions: Sequence[tuple[Decided, dict[str, Any] | None]]
    next: Cursor | None


class Record:
    """The record of projects."""

    def __init__(self, store: ClickHouse, writer: Writer, *, clock: Clock) -> None:
        self.store = RecordStore(store)
        self.clickhouse = store
        self.writer = writer
        self.clock = clock

    async def take(self, bearer: Bearer, body: bytes) -> tuple[int, list[Refused]]:
        """The lines of a batch: how many are kept, and which are refused."""
        lines = body.splitlines()
        if len(lines) > MOST_LINES:
            raise Problem("HX1402")
        rows, refused = sorted_out(
            lines, project=bearer.scope.project_id, token_id=bearer.token.token_id, now=self.clock()
        )
        await self.writer.add(rows)
        return len(rows), refused

    async def take_one(self, bearer: Bearer, form: NewDecision) -> str:
        """A decision of a program that keeps no record of its own."""
        id = form.event_id or secrets.token_hex(16)
        said = form.model_dump(mode="json", exclude={"event_id", "at"}, exclude_none=True)
        at = (form.at or self.clock()).isoformat()
        # Such a decision has no place in a stream: its number says only that it is one.
        head = {"stream": f"{DIRECT}-{id}"[:64].replace("_", "-"), "seq": 1, "prev": BEGINNING, "kind": "decided"}
        line = orjson.dumps({**head, "id": id, "at": at, **said})
        rows, refused = sorted_out(
            [line], project=bearer.scope.project_id, token_id=bearer.token.token_id, now=self.clock()
        )
        if refused:
            raise Problem("HX1403", refused[0].reason)
        await self.writer.add([{**row, "seq": 0} for row in rows])
        return id

    async def totals(self, scope: ProjectScope, window: Window) -> Totals:
        """What was decided."""
        top: dict[Dimension, list[tuple[str, int, int, int]]] = {}
        for by in DIMENSIONS:
            top[by] = await self.store.top(scope, window, by)
        return Totals(await self.store.totals(scope, window), await self.store.endings(scope, window), top)

    async def series(self, scope: ProjectScope, window: Window) -> tuple[int, list[tuple[int, dict[str, int]]]]:
        """How many decisions there were over time: the seconds of a bucket, and every bucket with its counts."""
        seconds = width_of(window)
        counts = await self.store.series(scope, window, seconds)
        first = int(window.since.timestamp()) // seconds * seconds
        last = -(-int(window.until.timestamp()) // seconds) * seconds
        starts = range(first, max(last, first + seconds), seconds)
        return seconds, [
            (start, {name: counts.get((start, name), 0) for name in ("allow", "deny", "approval_required")})
            for start in starts
        ]

    async def decisions(
        self, scope: ProjectScope, window: Window, filters: Filters, after: Cursor | None, most: int = PAGE
    ) -> Page:
        """A page of decisions, the newest first."""
        found = await self.store.decisions(scope, window, filters, after=after, most=most)
        settled = await self.store.settled(scope, [entry.id for entry in found], around(found))
        pairs = [(entry, orjson.loads(settled[entry.id]) if entry.id in settled else None) for entry in found]
        return Page(pairs, Cursor(found[-1].at, found[-1].id) if len(found) == most else None)

    async def decision(self, scope: ProjectScope, id: str) -> tuple[Decided, dict[str, Any] | None]:
        """One decision, and what happened then."""
        found = await self.store.decision(scope, id)
        if found is None:
            raise Problem("HX1004", "there is no such decision")
        settled = await self.store.settled(scope, [id], around([found]))
        return found, orjson.loads(settled[id]) if id in settled else None

    async def streams(self, scope: ProjectScope, window: Window) -> list[StreamSummary]:
        """What came of each process."""
        return await self.store.streams(scope, window)

    async def gaps(self, scope: ProjectScope, stream: str) -> list[tuple[int, int, bool]]:
        """Where a stream does not follow from what came before."""
        if not await self.store.has_stream(scope, stream):
            raise Problem("HX1004", "there is no such stream")
        return await self.store.gaps(scope, stream)

    async def bursts(self, scope: ProjectScope, window: Window) -> list[tuple[str, int, int, float]]:
        """Who was denied much more often than usual."""
        return await self.store.bursts(scope, window, seconds=BURST_SECONDS, least=LEAST_BURST, times=TIMES_USUAL)

    async def export(self, scope: ProjectScope, window: Window, filters: Filters, form: Format) -> AsyncIterator[bytes]:
        """All decisions, page by page: no query runs long, and no page waits in memory for the caller."""
        if form == "csv":
            yield as_csv([CSV_COLUMNS])
        after: Cursor | None = None
        while True:
            page = await self.decisions(scope, window, filters, after, EXPORT_PAGE)
            if page.decisions:
                write = csv_page if form == "csv" else json_page
                yield write(page)
            if page.next is None:
                return
            after = page.next


def window_of(since: datetime | None, until: datetime | None, now: datetime) -> Window:
    """The stretch of time that is asked about: the last day, where nothing is said."""
    end = until or now + timedelta(minutes=5)
    begin = since or end - timedelta(days=1)
    zoned = [moment if moment.tzinfo else moment.replace(tzinfo=UTC) for moment in (begin, end)]
    oldest = datetime(1970, 1, 1, tzinfo=UTC)
    if not oldest <= zoned[0] < zoned[1] or zoned[1] - zoned[0] > timedelta(days=KEPT_DAYS + 1):
        raise Problem("HX1404")
    return Window(zoned[0], zoned[1])


def width_of(window: Window) -> int:
    """The seconds of a bucket, so that there are not too many of them."""
    seconds = (window.until - window.since).total_seconds()
    return next((width for width in WIDTHS if seconds / width <= MOST_BUCKETS), WIDTHS[-1])


def around(found: Sequence[Decided]) -> Window:
    """The stretch of time in which these decisions lie."""
    moments = [entry.at for entry in found] or [0]
    return Window(moment_of(min(moments)), moment_of(max(moments)) + timedelta(seconds=1))


def moment_of(micros: int) -> datetime:
    """A moment of so many millionths of a second since 1970."""
    return datetime.fromtimestamp(micros // 1_000_000, UTC).replace(microsecond=micros % 1_000_000)


def json_page(page: Page) -> bytes:
    """The records as they came, with what happened then."""
    lines = [
        orjson.dumps({"decided": orjson.Fragment(entry.line), "settled": settled}) for entry, settled in page.decisions
    ]
    return b"\n".join([*lines, b""])


def csv_page(page: Page) -> bytes:
    """The columns that people look at."""
    rows = []
    for entry, settled in page.decisions:
        said = {
            **{name: getattr(entry, name) for name in CSV_COLUMNS if name not in {"at", "roles", "status"}},
            "at": moment_of(entry.at).isoformat(),
            "roles": " ".join(entry.roles),
            "status": (settled or {}).get("status", ""),
        }
        rows.append([harmless(str(said[name])) for name in CSV_COLUMNS])
    return as_csv(rows)


def as_csv(rows: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()


def harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
