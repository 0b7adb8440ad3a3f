"""How long a policy takes to become a module, a module to be loaded, and a decision by it, beside the raw call into the sandbox."""

from __future__ import annotations

import itertools
import logging
import resource
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial

from harness import Action, Figure, in_turns
from policies import SMALL, large_yaml, nested_arguments, small_calls
from wasmtime import wat2wasm

from hexgate.core import ModuleError, Policy, Program, ToolCall, User, compile_policy
from hexgate.core.wasm.assemble import assemble
from hexgate.core.wasm.engine import WasmEngine
from hexgate.core.wasm.fast import FastCall
from hexgate.core.wasm.pool import kept
from hexgate.core.wasm.question import question_of

__all__ = ["figures"]

USER = User("alice", "default")
DECISIONS = 200_000
HOSTILE = """
(module
  (memory (export "memory") 2)
  (global (export "opa_wasm_abi_version") i32 (i32.const 1))
  (global (export "opa_wasm_abi_minor_version") i32 (i32.const 3))
  (data (i32.const 8) "{}\\00") (data (i32.const 16) "{\\22a\\22:0}\\00")
  (func (export "builtins") (export "opa_heap_ptr_get") (result i32) (i32.const 8))
  (func (export "entrypoints") (result i32) (i32.const 16))
  (func (export "opa_json_dump") (param i32) (result i32) (local.get 0))
  (func (export "opa_malloc") (param i32) (result i32) (i32.const 1024))
  (func (export "opa_json_parse") (param i32 i32) (result i32) (i32.const 8))
  (func $f (param i32 i32 i32 i32 i32 i32 i32) (result i32) %s)
  (export "opa_eval" (func $f)) %s)
"""
ATTACKS = {
    "an endless loop": ("(loop (br 0)) (unreachable)", ""),
    "endless recursion": ("(call $r) (i32.const 0)", "(func $r (call $r))"),
    "memory that grows and is filled": (
        (
            "(loop (drop (memory.grow (i32.const 1))) (memory.fill (i32.const 0) (i32.const 7) (i32.shl (memory.size)"
            " (i32.const 16))) (br 0)) (unreachable)"
        ),
        "",
    ),
    "a result without an end": (
        "(memory.fill (i32.const 0) (i32.const 65) (i32.const 131072)) (i32.const 5)",
        "",
    ),
    "a loop as it starts": ("(i32.const 0)", "(func $s (loop (br 0))) (start $s)"),
    "a table of ten million elements": ("(i32.const 0)", "(table 10000000 funcref)"),
}


def figures() -> Iterator[Figure]:
    """Every figure of this group."""
    small = compile_policy(Policy.from_text(SMALL))
    # What an engine has to say about hostile modules is no figure.
    logging.getLogger("hexgate.engine").setLevel(logging.CRITICAL)
    yield from building(small)
    yield from deciding(small)
    yield from growth(small)
    yield from attacks()


def best(action: Callable[[], object], rounds: int) -> float:
    """The shortest of several times, in milliseconds: what others do on the machine only adds to it."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return min(times) * 1000


def building(small: Program) -> Iterator[Figure]:
    """From a program to a module, and from a module to an engine."""
    large = compile_policy(Policy.from_text(large_yaml()))
    assemble(small)
    times = {"small": best(partial(assemble, small), 20), "large": best(partial(assemble, large), 5)}
    yield Figure("small policy → module", times["small"], "ms", "under 5 ms", times["small"] < 5)
    yield Figure(
        "policy of 50 roles × 200 tools × 3 → module", times["large"], "ms", "under 150 ms", times["large"] < 150
    )
    wasm = assemble(small)
    yield Figure("size of the small policy's module", len(wasm) / 1024, "KiB")

    def new() -> object:
        kept.clear()
        return WasmEngine(wasm, program=small)

    new()
    never, again = best(new, 10), best(lambda: WasmEngine(wasm, program=small), 50)
    yield Figure("loading a module never seen", never, "ms", "under 40 ms", never < 40)
    yield Figure("loading a module seen before", again, "ms", "under 1 ms", again < 1)


def deciding(small: Program) -> Iterator[Figure]:
    """Decisions, the raw call of the same module with the same bytes, and the call of a function that does nothing."""
    engine = WasmEngine(assemble(small), program=small)
    calls = [ToolCall(tool, args) for tool, args in small_calls()]
    nested = ToolCall("refund_order", nested_arguments())
    decide = cycle([partial(engine.decide, call, USER) for call in calls])
    whole = cycle([partial(decode_and_decide, engine, tool, args) for tool, args in small_calls()])
    times = in_turns(
        {
            "nothing": nothing_called(),
            "raw": cycle([raw_call(engine, question_of(call, USER)) for call in calls]),
            "decide": decide,
            "whole": whole,
            "raw nested": raw_call(engine, question_of(nested, USER)),
            "nested": partial(engine.decide, nested, USER),
        },
        rounds=40,
        calls=1000,
    )
    yield Figure("floor: an unchecked call that does nothing", times["nothing"], "µs")
    yield Figure("floor: the unchecked call, question written, no fuel, result not read", times["raw"], "µs")
    ratio, decided = times["decide"] / times["raw"], times["decide"]
    yield Figure("decide by a module, small call", decided, "µs", "at most 10 µs", decided <= 10)
    yield Figure("the same over its floor", ratio, "×", "at most 4 ×", ratio <= 4)
    yield Figure("decide by a module, decoding the call", times["whole"], "µs")
    yield Figure("floor: the unchecked call, 4 KB of arguments", times["raw nested"], "µs")
    yield Figure("decide by a module, 4 KB of arguments", times["nested"], "µs", "at most 45 µs", times["nested"] <= 45)


def cycle(actions: list[Action]) -> Action:
    """An action that does the next of several each time it is called."""
    turn = itertools.cycle(actions).__next__

    def act() -> object:
        return turn()()

    return act


def decode_and_decide(engine: WasmEngine, tool: str, args: dict[str, object]) -> object:
    """A decision about a call that is not decoded yet."""
    return engine.decide(ToolCall(tool, args), USER)


def raw_call(engine: WasmEngine, question: bytes) -> Action:
    """The call into the sandbox and nothing around it, with a question that stands in the memory already."""
    instance = engine.pool.idle[-1]
    call = instance.call
    assert isinstance(call, FastCall)
    call(engine.entrypoint, question, 10**9)
    # The first argument is 0, and stands where the result came back.
    slots = bytes(4) + call.slots.raw[4:]
    instance.callee.store.set_fuel(10**18)

    def act() -> object:
        call.view[call.heap : call.heap + len(question)] = question
        call.slots.raw = slots
        return call.call(call.context, call.evaluate, call.slots_at, 7, call.trap_at)

    return act


def nothing_called() -> Action:
    """A call into the sandbox of a function that does nothing: no question, no result."""
    engine = WasmEngine(bytes(wat2wasm(HOSTILE % ("(i32.const 8)", ""))))
    instance = engine.pool.idle[-1]
    call = instance.call
    assert isinstance(call, FastCall)
    instance.callee.store.set_fuel(10**18)
    return lambda: call.call(call.context, call.evaluate, call.slots_at, 7, call.trap_at)


def growth(small: Program) -> Iterator[Figure]:
    """What many decisions leave behind."""
    engine = WasmEngine(assemble(small), program=small)
    calls = [ToolCall(tool, args) for tool, args in small_calls()]
    for call in calls * 500:
        engine.decide(call, USER)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for call in itertools.islice(itertools.cycle(calls), DECISIONS):
        engine.decide(call, USER)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    yield Figure(f"memory that {DECISIONS:,} decisions leave behind", grown, "KiB", "under 256 KiB", grown < 256)


def attacks() -> Iterator[Figure]:
    """How soon hostile modules end, and what they take meanwhile. The first one pays for what a process does once."""
    for name, (body, more) in ATTACKS.items():
        wasm = bytes(wat2wasm(HOSTILE % (body, more)))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        milliseconds = statistics.median(best(partial(attacked, wasm), 1) for _ in range(5))
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        met = milliseconds < 50
        yield Figure(f"hostile: {name}, loaded and asked", milliseconds, "ms", f"under 50 ms; {grown:.1f} MiB", met)


def attacked(wasm: bytes) -> None:
    """Loads a hostile module and asks it, if it can be loaded."""
    kept.clear()
    try:
        decision = WasmEngine(wasm).decide(ToolCall("view", {"a": 1}), USER)
    except ModuleError:
        return
    assert decision.code == "module_fault"
