"""Every request has an id, a limit of bytes and of time, and an answer that says what went wrong."""

import asyncio
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.exc import IntegrityError, OperationalError

from hexgate.platform.app import Platform, platform
from hexgate.platform.codes import CODES
from hexgate.platform.kit.logs import JsonLines
from hexgate.platform.kit.requests import Answered, Limits, Requests
from tests.platform.projects import told

SIGN_IN = "/v1/auth/sign-in"


@pytest.fixture
def database_url(tmp_path: Any) -> str:
    """No database is asked here, or only one that is not special."""
    return f"sqlite:///{tmp_path}/platform.db"


def test_health_asks_nothing_and_ready_asks_the_stores(api: TestClient) -> None:
    assert api.get("/health").json() == {"status": "ok"}
    assert api.get("/ready").status_code == 200


@pytest.mark.parametrize(("given", "kept"), [("abc-1.2_3", True), ("a b", False), ("x" * 65, False), ("", False)])
def test_a_request_keeps_an_id_that_is_one(api: TestClient, given: str, kept: bool) -> None:
    answer = api.get("/nowhere", headers={"X-Request-ID": given})

    assert (answer.headers["X-Request-ID"] == given) is kept
    assert answer.json()["request_id"] == answer.headers["X-Request-ID"]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "HX1004"),
        ("GET", "/v1/%2e%2e/%2e%2e/etc/passwd", 404, "HX1004"),
        ("PUT", "/health", 405, "HX1005"),
        ("POST", SIGN_IN, 422, "HX1001"),
    ],
)
def test_every_error_is_a_problem_with_a_code(api: TestClient, method: str, path: str, status: int, code: str) -> None:
    answer = api.request(method, path)

    assert told(answer) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["title"] == CODES[code].title


def test_a_body_that_is_no_json_is_said_to_be_none(api: TestClient) -> None:
    answer = api.post(SIGN_IN, content=b"{", headers={"Content-Type": "application/json"})

    assert told(answer) == (400, "HX1002")


def test_a_mistake_is_told_with_its_place_and_without_its_value(api: TestClient) -> None:
    answer = api.post(SIGN_IN, json={"email": "a@b.c", "password": "p" * 300, "paswort": "hunter2-hunter2"})

    assert sorted(mistake["path"] for mistake in answer.json()["mistakes"]) == ["body.password", "body.paswort"]
    assert "hunter2" not in answer.text
    assert "ppp" not in answer.text


def test_a_body_that_is_too_large_is_not_read(api: TestClient) -> None:
    assert told(api.post(SIGN_IN, content=b" " * (4 * 1024 * 1024 + 1))) == (413, "HX1003")


def pieces(number: int) -> Iterator[bytes]:
    yield from (b" " * 65_536 for _ in range(number))


def test_a_body_of_unknown_length_is_cut_off_as_well(api: TestClient) -> None:
    assert told(api.post(SIGN_IN, content=pieces(65))) == (413, "HX1003")


def test_a_body_that_never_comes_is_not_waited_for() -> None:
    app = platform(limits=Limits(body_seconds=0.0))
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": SIGN_IN, "headers": headers, "query_string": b""}
    asyncio.run(app({**scope, "http_version": "1.1", "scheme": "http", "server": ("x", 80)}, receive, send))

    assert sent[0]["status"] == 408
    assert json.loads(sent[1]["body"])["code"] == "HX1006"


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (RuntimeError("the secret of the house"), 500, "HX1000"),
        (IntegrityError("insert", {}, Exception("secret")), 409, "HX1007"),
        (OperationalError("select", {}, Exception("secret")), 503, "HX1008"),
    ],
)
def test_what_nobody_foresaw_is_logged_and_not_told(
    api: TestClient, error: Exception, status: int, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail() -> None:
        raise error

    assert isinstance(api.app, Platform)
    api.app.get("/fails")(fail)
    answer = api.get("/fails")

    assert told(answer) == (status, code)
    assert "secret" not in answer.text
    assert code != "HX1008" or answer.headers["Retry-After"] == "2"
    assert caplog.records


def test_every_answer_forbids_what_an_api_does_not_need(api: TestClient) -> None:
    headers = api.get("/health").headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["Cache-Control"] == "no-store"


def test_figures_are_counted_by_the_pattern_of_an_address(api: TestClient) -> None:
    for number in range(3):
        api.get(f"/v1/organizations/org_{number}")
        api.get(f"/nowhere/{number}")

    figures = [line for line in api.get("/metrics").text.splitlines() if line.startswith("hexgate_http_requests_total")]
    assert figures == [
        'hexgate_http_requests_total{method="GET",route="/v1/organizations/{organization_id}",status="401"} 3.0',
        'hexgate_http_requests_total{method="GET",route="unmatched",status="404"} 3.0',
    ]


def test_a_line_of_the_log_is_json_with_the_id_of_its_request() -> None:
    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(JsonLines().format(record))

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def nothing(*_: Any) -> Any:
        return {"type": "http.request"}

    log = logging.getLogger("hexgate.platform.requests")
    log.addHandler(kept := Kept())
    log.setLevel(logging.INFO)
    heard: list[Answered] = []
    outer = Requests(app, nothing=app, limits=Limits(), heard=heard.append)
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/x\ny",
        "query_string": b"",
        "headers": [(b"x-request-id", b"abc")],
    }
    try:
        asyncio.run(outer(scope, nothing, nothing))
    finally:
        log.removeHandler(kept)
        log.setLevel(logging.NOTSET)

    [line] = map(json.loads, lines)
    assert (line["request_id"], line["path"], line["status"], line["level"]) == ("abc", "/x\ny", 200, "info")
    assert [(answer.method, answer.route, answer.status) for answer in heard] == [("GET", "unmatched", 200)]
