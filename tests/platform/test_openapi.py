"""Every address of the OpenAPI document with generated requests, right and wrong ones: what is answered is in the document."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import checks
from schemathesis.core.result import Ok

from hexgate.platform.features.tokens.schemas import SCOPES
from tests.platform.postgres import Postgres
from tests.platform.processes import Running, platform_process

# Whoever signs out has nothing more to ask.
LAST = {("POST", "/v1/auth/sign-out"), ("DELETE", "/v1/account/sessions/{session_id}")}
UNUSED = {
    "unsupported_method",
    "ignored_auth",
    "use_after_free",
    "ensure_resource_availability",
    "positive_data_acceptance",
}


@pytest.fixture(params=["sqlite", "postgresql"])
def running(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Running]:
    environment = {}
    if request.param == "postgresql":
        postgres: Postgres = request.getfixturevalue("postgres")
        environment["DATABASE_URL"] = postgres.new()
    with platform_process(tmp_path, environment, "--log-level", "warning") as platform:
        yield platform


@schemathesis.serializer("application/x-ndjson")
def lines(_: schemathesis.SerializationContext, value: Any) -> Any:
    """A batch is sent as it is generated."""
    return str(value).encode("utf-8", "surrogatepass")


@pytest.mark.parametrize("examples", [4, pytest.param(100, marks=pytest.mark.fuzz)])
def test_no_generated_request_is_answered_as_the_document_does_not_say(running: Running, examples: int) -> None:
    with running.signed_in() as browser, requests.Session() as session:
        made = browser.post("/v1/projects/support-bot/tokens", json={"name": "all", "scopes": list(SCOPES)})
        session.headers["X-Hexgate-CSRF"] = browser.headers["X-Hexgate-CSRF"]
        session.headers["Authorization"] = f"Bearer {made.json()['token']}"
        session.cookies.update(dict(browser.cookies))
        ask_everything(running, session, examples)
    assert "Traceback" not in running.log.read_text()


def ask_everything(running: Running, session: requests.Session, examples: int) -> None:
    schema = schemathesis.openapi.from_url(f"{running.url}/openapi.json")
    operations: list[Any] = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    wanted = [checks.CHECKS.get_one(name) for name in checks.CHECKS.get_all_names() if name not in UNUSED]

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    def asked(case: Any) -> None:
        response = case.call(session=session)
        case.validate_response(response, checks=wanted)

    for operation in operations:
        if (operation.method.upper(), operation.path) not in LAST:
            given(case=operation.as_strategy())(asked)()
    assert len(operations) > 40
