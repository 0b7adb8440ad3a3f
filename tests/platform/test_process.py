"""The platform as a process: what it acknowledged survives a kill, and a second one on the same store is told what to do."""

import gzip
import signal
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.platform.people import Clock
from tests.platform.processes import Running, platform_process
from tests.platform.records import Stream

NO_LOG = ("--log-level", "warning")


def now() -> Clock:
    """A clock that stands at the real time."""
    clock = Clock()
    clock.at = clock.at.now(clock.at.tzinfo)
    return clock


def token_of(browser: httpx.Client) -> str:
    scopes = ["emit_audit", "read_policy", "read_audit"]
    made = browser.post("/v1/projects/support-bot/tokens", json={"name": "worker", "scopes": scopes})
    return str(made.json()["token"])


def sent(client: httpx.Client, token: str, lines: list[bytes]) -> int:
    """How many records were acknowledged."""
    headers = {"Authorization": f"Bearer {token}", "Content-Encoding": "gzip"}
    answer = client.post("/v1/audit/events:batch", content=gzip.compress(b"".join(lines)), headers=headers)
    assert answer.status_code == 200, answer.text
    return int(answer.json()["accepted"])


def summary(running: Running, token: str) -> Any:
    with running.client(Authorization=f"Bearer {token}") as client:
        return client.get("/v1/projects/support-bot/audit/summary").json()


@pytest.mark.parametrize("kills", [3, pytest.param(30, marks=pytest.mark.fuzz)])
def test_every_acknowledged_record_survives_kills_and_counts_once(tmp_path: Path, kills: int) -> None:
    acknowledged = 0
    streams: list[Stream] = []
    with platform_process(tmp_path, {}, *NO_LOG) as running, running.signed_in() as browser:
        token = token_of(browser)
    for kill in range(kills):
        with platform_process(tmp_path, {}, *NO_LOG) as running, running.client() as client:
            stream = Stream(now(), name=f"20261101T115000Z-{kill:016d}")
            for _ in range(50):
                stream.decide()
            acknowledged += sent(client, token, stream.lines)
            # Once more what came before, as a sender does that did not hear the answer.
            if streams:
                sent(client, token, streams[-1].lines)
            streams.append(stream)
            running.kill()
    with platform_process(tmp_path, {}, *NO_LOG) as running:
        assert summary(running, token)["decisions"] == acknowledged == kills * 50


def test_a_platform_that_is_asked_to_end_ends_and_keeps_everything(tmp_path: Path) -> None:
    with platform_process(tmp_path, {}, *NO_LOG) as running, running.signed_in() as browser:
        token = token_of(browser)
        stream = Stream(now())
        stream.decide()
        with running.client() as client:
            sent(client, token, stream.lines)
        # When it has drained everything, the server dies of the signal that it was sent.
        assert running.stop() == -signal.SIGTERM
    with platform_process(tmp_path, {}, *NO_LOG) as running:
        assert summary(running, token)["decisions"] == 1
        # The password is shown only when there is no account.
        assert running.log.read_text().count("with the password") == 1


def test_a_second_process_on_the_embedded_store_is_told_what_to_do(tmp_path: Path) -> None:
    with platform_process(tmp_path, {}, *NO_LOG):
        with pytest.raises(httpx.TransportError), platform_process(tmp_path, {}, *NO_LOG):
            pass
        said = (tmp_path / "platform.log").read_text()
    assert "another process has the embedded store" in said
    assert "HEXGATE_CLICKHOUSE_URL" in said


def test_a_wrong_setting_stops_the_start_by_its_name(tmp_path: Path) -> None:
    wrong = {"DATABASE_URL": "mysql://x", "HEXGATE_REGISTRATION": "maybe"}
    with pytest.raises(httpx.TransportError), platform_process(tmp_path, wrong, *NO_LOG):
        pass
    said = (tmp_path / "platform.log").read_text()
    assert "`DATABASE_URL`" in said
    assert "`HEXGATE_REGISTRATION`" in said
