"""The addresses of the record: where programs send it, and where people read it."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Depends, Path, Query
from starlette.requests import Request
from starlette.responses import StreamingResponse

from hexgate.platform.features.record.access import Readable
from hexgate.platform.features.record.schemas import (
    ABucket,
    ABurst,
    ADecision,
    AGap,
    Anomalies,
    AStream,
    Buckets,
    Count,
    Decisions,
    Kept,
    NewDecision,
    OneKept,
    RefusedLine,
    Streams,
    Summary,
    TheDecision,
    TheStream,
)
from hexgate.platform.features.record.service import BURST_SECONDS, Record, moment_of, window_of
from hexgate.platform.features.record.store import Cursor, Decided, Filters, StreamSummary, Window
from hexgate.platform.features.tokens.access import WithScope
from hexgate.platform.features.tokens.service import Bearer
from hexgate.platform.kit.parts import the
from hexgate.platform.kit.problems import Problem, answers

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["record"])
TheRecord = Annotated[Record, the(Record)]
Emitter = Annotated[Bearer, Depends(WithScope("emit_audit"))]
HERE = "/projects/{project_id}/audit"
LARGEST_BATCH = 16 * 1024 * 1024
READING = ("HX1101", "HX1301", "HX1302", "HX1004", "HX1404", "HX1401")
SENDING = ("HX1301", "HX1302", "HX1003", "HX1401")
AFTER = re.compile(r"([0-9]{1,18})-([A-Za-z0-9_-]{1,256})")
Text = Annotated[str | None, Query(max_length=256)]
Moment = Annotated[datetime | None, Query()]
LINES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
        "description": "Records as they stand in the spool, one line each; `Content-Encoding: gzip` is understood.",
    }
}


async def window(record: TheRecord, since: Moment = None, until: Moment = None) -> Window:
    return window_of(since, until, record.clock())


TheWindow = Annotated[Window, Depends(window)]


@dataclass(frozen=True, slots=True)
class Names:
    """Filters by who and what."""

    agent: str | None
    tool: str | None
    role: str | None
    user_id: str | None


async def named(agent: Text = None, tool: Text = None, role: Text = None, user_id: Text = None) -> Names:
    return Names(agent, tool, role, user_id)


async def filters(
    names: Annotated[Names, Depends(named)],
    outcome: Annotated[Literal["allow", "deny", "approval_required"] | None, Query()] = None,
    code: Text = None,
    text: Text = None,
) -> Filters:
    return Filters(names.agent, names.tool, names.role, names.user_id, outcome, code, text)


TheFilters = Annotated[Filters, Depends(filters)]


@router.post("/audit/events:batch", openapi_extra=LINES, responses=answers(*SENDING, "HX1402", "HX1002"))
async def take(request: Request, bearer: Emitter, record: TheRecord) -> Kept:
    """Keep records of a program, up to 1,000 at once. When this is answered, they are in the store."""
    accepted, refused = await record.take(bearer, unpacked(await request.body(), request.headers))
    return Kept(accepted=accepted, refused=[RefusedLine(index=entry.index, reason=entry.reason) for entry in refused])


@router.post("/audit/decisions", status_code=202, responses=answers(*SENDING, "HX1403"))
async def take_one(form: NewDecision, bearer: Emitter, record: TheRecord) -> OneKept:
    """Keep one decision of a program that has no record of its own."""
    return OneKept(event_id=await record.take_one(bearer, form))


@router.get(f"{HERE}/summary", responses=answers(*READING))
async def summary(scope: Readable, window: TheWindow, record: TheRecord) -> Summary:
    """What was decided in a stretch of time, and by whom."""
    totals = await record.totals(scope, window)
    top = {
        by: [Count(name=name, decisions=n, denied=denied, for_approval=asked) for name, n, denied, asked in counts]
        for by, counts in totals.top.items()
    }
    return Summary(
        since=window.since,
        until=window.until,
        decisions=sum(totals.by_outcome.values()),
        by_outcome=totals.by_outcome,
        by_status=totals.by_status,
        agents=top["agent"],
        tools=top["tool"],
        roles=top["role"],
        users=top["user_id"],
    )


@router.get(f"{HERE}/timeseries", responses=answers(*READING))
async def timeseries(scope: Readable, window: TheWindow, record: TheRecord) -> Buckets:
    """How many decisions there were over time."""
    seconds, buckets = await record.series(scope, window)
    found = [ABucket(at=datetime.fromtimestamp(start, UTC), **counts) for start, counts in buckets]
    return Buckets(seconds=seconds, buckets=found)


@router.get(f"{HERE}/decisions", responses=answers(*READING))
async def decisions(
    scope: Readable,
    window: TheWindow,
    filters: TheFilters,
    record: TheRecord,
    after: Annotated[str | None, Query(max_length=300)] = None,
) -> Decisions:
    """Decisions, the newest first."""
    page = await record.decisions(scope, window, filters, cursor(after))
    found = [told(entry, settled) for entry, settled in page.decisions]
    following = None if page.next is None else f"{page.next.at}-{page.next.id}"
    return Decisions(decisions=found, next=following)


@router.get(f"{HERE}/decisions/{{decision_id}}", responses=answers(*READING))
async def decision(
    decision_id: Annotated[str, Path(max_length=256)], scope: Readable, record: TheRecord
) -> TheDecision:
    """One decision, and what happened then."""
    found, settled = await record.decision(scope, decision_id)
    return TheDecision(decided=orjson.loads(found.line), settled=settled, stream=found.stream, seq=found.seq)


@router.get(f"{HERE}/streams", responses=answers(*READING))
async def streams(scope: Readable, window: TheWindow, record: TheRecord) -> Streams:
    """What came of each process, and how much of it is missing."""
    return Streams(streams=[told_stream(entry) for entry in await record.streams(scope, window)])


@router.get(f"{HERE}/streams/{{stream}}", responses=answers(*READING))
async def stream(stream: Annotated[str, Path(max_length=64)], scope: Readable, record: TheRecord) -> TheStream:
    """Every place where a stream does not follow from what came before."""
    gaps = await record.gaps(scope, stream)
    found = [AGap(after=after, before=before, what="missing" if gone else "changed") for after, before, gone in gaps]
    return TheStream(stream=stream, gaps=found)


@router.get(f"{HERE}/anomalies", responses=answers(*READING))
async def anomalies(scope: Readable, window: TheWindow, record: TheRecord) -> Anomalies:
    """Who was denied much more often than they are otherwise."""
    bursts = [
        ABurst(user_id=user_id, at=datetime.fromtimestamp(at, UTC), seconds=BURST_SECONDS, denied=denied, usual=usual)
        for user_id, at, denied, usual in await record.bursts(scope, window)
    ]
    return Anomalies(bursts=bursts)


@router.get(
    f"{HERE}/export",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"text/csv": {}, "application/x-ndjson": {}}, "description": "All decisions."},
        **answers(*READING),
    },
)
async def export(
    scope: Readable,
    window: TheWindow,
    filters: TheFilters,
    record: TheRecord,
    form: Annotated[Literal["csv", "jsonl"], Query(alias="format")] = "jsonl",
) -> StreamingResponse:
    """All decisions that the filters leave, as a file."""
    # What the store cannot do is said with a status, while there still is one.
    await record.clickhouse.answers()
    media_type = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}[form]
    headers = {"Content-Disposition": f'attachment; filename="decisions.{form}"'}
    return StreamingResponse(record.export(scope, window, filters, form), media_type=media_type, headers=headers)


def unpacked(body: bytes, headers: Any) -> bytes:
    """The body of a batch, as large as it may be when it is unpacked."""
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding == "identity":
        return body
    if encoding != "gzip":
        raise Problem("HX1002", "the encoding is neither `gzip` nor `identity`")
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        data = unpacking.decompress(body, LARGEST_BATCH)
    except zlib.error:
        raise Problem("HX1002", "the body is not what gzip makes") from None
    if unpacking.unconsumed_tail:
        raise Problem("HX1003", f"the batch has more than {LARGEST_BATCH:,} bytes")
    if not unpacking.eof:
        raise Problem("HX1002", "the body ends in the middle")
    return data


def cursor(after: str | None) -> Cursor | None:
    """The place in the list that a page begins behind."""
    if after is None:
        return None
    found = AFTER.fullmatch(after)
    if found is None:
        raise Problem("HX1001", mistakes=[{"path": "query.after", "message": "it is no `next` of a page"}])
    return Cursor(int(found[1]), found[2])


def told(entry: Decided, settled: dict[str, Any] | None) -> ADecision:
    return ADecision(
        id=entry.id,
        at=moment_of(entry.at),
        agent=entry.agent,
        tool=entry.tool,
        user_id=entry.user_id or None,
        roles=list(entry.roles),
        role=entry.role or None,
        outcome=entry.outcome,
        code=entry.code,
        status=(settled or {}).get("status"),
        monitored=entry.monitored,
        session_id=entry.session_id or None,
    )


def told_stream(entry: StreamSummary) -> AStream:
    return AStream(
        stream=entry.stream,
        records=entry.records,
        last=entry.last,
        missing=entry.missing,
        is_ended=entry.is_ended,
        first_at=moment_of(entry.first_at),
        last_at=moment_of(entry.last_at),
    )
