"""Instances are used again, by one call at a time: from many threads, in asyncio, inside of one another, after a fork, in new
processes."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hexgate.core import ToolCall, User
from hexgate.core.wasm.engine import WasmEngine
from hexgate.core.wasm.limits import FOREIGN, USUAL_QUESTION
from hexgate.core.wasm.pool import MOST_IDLE, close_pools, forget_instances, pool_of

Module = Callable[..., bytes]
USER = User("alice", "staff")
# Answers with the value of the first argument as the violation: whose answer it is can be seen.
MINE = """
(local $from i32) (local $to i32)
(local.set $from (i32.add (local.get 3) (i32.const 16)))
(local.set $to (i32.const 4242))
(memory.copy (local.get $to) (local.get $from) (i32.const 8))
(i32.const 4096)
"""
ANSWER = (
    b'[{"result":{"allow":false,"approvers":null,"deciding_role":"staff","explicit_deny":false,"monitor":false,'
    b'"requires_approval":false,"violations":["00000000"]}}]'
)


@pytest.fixture
def mine(module: Module) -> WasmEngine:
    assert ANSWER.index(b"00000000") == 4242 - 4096
    return WasmEngine(module(MINE, result=ANSWER))


def ask(engine: WasmEngine, number: int) -> bool:
    """Whether the answer is that to the question which was asked."""
    text = f"{number:08}"
    return engine.decide(ToolCall("view", {"key": text}), USER).violations == (text,)


def test_one_instance_answers_one_call_after_the_other(mine: WasmEngine) -> None:
    assert all(ask(mine, number) for number in range(300))
    assert len(mine.pool.idle) == 1


def test_threads_get_their_own_answers(mine: WasmEngine) -> None:
    at_once = threading.Barrier(8)

    def work(thread: int) -> bool:
        at_once.wait()
        return all(ask(mine, thread * 1_000_000 + number) for number in range(500))

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(work, range(8)))
    assert 1 <= len(mine.pool.idle) <= MOST_IDLE


def test_engines_that_are_made_and_forgotten_by_many_threads_do_no_harm(module: Module) -> None:
    wasm = module()

    def work(thread: int) -> bool:
        return all(
            WasmEngine(wasm if number % 2 else module(more=f"(func (drop (i32.const {number})))"))
            .decide(ToolCall("view", {}), USER)
            .allowed
            for number in range(40)
        )

    with ThreadPoolExecutor(6) as threads:
        assert all(threads.map(work, range(6)))


def test_tasks_of_one_loop_ask_inline(mine: WasmEngine) -> None:
    async def task(number: int) -> bool:
        for turn in range(50):
            if not ask(mine, number * 1000 + turn):
                return False
            await asyncio.sleep(0)
        return True

    async def all_tasks() -> list[bool]:
        return await asyncio.gather(*(task(number) for number in range(20)))

    assert all(asyncio.run(all_tasks()))
    assert len(mine.pool.idle) == 1


def test_a_call_inside_of_a_call_has_an_instance_of_its_own(mine: WasmEngine) -> None:
    ask(mine, 1)
    taken = mine.pool.idle.pop()
    assert ask(mine, 2)
    mine.pool.idle.append(taken)
    assert ask(mine, 3)
    assert len(mine.pool.idle) == 2


def test_no_more_than_so_many_instances_are_kept(mine: WasmEngine) -> None:
    ask(mine, 1)
    mine.pool.idle[:] = mine.pool.idle[:1] * (MOST_IDLE + 1)
    assert ask(mine, 2)
    assert len(mine.pool.idle) == MOST_IDLE
    del mine.pool.idle[1:]


def test_an_instance_that_broke_a_rule_is_not_kept(module: Module) -> None:
    engine = WasmEngine(module("(unreachable)"))
    assert len(engine.pool.idle) == 1
    assert engine.decide(ToolCall("view", {}), USER).code == "module_fault"
    assert engine.pool.idle == []


def test_a_large_question_is_answered_by_an_instance_that_is_not_kept(module: Module) -> None:
    engine = WasmEngine(module())
    call = ToolCall("view", {"text": "x" * USUAL_QUESTION})
    kept = list(engine.pool.idle)
    assert engine.decide(call, USER).allowed
    assert engine.decide(ToolCall("view", {"text": "x" * 1_000_000}), USER).allowed
    assert engine.pool.idle == kept


def test_engines_of_one_module_share_its_instances(module: Module) -> None:
    wasm = module()
    assert WasmEngine(wasm).pool is WasmEngine(bytes(bytearray(wasm))).pool is pool_of(wasm)


def test_a_child_forgets_the_instances_of_its_parent_and_keeps_what_was_compiled(mine: WasmEngine) -> None:
    ask(mine, 1)
    before = mine.pool.code
    forget_instances()
    assert mine.pool.idle == []
    assert ask(mine, 2)
    assert mine.pool.code is before


def test_a_pool_that_was_closed_answers_no_more(module: Module) -> None:
    engine = WasmEngine(module(more="(func (drop (i32.const 77)))"))
    assert ask_anything(engine) == "allowed"
    for _ in range(2):
        close_pools([engine.pool])
        assert ask_anything(engine) == "engine_fault"


def ask_anything(engine: WasmEngine) -> str:
    return engine.decide(ToolCall("view", {}), USER).code


ENDS = """
engines = [WasmEngine(Path(path).read_bytes()) for path in sys.argv[1:]]
assert all(engine.decide(ToolCall("view", {}), User("alice", "staff")).allowed for engine in engines)
print("right")
"""
SCRIPT = """
import multiprocessing, os, sys, threading
from pathlib import Path
from hexgate.core import ToolCall, User
from hexgate.core.wasm.engine import WasmEngine

def allowed(wasm):
    return WasmEngine(wasm).decide(ToolCall("view", {"a": 1}), User("alice", "staff")).allowed

def decide(path):
    return allowed(Path(path).read_bytes())
"""
FORK = """
first, second = Path(sys.argv[1]).read_bytes(), Path(sys.argv[2]).read_bytes()
assert allowed(first)
engine = WasmEngine(first)
before = list(engine.pool.idle)
stop = threading.Event()
def busy():
    while not stop.is_set():
        allowed(first)
thread = threading.Thread(target=busy)
thread.start()
for _ in range(10):
    child = os.fork()
    if child == 0:
        # What was loaded before, and a module that is compiled here, under a time limit that kills a child which hangs.
        import signal
        signal.alarm(60)
        fresh = engine.pool.idle == []
        right = engine.decide(ToolCall("view", {"a": 1}), User("alice", "staff")).allowed and allowed(second)
        os._exit(0 if fresh and right else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
stop.set()
thread.join()
assert allowed(first) and allowed(second)
print("right")
"""
SPAWN = """
if __name__ == "__main__":
    assert decide(sys.argv[1])
    with multiprocessing.get_context("spawn").Pool(2) as processes:
        assert processes.map(decide, sys.argv[1:] * 4) == [True] * 8
    print("right")
"""


@pytest.mark.parametrize("script", [FORK, SPAWN, ENDS], ids=["forked", "spawned", "ending"])
def test_other_processes_decide_as_this_one_does(script: str, module: Module, tmp_path: Path) -> None:
    first, second, program = tmp_path / "first.wasm", tmp_path / "second.wasm", tmp_path / "program.py"
    first.write_bytes(module())
    second.write_bytes(module(more="(func (drop (i32.const 1)))"))
    program.write_text(SCRIPT + script, encoding="utf-8")
    command = [sys.executable, "-W", "error", "-W", "ignore::DeprecationWarning", str(program), str(first), str(second)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert (run.returncode, run.stdout, run.stderr) == (0, "right\n", "")


def test_the_fuel_of_a_call_does_not_depend_on_the_calls_before(module: Module) -> None:
    turns = FOREIGN.fuel(100) // 8
    wasm = module(
        f"(local $n i32) (loop (br_if 0 (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1)))"
        f" (i32.const {turns})))) (i32.const 4096)"
    )
    engine = WasmEngine(wasm)
    assert {engine.decide(ToolCall("view", {}), USER).code for _ in range(5)} == {"allowed"}
