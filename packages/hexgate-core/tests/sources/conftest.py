"""What the tests of sources share: policies that tell each other apart, files that nobody is writing, and a gate for a path."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from hexgate.core import Hexgate, User

Write = Callable[..., Path]
Limit = Callable[[Hexgate], "int | None"]
ROLE = "tools: {refund: {mode: allow, constraints: [args.amount <= LIMIT]}}\n"


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the environment of who runs the tests says about policies is not meant."""
    for name in [name for name in os.environ if name.startswith("HEXGATE_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a policy with a limit in place, in a file of the folder; it looks as if written long ago, so that nobody waits."""

    def write(limit: int | str, name: str = "policy.yaml") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(limit if isinstance(limit, str) else ROLE.replace("LIMIT", str(limit)), encoding="utf-8")
        os.utime(path, (1, 1))
        os.utime(path.parent, (1, 1))
        return path

    return write


def limit_of(gate: Hexgate) -> int | None:
    """The limit of the policy by which a gate decides, found by asking."""
    user = User("alice", "default")
    return next(
        (limit for limit in range(1, 10) if gate.decide("refund", {"amount": limit + 1}, user=user).denied), None
    )


@pytest.fixture
def limit() -> Limit:
    """Asks a gate for its limit."""
    return limit_of
