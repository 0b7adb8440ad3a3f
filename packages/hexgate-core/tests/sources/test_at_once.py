"""Many threads, other processes, forks: a decision is always by one program, and a refresh never waits for somebody who is gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event, Thread

import pytest

from hexgate.core import Hexgate, Program, ToolCall, User, compile_policy
from hexgate.core.policy import Policy
from hexgate.core.sources import Loaded

Write = Callable[..., Path]
Limit = Callable[[Hexgate], "int | None"]
USER = User("alice", "default")
DECIDING = 1000


def test_a_thousand_threads_decide_by_one_program_each_while_it_changes(write: Write) -> None:
    path = write(1)
    gate = Hexgate.from_policy(path)
    one = gate.program.digest
    write(5)
    gate.refresh()
    allowed = {one: False, gate.program.digest: True}
    start, changed = Barrier(DECIDING + 1), Event()

    def decide() -> list[str]:
        """The programs by which this thread was answered, each time as that program says."""
        call = ToolCall("refund", {"amount": 3})
        seen: list[str] = []
        start.wait()
        while len(seen) < 20 or not changed.is_set():
            live, decision = gate.live, gate.decide(call, user=USER)
            assert allowed[decision.policy] is decision.allowed
            assert live.engine.digest == live.program.digest
            seen.append(decision.policy)
            time.sleep(0)
        return seen

    with ThreadPoolExecutor(DECIDING) as pool:
        every = [pool.submit(decide) for _ in range(DECIDING)]
        start.wait()
        changes = 0
        while not all(future.done() for future in every):
            write(5 if changes % 2 else 1, "next.yaml").replace(path)
            assert gate.refresh()
            changes += 1
            if changes == 2:
                changed.set()
    seen = [digest for future in every for digest in future.result()]
    assert len(seen) >= 20 * DECIDING
    assert set(seen) == set(allowed)


def test_threads_that_refresh_at_once_make_one_engine(write: Write, limit: Limit) -> None:
    gate = Hexgate.from_policy(write(3))
    write(5)
    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(lambda _: gate.refresh(), range(20))).count(True) == 1
    assert limit(gate) == 5


def programs() -> tuple[Program, Program]:
    texts = ("tools: {t: {mode: allow}}", "tools: {t: {mode: deny}}")
    return compile_policy(Policy.from_text(texts[0])), compile_policy(Policy.from_text(texts[1]))


class Remote:
    """A source of another kind, whose next answer comes when it is let go."""

    def __init__(self) -> None:
        self.allowing, self.denying = (Loaded(program, "remote") for program in programs())
        self.now = self.allowing
        self.asked, self.let_go = Event(), Event()
        self.let_go.set()

    origin = "remote"
    content = "etag"

    def unchanged(self) -> bool:
        return False

    def load(self) -> Loaded:
        self.asked.set()
        self.let_go.wait()
        return self.now


def test_whatever_keeps_the_protocol_is_a_source() -> None:
    remote = Remote()
    gate = Hexgate(remote, agent="bot")
    assert gate.decide("t", user=USER).allowed
    assert not gate.refresh()
    remote.now = remote.denying
    assert gate.refresh()
    assert gate.decide("t", user=USER).denied


def test_decisions_do_not_wait_for_a_source_that_is_slow() -> None:
    remote = Remote()
    gate = Hexgate(remote)
    remote.asked.clear()
    remote.let_go.clear()
    remote.now = remote.denying
    thread = Thread(target=gate.refresh)
    thread.start()
    remote.asked.wait()
    assert gate.decide("t", user=USER).allowed
    remote.let_go.set()
    thread.join()
    assert gate.decide("t", user=USER).denied


def test_a_child_does_not_wait_for_a_lock_that_was_held_when_it_was_forked(
    write: Write, limit: Limit, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Hexgate.from_policy(write(3))
    write(5)
    with gate.kept.lock:
        child = os.getpid() + 1
        monkeypatch.setattr(os, "getpid", lambda: child)
        assert gate.refresh()
    assert limit(gate) == 5


FORK = """
import os, sys, threading, warnings
from hexgate.core import Hexgate
warnings.simplefilter("ignore")
gate = Hexgate.from_policy(sys.argv[1])
held, done = threading.Event(), threading.Event()
def hold():
    with gate.kept.lock:
        held.set()
        done.wait()
thread = threading.Thread(target=hold)
thread.start()
held.wait()
os.replace(sys.argv[2], sys.argv[1])
child = os.fork()
if child == 0:
    os._exit(7 if gate.refresh() else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
done.set()
"""


def test_a_forked_process_refreshes_while_its_parent_is_at_it(write: Write) -> None:
    command = [sys.executable, "-c", FORK, str(write(3)), str(write(5, "next.yaml"))]
    assert subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout == "7\n"


WRITER = """
import os, sys
path, text = sys.argv[1], sys.argv[2]
for line in sys.stdin:
    if line == "truncate\\n":
        file = open(path, "w")
    elif line == "half\\n":
        file.write(text[:len(text) // 2])
        file.flush()
    elif line == "rest\\n":
        file.write(text[len(text) // 2:])
        file.close()
    print(line, end="", flush=True)
"""


class Writer:
    """Another process that writes a policy, one step at a time."""

    def __init__(self, path: Path, text: str) -> None:
        command = [sys.executable, "-c", WRITER, str(path), text]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def do(self, step: str) -> None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{step}\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == f"{step}\n"

    def end(self, number: signal.Signals) -> None:
        self.process.send_signal(number)
        self.process.communicate()


@pytest.fixture
def writer(write: Write) -> Writer:
    return Writer(write(3), "tools: {refund: {mode: allow, constraints: [args.amount <= 5]}}\n")


def test_another_process_that_writes_slowly_is_seen_when_it_is_done(writer: Writer, write: Write, limit: Limit) -> None:
    gate = Hexgate.from_policy(write(3))
    for step in ("truncate", "half"):
        writer.do(step)
        assert not gate.refresh()
        assert limit(gate) == 3
    writer.do("rest")
    assert gate.refresh()
    assert limit(gate) == 5
    writer.end(signal.SIGTERM)


def test_a_writer_who_was_killed_half_way_changes_nothing(writer: Writer, write: Write, limit: Limit) -> None:
    gate = Hexgate.from_policy(write(3))
    live = gate.live
    writer.do("truncate")
    writer.do("half")
    writer.end(signal.SIGKILL)
    assert not gate.refresh()
    assert (gate.live is live, limit(gate)) == (True, 3)
    write(5)
    assert gate.refresh()
    assert limit(gate) == 5


def test_a_program_whose_engine_cannot_be_made_is_not_taken(caplog: pytest.LogCaptureFixture) -> None:
    remote = Remote()
    gate = Hexgate(remote)
    remote.now = Loaded(remote.denying.program, "remote", module=b"no module")
    assert not gate.refresh()
    assert not gate.refresh()
    assert [record.getMessage().count("[HX730]") for record in caplog.records if record.levelno > 20] == [1]
    assert gate.decide("t", user=USER).allowed
