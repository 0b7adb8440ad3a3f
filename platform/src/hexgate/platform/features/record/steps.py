"""What the store of the record is made of, one step after the other."""

from __future__ import annotations

from hexgate.platform.features.record.lines import KEPT_DAYS

__all__ = ["STEPS", "TABLE"]

TABLE = "hexgate_record"
# A record that comes twice has the same key both times, so that merges leave one of the two, and `final` counts one before that:
# the one that came first, whose `precedence` is higher, so that nothing that was acknowledged is replaced later.
STEPS = (
    f"""
    create table if not exists {TABLE}{{on_cluster}} (
        project LowCardinality(String),
        kind LowCardinality(String),
        at DateTime64(6, 'UTC'),
        id String,
        stream String,
        seq UInt64,
        prev String,
        link String,
        agent LowCardinality(String),
        tool LowCardinality(String),
        user_id String,
        roles Array(LowCardinality(String)),
        role LowCardinality(String),
        outcome LowCardinality(String),
        code LowCardinality(String),
        status LowCardinality(String),
        error String,
        milliseconds Nullable(Float64),
        monitored Bool,
        session_id String,
        token_id LowCardinality(String),
        line String codec(ZSTD(3)),
        received DateTime('UTC') default now('UTC'),
        precedence UInt64 default 18446744073709551615 - toUInt64(toUnixTimestamp64Micro(now64(6))),
        index by_id id type bloom_filter granularity 4
    )
    engine = {{engine}}(precedence)
    partition by toYYYYMM(at)
    order by (project, kind, at, id, stream, seq)
    ttl received + interval {KEPT_DAYS} day
    settings fsync_after_insert = 1, fsync_part_directory = 1
    """,
)
