"""What the tests of the record share: passages as a gate makes them, and directories with a record in them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hexgate.core import Hexgate, ToolCall, User
from hexgate.core.audit import Audit, Spool
from hexgate.core.gate.passage import Passage, Status

POLICY = {
    "roles": {
        "billing": {
            "tools": {
                "refund": {"mode": "allow", "constraints": ["args.amount <= 500"]},
                "login": {"mode": "allow"},
                "wire": {"mode": "approval_required"},
            }
        }
    }
}
ALICE = User("alice", "billing")
NOON = 1_800_000_000.0

MakePassage = Callable[..., Passage]


@pytest.fixture
def passage() -> MakePassage:
    """Makes a passage that was decided."""
    hexgate = Hexgate.from_policy(POLICY, agent="shop", audit="off")

    def made(
        tool: str = "refund", arguments: Any = None, user: User | None = ALICE, call_id: str = "call-1"
    ) -> Passage:
        call = ToolCall(tool, {"amount": 40} if arguments is None else arguments, "shop")
        found = Passage(call, user, print, call_id, "", lambda named: ((), named))
        found.decision = hexgate.decide(found.call, user=user)
        return found

    return made


Fill = Callable[..., Path]


@pytest.fixture
def filled(tmp_path: Path, passage: MakePassage) -> Fill:
    """Makes a directory with the record of some calls in it, the stream ended."""

    def made(calls: int = 3, segment_bytes: int = 2**23, name: str = "record") -> Path:
        spool = Spool(tmp_path / name, segment_bytes=segment_bytes, now=lambda: NOON)
        audit = Audit(spool, now=lambda: NOON)
        for _ in range(calls):
            one = passage()
            ticket = audit.reserve(one)
            one.status = Status.RAN
            audit.settle(ticket, one)
        spool.close()
        return tmp_path / name

    return made
