"""The application: every address, with the layers around them."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from starlette.responses import Response
from starlette.types import ASGIApp

from hexgate.platform.features.accounts.routes import router as accounts
from hexgate.platform.features.agents.routes import router as agents
from hexgate.platform.features.bans.routes import router as bans
from hexgate.platform.features.organizations.routes import router as organizations
from hexgate.platform.features.record.routes import router as record
from hexgate.platform.features.tokens.routes import router as tokens
from hexgate.platform.kit.clickhouse import ClickHouse
from hexgate.platform.kit.database import Database
from hexgate.platform.kit.logs import log_as_json
from hexgate.platform.kit.metrics import CONTENT_TYPE_LATEST, Metrics
from hexgate.platform.kit.problems import add_problems, answers, not_there
from hexgate.platform.kit.requests import Limits, Requests
from hexgate.platform.settings import Settings
from hexgate.platform.wiring import Outside, running

__all__ = ["Platform", "platform"]


class Alive(BaseModel):
    """The process answers."""

    status: str = "ok"


class Ready(BaseModel):
    """The stores answer."""

    database: str = "ok"
    clickhouse: str = "ok"


class ProblemBody(BaseModel):
    """What is answered when something is not answered as it was meant (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    help: str
    request_id: str
    mistakes: list[dict[str, Any]] = []


class Platform(FastAPI):
    """The application, with ids and limits of requests around everything that FastAPI puts around it."""

    def __init__(self, *, limits: Limits, metrics: Metrics, **options: Any) -> None:
        self.limits = limits
        self.metrics = metrics
        super().__init__(**options)

    def build_middleware_stack(self) -> ASGIApp:
        app = super().build_middleware_stack()
        return Requests(app, nothing=not_there, limits=self.limits, heard=self.metrics.heard)

    def openapi(self) -> dict[str, Any]:
        """The document, with the form of a problem in the place of FastAPI's own."""
        if not self.openapi_schema:
            document = super().openapi()
            schemas = document["components"]["schemas"]
            schemas["Problem"] = ProblemBody.model_json_schema()
            for name in ("HTTPValidationError", "ValidationError"):
                schemas.pop(name, None)
            self.openapi_schema = document
        return self.openapi_schema


def platform(
    settings: Settings | None = None, *, outside: Outside | None = None, limits: Limits | None = None
) -> Platform:
    """A platform; what is not given comes from the environment when it starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        log_as_json()
        async with running(settings or Settings.of(os.environ), outside or Outside()) as parts:
            app.state.parts = parts
            yield

    metrics = Metrics()
    app = Platform(
        limits=limits or Limits(),
        metrics=metrics,
        title="Hexgate",
        version=version("hexgate-platform"),
        summary="Policies in, signed bundles out, decisions kept.",
        lifespan=lifespan,
        responses=answers("HX1001"),
    )
    add_problems(app)
    for router in (accounts, organizations, tokens, agents, bans, record):
        app.include_router(router)

    @app.get("/health", tags=["operation"])
    async def health() -> Alive:
        """Whether the process answers. It asks nothing else."""
        return Alive()

    @app.get("/ready", tags=["operation"], responses=answers("HX1008", "HX1401"))
    async def ready() -> Ready:
        """Whether requests can be answered: both stores are there."""
        await app.state.parts[Database].answers()
        await app.state.parts[ClickHouse].answers()
        return Ready()

    @app.get("/metrics", tags=["operation"], response_class=Response)
    async def figures() -> Response:
        """Figures for Prometheus."""
        return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)

    return app
