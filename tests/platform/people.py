"""What the tests of the platform speak with: a clock that they move, a post box that they read, and people with their browsers."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from fastapi.testclient import TestClient

from hexgate.platform.kit.letters import Letter, Letters

__all__ = ["Clock", "Desk", "Person", "the"]

PASSWORD = "seven wet horses"
T = TypeVar("T")
TOKEN = re.compile(r"token=([A-Za-z0-9_-]+)")


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    at: datetime = datetime(2026, 11, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class Desk:
    """Where all letters come to; it may refuse them."""

    letters: list[Letter] = field(default_factory=list)
    fault: Exception | None = None

    async def send(self, letter: Letter) -> None:
        if self.fault:
            raise self.fault
        self.letters.append(letter)

    async def close(self) -> None:
        return None

    def tokens(self, to: str) -> list[str]:
        """What stands in the letters to an address, oldest first."""
        return [TOKEN.findall(letter.text)[0] for letter in self.letters if letter.to == to]


def the(api: TestClient, kind: type[T]) -> T:
    """A part of the running application."""
    found: T = api.app.state.parts[kind]  # type: ignore[attr-defined]
    return found


class Person:
    """Somebody with a browser of their own."""

    def __init__(self, api: TestClient, email: str, *, password: str = PASSWORD) -> None:
        self.api = TestClient(api.app, raise_server_exceptions=False)
        # The loop in which the application runs.
        self.api.portal = api.portal
        self.email = email
        self.password = password
        self.csrf_token = ""

    def ask(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """A request of the page that this person has open."""
        headers = {"X-Hexgate-CSRF": self.csrf_token, **options.pop("headers", {})}
        answer = self.api.request(method, path, json=body, headers=headers, **options)
        assert self.api.portal is not None
        self.api.portal.call(the(self.api, Letters).sent)
        return answer

    def get(self, path: str, **options: Any) -> Any:
        return self.ask("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        return self.ask("POST", path, body if body is not None else {}, **options)

    def put(self, path: str, body: Any = None) -> Any:
        return self.ask("PUT", path, body)

    def delete(self, path: str) -> Any:
        return self.ask("DELETE", path)

    def register(self) -> Any:
        return self.post("/v1/auth/register", {"email": self.email, "password": self.password})

    def sign_in(self, password: str | None = None) -> Any:
        answer = self.post("/v1/auth/sign-in", {"email": self.email, "password": password or self.password})
        if answer.status_code == 200:
            self.csrf_token = answer.json()["csrf_token"]
        return answer

    def confirm(self, desk: Desk) -> Any:
        return self.post("/v1/auth/verify-email", {"token": desk.tokens(self.email)[-1]})
