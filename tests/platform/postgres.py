"""A PostgreSQL of our own on a free port, with a database for each test, and without the promises that a test does not need."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

__all__ = ["Postgres", "serving"]

FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200"
PLACES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


@dataclass
class Postgres:
    """A running server."""

    folder: Path
    port: int
    numbers: Iterator[int]

    @property
    def address(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}"

    def new(self, template: str = "template1") -> str:
        """The address of a new database, which may begin as a copy of another."""
        name = f"test{next(self.numbers)}"
        run(program("createdb"), "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-T", template, name)
        return f"{self.address}/{name}"

    def stop(self) -> None:
        """Ends it as a power cut would."""
        as_postgres(program("pg_ctl"), "-D", self.folder / "data", "-m", "immediate", "-w", "stop")

    def start(self) -> None:
        """Starts it, for the first time or again."""
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 {FAST}"
        as_postgres(
            *(
                program("pg_ctl"),
                "-D",
                self.folder / "data",
                "-w",
                "-s",
                "-l",
                self.folder / "log",
                "-o",
                options,
                "start",
            )
        )


@contextmanager
def serving(folder: Path) -> Iterator[Postgres]:
    """A server whose files lie in a folder."""
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    as_postgres(
        *(program("initdb"), "-D", folder / "data", "-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8"),
        "--locale=C.UTF-8",
    )
    server = Postgres(folder, free_port(), count(1))
    server.start()
    try:
        yield server
    finally:
        server.stop()


def program(name: str) -> str:
    """A program of PostgreSQL, which Debian keeps off the path. Where all has to be tried, that it is missing is a failure."""
    found = shutil.which(name) or next((str(place / name) for place in PLACES if (place / name).exists()), None)
    missing = f"`{name}` of PostgreSQL is missing; install it, as `apt-get install postgresql` does"
    assert found or not os.environ.get("CI"), missing
    if not found:
        pytest.skip(missing)
    return found


def as_postgres(*command: object) -> None:
    """The server refuses to run as root."""
    drop = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []
    run(*drop, *command)


def run(*command: object) -> None:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, cwd="/")
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])
