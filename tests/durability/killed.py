"""Processes that make calls until they are killed: many, one after the other, at whatever moment it is.

    python -m tests.durability.killed FOLDER PORT COUNT SEED

Each is a fork that writes a byte at every stage of a call; the parent reads some of them and kills it with SIGKILL. What a tool
did stands in `acted`, written by the tool itself. With a port, the processes ship their record as well.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from pathlib import Path
from typing import Any

from hexgate.core import Audit, Hexgate, Spool, User, after_tool, before_tool
from hexgate.core.audit import Shipper, ShippingThread
from tests.durability.receiver import HttpTransport

POLICY = {
    "roles": {
        "support": {
            "tools": {
                "note": {"mode": "allow"},
                "refund": {"mode": "allow", "constraints": ["args.amount <= 100"]},
                "wire": {"mode": "approval_required"},
            }
        }
    }
}
ALICE = User("alice", "support")
MOST_STAGES = 120


def work(folder: Path, port: int, name: int, stage: int) -> None:
    """Makes calls for ever; each stage writes a byte."""
    acted = os.open(folder / "acted", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def at_a_stage(*_: Any) -> None:
        os.write(stage, b".")

    def approve(*_: Any) -> bool:
        at_a_stage()
        return True

    def tool(id: str, **_: Any) -> str:
        at_a_stage()
        os.write(acted, f"{id}\n".encode())
        at_a_stage()
        return "done"

    audit = Audit(Spool(folder / "record", segment_bytes=6000), mode="required")
    hexgate = Hexgate.from_policy(POLICY, audit=audit)
    hexgate.using(
        guards=[before_tool(observe=True)(at_a_stage), after_tool(observe=True)(at_a_stage)], approval_handler=approve
    )
    if port:
        transport = HttpTransport(("127.0.0.1", port), seconds=10)
        ShippingThread(Shipper(folder / "record", transport, most_records=10)).start()
    for number in range(1_000_000):
        tool_name = ("note", "refund", "wire")[number % 3]
        id = f"{name}-{number}"
        arguments = {"id": id, "amount": number % 200}
        hexgate.call(tool_name, arguments, tool, user=ALICE, call_id=id)
        at_a_stage()


def main() -> None:
    """Kills as many as it is told."""
    folder, port, count, seed = Path(sys.argv[1]), *map(int, sys.argv[2:])
    chance = random.Random(seed)
    for name in range(count):
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(read)
            work(folder, port, name, write)
        os.close(write)
        for _ in range(chance.randrange(MOST_STAGES)):
            os.read(read, 1)
        os.kill(child, signal.SIGKILL)
        assert os.waitpid(child, 0)[1] == signal.SIGKILL
        os.close(read)


if __name__ == "__main__":
    main()
