"""A platform in a process of its own, as people start it, on a socket that was there before it."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

__all__ = ["Running", "platform_process"]

PASSWORD = re.compile(r"with the password (\S+)")


@dataclass
class Running:
    """A platform that runs, and who may come in."""

    process: subprocess.Popen[str]
    url: str
    log: Path

    def client(self, **headers: str) -> httpx.Client:
        return httpx.Client(base_url=self.url, headers=headers, timeout=60)

    def first_password(self) -> str:
        """What was shown when it was started for the first time."""
        found = PASSWORD.search(self.log.read_text())
        assert found, self.log.read_text()
        return found[1]

    @contextmanager
    def signed_in(self) -> Iterator[httpx.Client]:
        """The first account, with a browser."""
        body = {"email": "admin@localhost", "password": self.first_password()}
        with self.client() as client:
            answer = client.post("/v1/auth/sign-in", json=body)
            assert answer.status_code == 200, answer.text
            client.headers["X-Hexgate-CSRF"] = answer.json()["csrf_token"]
            yield client

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """Asks it to end, and waits for it."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)


@contextmanager
def platform_process(folder: Path, environment: Mapping[str, str], *options: str) -> Iterator[Running]:
    """`uvicorn hexgate.platform:app`, ready to answer."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=512)
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    log = folder / "platform.log"
    command = [sys.executable, "-m", "uvicorn", "hexgate.platform:app", "--fd", str(listening.fileno()), *options]
    variables: dict[str, Any] = {**os.environ, "HEXGATE_PLATFORM_DIR": str(folder), "HEXGATE_PUBLIC_URL": url}
    with log.open("a") as out:
        process = subprocess.Popen(
            command,
            env={**variables, **environment},
            stdout=out,
            stderr=out,
            text=True,
            pass_fds=[listening.fileno()],
            cwd=folder,
        )
    listening.close()
    running = Running(process, url, log)
    try:
        with running.client() as client:
            assert client.get("/ready").status_code == 200
        yield running
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
