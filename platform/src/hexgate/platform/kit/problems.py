"""What goes wrong in, `application/problem+json` out (RFC 9457), with a stable code and the id of the request.

# INVARIANT: an answer never holds the message of an exception that nobody foresaw.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from hexgate.core.errors import HexgateError
from hexgate.platform.codes import CODES
from hexgate.platform.kit.clickhouse import StoreDownError
from hexgate.platform.kit.requests import request_id

__all__ = ["Problem", "add_problems", "answers", "not_there"]

log = logging.getLogger("hexgate.platform")
MEDIA_TYPE = "application/problem+json"
MOST_MISTAKES = 100
LONGEST_PLACE = 200
BY_STATUS = {400: "HX1002", 404: "HX1004", 405: "HX1005", 408: "HX1006", 413: "HX1003"}
SECONDS_UNTIL_RETRY = "2"


class Problem(HexgateError):  # noqa: N818 -- as RFC 9457 calls it
    """A request that is not answered as it was meant; the status is that of the code."""

    def __init__(
        self,
        code: str,
        message: str | None = None,
        *,
        help: str | None = None,
        mistakes: Iterable[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        entry = CODES[code]
        super().__init__(code, message or entry.title, help=help or entry.remedy)
        self.status = entry.status
        self.mistakes = list(mistakes)
        self.headers = dict(headers or {})

    def response(self) -> Response:
        """The answer."""
        body: dict[str, Any] = {
            "type": f"urn:hexgate:{self.code}",
            "title": CODES[self.code].title,
            "status": self.status,
            "detail": self.message,
            "code": self.code,
            "help": self.help,
            "request_id": request_id(),
        }
        if self.mistakes:
            body["mistakes"] = self.mistakes[:MOST_MISTAKES]
        return Response(orjson.dumps(body), self.status, media_type=MEDIA_TYPE, headers=self.headers)


def answers(*codes: str) -> dict[int | str, dict[str, Any]]:
    """What the OpenAPI document says about the problems of a route."""
    statuses: dict[int | str, list[str]] = {}
    for code in codes:
        statuses.setdefault(CODES[code].status, []).append(f"`{code}` {CODES[code].title}")
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": "; ".join(told), "content": content} for status, told in statuses.items()}


def add_problems(app: FastAPI) -> None:
    """Lets an application answer with problems, whatever is raised."""
    app.add_exception_handler(Problem, problem)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, by_status)
    app.add_exception_handler(IntegrityError, overtaken)
    app.add_exception_handler(StoreDownError, store_down)
    for unreachable in (OperationalError, InterfaceError, PoolTimeoutError):
        app.add_exception_handler(unreachable, out_of_reach)
    app.add_exception_handler(Exception, unforeseen)


async def not_there(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that has nothing."""
    await Problem("HX1004").response()(scope, receive, send)


def problem(_: Request, error: Exception) -> Response:
    if not isinstance(error, Problem):
        raise error
    return error.response()


def invalid(_: Request, error: Exception) -> Response:
    """Each mistake with its place, and without the value, which may be a password."""
    found = error.errors() if isinstance(error, RequestValidationError) else []
    if any(mistake["type"] == "json_invalid" for mistake in found):
        return Problem("HX1002").response()
    mistakes = [
        {"path": ".".join(map(str, mistake["loc"]))[:LONGEST_PLACE], "message": str(mistake["msg"])[:LONGEST_PLACE]}
        for mistake in found[:MOST_MISTAKES]
    ]
    return Problem("HX1001", mistakes=mistakes).response()


def by_status(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    return Problem(BY_STATUS.get(status, "HX1000"), headers=headers).response()


def overtaken(_: Request, error: Exception) -> Response:
    """What two requests wrote at once, the database gave to one of them."""
    log.warning("a request was overtaken by another: %s", type(error).__name__)
    return Problem("HX1007").response()


def out_of_reach(_: Request, error: Exception) -> Response:
    log.error("the database does not answer", exc_info=error)
    return Problem("HX1008", headers={"Retry-After": SECONDS_UNTIL_RETRY}).response()


def store_down(_: Request, error: Exception) -> Response:
    log.error("the store of the record does not answer: %s", error)
    return Problem("HX1401", headers={"Retry-After": SECONDS_UNTIL_RETRY}).response()


def unforeseen(_: Request, error: Exception) -> Response:
    log.error("a request failed", exc_info=error)
    return Problem("HX1000").response()
