"""A platform in a process of its own under load from this one: records sent and bundles asked for at a steady rate.

    python -m tests.benchmarks.load --seconds 300 --records 2000 --bundles 300

It says how much was acknowledged and how late, what the platform holds in memory at the beginning and the end, and whether every
record that was acknowledged is there and counts once.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.platform.people import Clock
from tests.platform.processes import Running, platform_process
from tests.platform.records import Stream

BATCH = 1000
CONNECTIONS = 8


class Connection:
    """One connection that asks, and reads as little as it can of what is answered."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def to(cls, url: str) -> Connection:
        host, port = url.removeprefix("http://").split(":")
        return cls(*await asyncio.open_connection(host, int(port)))

    async def ask(self, what: bytes) -> tuple[int, bytes, str]:
        """The status, the body and, for a bundle, its tag."""
        self.writer.write(what)
        head = await self.reader.readuntil(b"\r\n\r\n")
        low = head.lower()
        length = low.partition(b"content-length: ")[2].split(b"\r\n")[0]
        etag = head[low.index(b"etag: ") + 6 :].split(b"\r\n")[0].decode() if b"etag: " in low else ""
        return int(head.split(b" ", 2)[1]), await self.reader.readexactly(int(length or 0)), etag


def request(method: str, path: str, token: str, body: bytes = b"", **headers: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {token}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def steadily(rate: float, seconds: float, work: Callable[[], Awaitable[None]]) -> list[float]:
    """Begins work so many times a second, whether or not what came before is done; how late each was done, in milliseconds."""
    began = time.perf_counter()
    late: list[float] = []

    async def one(due: float) -> None:
        await work()
        late.append((time.perf_counter() - began - due) * 1000)

    tasks = []
    for number in range(int(rate * seconds)):
        due = number / rate
        await asyncio.sleep(max(0.0, due - (time.perf_counter() - began)))
        tasks.append(asyncio.create_task(one(due)))
    await asyncio.gather(*tasks)
    return late


def spread(late: list[float]) -> dict[str, float]:
    steps = statistics.quantiles(late, n=100)
    return {"p50_ms": round(steps[49], 1), "p99_ms": round(steps[98], 1), "max_ms": round(max(late), 1)}


def memory(running: Running) -> int:
    """The megabytes that the platform holds."""
    status = Path(f"/proc/{running.process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) // 1024


async def load(running: Running, token: str, given: argparse.Namespace) -> dict[str, Any]:
    clock = Clock(at=datetime.now(UTC))
    pool: asyncio.Queue[Connection] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        pool.put_nowait(await Connection.to(running.url))
    _, _, etag = await asked(pool, request("GET", "/v1/agents/default", token))
    again = request("GET", "/v1/agents/default", token, If_None_Match=etag)
    counts = {"acknowledged": 0, "unchanged": 0, "failed": 0}
    number = 0

    async def send() -> None:
        nonlocal number
        number += 1
        clock.at = datetime.now(UTC)
        stream = Stream(clock, name=f"20261101T115000Z-{number:016d}")
        for _ in range(BATCH):
            stream.decide()
        body = gzip.compress(b"".join(stream.lines), 1)
        status, answer, _ = await asked(
            pool, request("POST", "/v1/audit/events:batch", token, body, Content_Encoding="gzip")
        )
        counts["acknowledged" if status == 200 else "failed"] += json.loads(answer)["accepted"] if status == 200 else 1

    async def fetch() -> None:
        status, _, _ = await asked(pool, again)
        counts["unchanged" if status == 304 else "failed"] += 1

    late = await asyncio.gather(
        steadily(given.records / BATCH, given.seconds, send), steadily(given.bundles, given.seconds, fetch)
    )
    return {**counts, "records": spread(late[0]), "bundles": spread(late[1])}


async def asked(pool: asyncio.Queue[Connection], what: bytes) -> tuple[int, bytes, str]:
    """What is answered on the next connection that is free."""
    connection = await pool.get()
    try:
        return await connection.ask(what)
    finally:
        pool.put_nowait(connection)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--records", type=int, default=2000, help="a second")
    parser.add_argument("--bundles", type=int, default=300, help="a second")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, platform_process(Path(folder), {}, "--no-access-log") as running:
        with running.signed_in() as browser:
            scopes = ["emit_audit", "read_policy", "read_audit"]
            made = browser.post("/v1/projects/support-bot/tokens", json={"name": "load", "scopes": scopes})
            token = made.json()["token"]
        before = memory(running)
        found = asyncio.run(load(running, token, given))
        found |= {"memory_before_mb": before, "memory_after_mb": memory(running)}
        with running.client(Authorization=f"Bearer {token}") as client:
            found["in_the_store"] = client.get("/v1/projects/support-bot/audit/summary").json()["decisions"]
    print(json.dumps(found, indent=2))
    return 0 if found["in_the_store"] == found["acknowledged"] and not found["failed"] else 1


if __name__ == "__main__":
    sys.exit(main())
