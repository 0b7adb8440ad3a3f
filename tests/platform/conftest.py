"""A platform for each test, on both databases."""

import asyncio
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from argon2 import PasswordHasher
from clickhouse_connect import get_client
from clickhouse_connect.driver.client import Client
from fastapi.testclient import TestClient

from hexgate.platform.app import platform
from hexgate.platform.features.record.steps import STEPS, TABLE
from hexgate.platform.kit.clickhouse import ClickHouse, clickhouse
from hexgate.platform.kit.database import Database
from hexgate.platform.kit.ledger import climb
from hexgate.platform.kit.passwords import Passwords
from hexgate.platform.migrations import migrate
from hexgate.platform.settings import Settings
from hexgate.platform.wiring import Outside
from tests.platform.people import Clock, Desk, Person
from tests.platform.postgres import Postgres, serving
from tests.platform.projects import Project

# A hash that is as quick as it can be: how slow it has to be is not what these tests are about.
QUICK = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The server, where a test asks for it. Its folder is one that another user may enter, which those of pytest are not."""
    with TemporaryDirectory(prefix="hexgate-postgres-") as folder, serving(Path(folder)) as server:
        yield server


@pytest.fixture(scope="session")
def migrated(postgres: Postgres) -> str:
    """The name of a database with all tables, to be copied."""
    address = postgres.new()

    async def fill() -> None:
        database = Database(address)
        await migrate(database)
        await database.close()

    asyncio.run(fill())
    return address.rsplit("/", 1)[1]


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/platform.db"
    postgres: Postgres = request.getfixturevalue("postgres")
    return postgres.new(request.getfixturevalue("migrated"))


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings.of({"DATABASE_URL": database_url, "HEXGATE_PLATFORM_DIR": str(tmp_path)})


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Client]]:
    """The embedded ClickHouse, which a process has once: what makes a client of it."""
    path = tmp_path_factory.mktemp("record") / "store"
    connect = partial(get_client, dsn=f"chdb://{path}")
    # As long as there is one client, the engine stays.
    client = connect()
    yield connect
    client.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the same engine in another process, as a server of ClickHouse is asked."""
    listening = socket.create_server(("127.0.0.1", 0))
    descriptor, port = listening.fileno(), listening.getsockname()[1]
    folder = tmp_path_factory.mktemp("server") / "store"
    command = [sys.executable, str(Path(__file__).with_name("front.py")), str(folder), str(descriptor)]
    with subprocess.Popen(command, pass_fds=[descriptor]) as process:
        listening.close()
        yield f"http://127.0.0.1:{port}/default"
        process.kill()


@pytest.fixture
def store_kind() -> str:
    """Where the record lies; what is about the record is tried in both places."""
    return "embedded"


@pytest.fixture
def store(request: pytest.FixtureRequest, store_kind: str) -> Callable[[], AbstractAsyncContextManager[ClickHouse]]:
    """The store of the record, with nothing in it."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[ClickHouse]:
        async with AsyncExitStack() as stack:
            if store_kind == "server":
                found = await stack.enter_async_context(clickhouse(request.getfixturevalue("server")))
            else:
                found = ClickHouse(request.getfixturevalue("engine"), cluster="", embedded=True)
                stack.push_async_callback(found.close)
            await climb(found, STEPS)
            await found.command(f"truncate table {TABLE}")
            yield found

    return opened


@pytest.fixture
def api(
    settings: Settings, clock: Clock, desk: Desk, store: Callable[[], AbstractAsyncContextManager[ClickHouse]]
) -> Iterator[TestClient]:
    """A platform that runs."""
    with TestClient(
        platform(settings, outside=Outside(desk, clock, QUICK, (), store)), raise_server_exceptions=False
    ) as client:
        yield client


@pytest.fixture
def person(api: TestClient, desk: Desk) -> Callable[[str], Person]:
    """Somebody with an account whose address is confirmed, signed in."""

    def new(email: str) -> Person:
        somebody = Person(api, email)
        assert somebody.register().status_code == 202
        assert somebody.confirm(desk).status_code == 204
        assert somebody.sign_in().status_code == 200
        return somebody

    return new


@pytest.fixture
def project(api: TestClient, person: Callable[[str], Person]) -> Project:
    """A project of olga's, with a token of a program."""
    return Project.of(api, person("olga@example.com"))
