"""The store of the record: what the world does wrong is one kind of error, and every step is made once."""

import asyncio
import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from hexgate.platform.features.record import store as record_store
from hexgate.platform.features.record.steps import STEPS, TABLE
from hexgate.platform.kit import clickhouse as module
from hexgate.platform.kit.clickhouse import ClickHouse, StoreDownError, clickhouse
from hexgate.platform.kit.ledger import climb, height, written
from hexgate.platform.settings import SettingsError

Opened = Callable[[], AbstractAsyncContextManager[ClickHouse]]


@pytest.fixture(params=["embedded", "server"])
def store_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def asked(store: Opened, *queries: str) -> Any:
    """What comes of the last one of several queries."""

    async def ask() -> Any:
        async with store() as found:
            for query in queries:
                rows = await found.rows(query, {})
            return rows

    return asyncio.run(ask())


def test_a_query_has_a_longest_time(store: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "QUERY_SECONDS", 1)
    with pytest.raises(StoreDownError, match=r"TIMEOUT_EXCEEDED|Timeout exceeded"):
        asked(store, "select count() from numbers(100000000000) where sipHash64(number) = 1")


def test_what_was_stopped_stands_in_front_of_no_other_answer(store: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    async def ask() -> None:
        async with store() as found:
            for _ in range(10):
                monkeypatch.setattr(module, "QUERY_SECONDS", 0.05)
                with pytest.raises(StoreDownError):
                    await found.rows("select count() from numbers(100000000000) where sipHash64(number) = 1", {})
                monkeypatch.setattr(module, "QUERY_SECONDS", 5)
                assert await found.rows("select 1", {}) == [(1,)]

    asyncio.run(ask())


def test_what_was_stopped_in_the_middle_of_an_answer_is_part_of_no_other_one(store: Opened) -> None:
    async def ask() -> None:
        async with store() as found:
            for _ in range(60):
                with pytest.raises(StoreDownError):
                    await found.rows("select number, throwIf(number = 150000) from numbers(200001)", {})
                assert await found.rows("select 1", {}) == [(1,)]

    asyncio.run(ask())


def test_a_server_with_tls_is_spoken_to_by_tls_at_every_port(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[dict[str, Any]] = []
    monkeypatch.setattr(module, "get_client", lambda **options: given.append(options))
    module.connected("https://user:secret@example.com:9000/db")

    assert (given[0]["interface"], given[0]["dsn"]) == ("https", "https://user:secret@example.com:9000/db")


def test_every_question_about_the_record_has_a_limit() -> None:
    source = Path(record_store.__file__).read_text(encoding="utf-8")
    questions = re.findall(r"select .*?(?:\"\"\"|\"\n)", source, re.DOTALL)
    assert len(questions) >= 9
    assert [question for question in questions if "limit" not in question and "group by id" not in question] == []


def test_a_query_that_is_none_is_an_error_of_the_store(store: Opened) -> None:
    with pytest.raises(StoreDownError):
        asked(store, "select nothing from nowhere")
    assert asked(store, "select 1") == [(1,)]


def test_steps_are_made_once_however_many_start_at_once(store: Opened) -> None:
    async def start() -> tuple[int, list[tuple[Any, ...]]]:
        async with store() as found:
            await asyncio.gather(*(climb(found, STEPS) for _ in range(4)))
            tables = await found.rows("select name from system.tables where name like 'hexgate_%' order by 1", {})
            return await height(found), tables

    assert asyncio.run(start()) == (len(STEPS), [("hexgate_ledger",), (TABLE,)])


def test_rows_are_forgotten_after_ninety_days_by_the_clock_of_the_store(store: Opened) -> None:
    [(created,)] = asked(store, f"select create_table_query from system.tables where name = '{TABLE}'")

    assert "TTL received + toIntervalDay(90)" in created
    assert "`received` DateTime('UTC') DEFAULT now('UTC')" in created
    assert "fsync_after_insert = 1" in created


def nobody() -> Client:
    raise AssertionError("nothing is asked")


def test_on_a_cluster_the_tables_are_made_everywhere_with_copies() -> None:
    step = written(ClickHouse(nobody, cluster="main", embedded=False), STEPS[0])

    assert f"create table if not exists {TABLE} on cluster 'main' (" in step
    assert "engine = ReplicatedReplacingMergeTree" in step


def test_a_server_that_is_not_there_is_an_error_of_the_store() -> None:
    async def start() -> None:
        async with clickhouse("http://127.0.0.1:9/default"):
            pass

    with pytest.raises(StoreDownError):
        asyncio.run(start())


def test_without_the_embedded_engine_both_ways_out_are_named(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_spec", lambda _: None)

    async def start() -> None:
        async with clickhouse(f"chdb://{tmp_path}/record"):
            pass

    with pytest.raises(
        SettingsError, match=r"hexgate-platform\[embedded\].*HEXGATE|HEXGATE.*hexgate-platform\[embedded\]"
    ):
        asyncio.run(start())
