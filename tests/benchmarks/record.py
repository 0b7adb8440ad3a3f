"""What the record adds to a decision, and whether one process keeps 50,000 decisions a second while they are shipped."""

from __future__ import annotations

import gc
import http.client
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from harness import Figure
from policies import SMALL

from hexgate.core import Audit, Hexgate, Policy, Spool, ToolCall, User
from hexgate.core.audit import Batch, Reply, Shipper, ShippingThread, verify
from hexgate.core.gate.passage import Passage

__all__ = ["figures"]

ARGUMENTS = {"amount": 400, "currency": "USD"}
ALICE = User("alice", "default")
SAMPLES, ROUNDS = 5_000, 12
RATE, SECONDS = 50_000, 60
SLICE = 0.01


def figures() -> Iterator[Figure]:
    """Every figure of this group."""
    hexgate = Hexgate.from_policy(Policy.from_text(SMALL), audit="off")
    with tempfile.TemporaryDirectory() as folder:
        audit = Audit(Spool(folder, most_bytes=2**33))
        yield from one_call(hexgate, audit)
        audit.close()
        yield from checked(Path(folder))
    with tempfile.TemporaryDirectory() as folder, receiving() as port:
        yield from sustained(hexgate, Path(folder), port)


def passage_of(hexgate: Hexgate) -> Passage:
    """A call that was decided."""
    call = ToolCall("refund_order", ARGUMENTS)
    passage = Passage(call, ALICE, print, "call-1", hexgate.digest(), lambda named: ((), named))
    passage.decision = hexgate.asked(call, ALICE)
    return passage


def one_call(hexgate: Hexgate, audit: Audit) -> Iterator[Figure]:
    """The time of a decision, and of a decision that is in the record, each call by itself and in turns."""
    passage = passage_of(hexgate)

    def bare() -> None:
        passage.decision = hexgate.asked(ToolCall("refund_order", ARGUMENTS), ALICE)

    def recorded() -> None:
        bare()
        audit.reserve(passage)

    def whole() -> None:
        audit.settle(audit.reserve(passage), passage)

    times: dict[str, list[float]] = {"bare": [], "recorded": [], "whole": []}
    for _ in range(ROUNDS):
        for name, action in (("bare", bare), ("recorded", recorded), ("whole", whole)):
            times[name] += each(action)
    bare50, bare99 = at(times["bare"], 50), at(times["bare"], 99)
    more50, more99 = at(times["recorded"], 50) - bare50, at(times["recorded"], 99) - bare99
    yield Figure("a bare decision, decoding the call", bare50, "µs")
    yield Figure("what the record adds to it, p50", more50, "µs", "at most 12 µs", more50 <= 12)
    yield Figure("what the record adds to it, p99", more99, "µs", "at most 40 µs", more99 <= 40)
    yield Figure("both records of a call, p50", at(times["whole"], 50), "µs")


def each(action: Callable[[], None]) -> list[float]:
    """Microseconds of each of many calls."""
    found = []
    gc.collect()
    for _ in range(SAMPLES):
        start = time.perf_counter_ns()
        action()
        found.append((time.perf_counter_ns() - start) / 1000)
    return found


def at(values: list[float], percent: int) -> float:
    """A percentile."""
    return sorted(values)[len(values) * percent // 100]


def checked(folder: Path) -> Iterator[Figure]:
    """How fast a record is checked."""
    size = sum(path.stat().st_size for path in folder.glob("*.jsonl"))
    start = time.perf_counter()
    report = verify(folder)
    seconds = time.perf_counter() - start
    yield Figure("audit verify, of a record that is whole", size / seconds / 1e6, "MB/s", "no finding", report.clean)


@contextmanager
def receiving() -> Iterator[int]:
    """A receiver in a process of its own; its port."""
    command = [sys.executable, str(Path(__file__).parent / "receiving.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


class Http:
    """Sends batches over one connection."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def send(self, batch: Batch) -> Reply:
        """One request."""
        self.connection.request("POST", "/", batch.body)
        self.connection.getresponse().read()
        return Reply.accepted()

    def count(self) -> int:
        """The lines that came."""
        self.connection.request("GET", "/")
        return int(self.connection.getresponse().read())


def sustained(hexgate: Hexgate, folder: Path, port: int) -> Iterator[Figure]:
    """A minute at a steady rate, with the shipper at work in the same process."""
    transport = Http(port)
    audit = Audit(Spool(folder))
    shipping = ShippingThread(Shipper(folder, transport, most_records=20_000, most_bytes=4 * 1024 * 1024)).start()
    passage, made, most_waiting = passage_of(hexgate), 0, 0
    begin = time.perf_counter()
    while (passed := time.perf_counter() - begin) < SECONDS:
        wanted = int(passed * RATE)
        while made < wanted:
            passage.decision = hexgate.asked(ToolCall("refund_order", ARGUMENTS), ALICE)
            audit.reserve(passage)
            made += 1
        most_waiting = max(most_waiting, shipping.shipping.waiting_bytes)
        time.sleep(max(0.0, SLICE - (time.perf_counter() - begin - passed)))
    seconds = time.perf_counter() - begin
    rate = made / seconds
    audit.close()
    ended = time.perf_counter()
    shipping.stop(60)
    drained = time.perf_counter() - ended
    came = transport.count()
    yield Figure("decisions in the record, for a minute", rate, "a second", f"{RATE:,}", rate >= RATE * 0.99)
    yield Figure("records that were lost", audit.failed, "", "none", audit.failed == 0)
    yield Figure("most that waited to be shipped", most_waiting / 1e6, "MB", "under 64 MB", most_waiting < 64e6)
    yield Figure("after the minute, until all was shipped", drained, "s", "under 2 s", drained < 2)
    yield Figure("lines that the receiver has", came, "", f"{made:,} and those around", came >= made)
