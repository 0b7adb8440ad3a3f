"""Whatever a module does, it comes to a denial, or to a mistake when it is loaded, soon and in little memory; the next decision is
right."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from hexgate.core import ModuleError, Policy, Program, ToolCall, User, compile_policy
from hexgate.core.wasm.assemble import assemble
from hexgate.core.wasm.compiled import compiled
from hexgate.core.wasm.engine import WasmEngine
from hexgate.core.wasm.faults import ModuleFault, OutOfFuel
from hexgate.core.wasm.instance import Instance
from hexgate.core.wasm.limits import FOREIGN
from hexgate.core.wasm.pool import pool_of
from hexgate.core.wasm.question import question_of

Module = Callable[..., bytes]
CALL = ToolCall("view", {"a": 1})
USER = User("alice", "staff")
# A module ends by what is counted, not by a clock; this is far more than that takes, which `make bench` measures.
MOST_SECONDS = 1.0
MOST_BYTES = 24 * 1024 * 1024
SPENT = "it took more instructions than it may"


@contextmanager
def soon_and_in_little_memory() -> Iterator[None]:
    before = resource.getrusage(resource.RUSAGE_SELF)
    started = time.thread_time()
    yield
    seconds = time.thread_time() - started
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before.ru_maxrss) * 1024
    assert seconds < MOST_SECONDS
    assert grown < MOST_BYTES


DENIED: dict[str, tuple[dict[str, Any], str]] = {
    "an endless loop": ({"evaluate": "(loop (br 0)) (unreachable)"}, SPENT),
    "a loop that fills all of its memory": (
        {"evaluate": "(loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 131072)) (br 0)) (unreachable)"},
        SPENT,
    ),
    "endless recursion": (
        {"evaluate": "(call $r) (i32.const 4096)", "more": "(func $r (call $r))"},
        "it called itself too deeply",
    ),
    "recursion with large frames": (
        {
            "evaluate": "(call $r (i64.const 1) (i64.const 2))",
            "more": "(func $r (param i64 i64) (result i32) (call $r (local.get 1) (i64.add (local.get 0) (local.get 1)))"
            "(i32.wrap_i64 (local.get 0)) (i32.add))",
        },
        "it called itself too deeply",
    ),
    "memory that grows and is filled": (
        {
            "evaluate": "(local $n i32) (loop (local.set $n (memory.grow (i32.const 1)))"
            "(memory.fill (i32.shl (local.get $n) (i32.const 16)) (i32.const 7) (i32.const 65536)) (br 0)) (unreachable)"
        },
        "it reached beyond its memory",
    ),
    "a table that grows": (
        {
            "evaluate": "(loop (br_if 0 (i32.ne (table.grow $t (ref.null func) (i32.const 1000)) (i32.const -1))))"
            "(call_indirect $t (type $f) (i32.const 5))",
            "more": "(type $f (func (result i32))) (table $t 1 funcref)",
        },
        "it broke a rule of the sandbox",
    ),
    "a call beyond the table": (
        {
            "evaluate": "(call_indirect $t (type $f) (i32.const 5))",
            "more": "(type $f (func (result i32))) (table $t 1 funcref)",
        },
        "it reached beyond its table",
    ),
    "a division by nothing": (
        {"evaluate": "(i32.div_u (i32.const 1) (i32.const 0))"},
        "it broke a rule of the sandbox",
    ),
    "a result beyond the memory": ({"evaluate": "(i32.const 131072)"}, "its result does not end within its memory"),
    "a result far beyond the memory": (
        {"evaluate": "(i32.const 2147483647)"},
        "its result does not end within its memory",
    ),
    "a result before the memory": ({"evaluate": "(i32.const -4096)"}, "its result does not end within its memory"),
    "a result at the last byte": (
        {"evaluate": "(i32.store8 (i32.const 131071) (i32.const 65)) (i32.const 131071)"},
        "its result does not end within its memory",
    ),
    "a result without an end": (
        {"evaluate": "(memory.fill (i32.const 0) (i32.const 65) (i32.const 131072)) (i32.const 5)"},
        "its result does not end within its memory",
    ),
    "a result that is longer than any": (
        {
            "evaluate": "(drop (memory.grow (i32.const 40)))"
            "(memory.fill (i32.const 0) (i32.const 65) (i32.const 2700000)) (i32.const 5)"
        },
        "its result does not end within its memory",
    ),
    "no result at all": ({"evaluate": "(i32.const 131071)"}, "its result is not JSON"),
    "a result that is nothing": ({"result": b"[]"}, "it has no result"),
    "a result that is true": ({"result": b'[{"result":true}]'}, "its result is no decision"),
    "a result of another type": ({"answer": {"allow": "true"}}, "its result is no decision"),
    "a result that is no text": ({"result": b"\xff\xfe"}, "its result is not JSON"),
    "a megabyte of JSON": (
        # A million zeros within brackets.
        {
            "evaluate": """(local $n i32) (drop (memory.grow (i32.const 20))) (i32.store8 (i32.const 4096) (i32.const 91))
            (local.set $n (i32.const 4097))
            (loop (i32.store16 (local.get $n) (i32.const 0x2c30)) (local.set $n (i32.add (local.get $n) (i32.const 2)))
              (br_if 0 (i32.lt_u (local.get $n) (i32.const 1000000))))
            (i32.store16 (local.get $n) (i32.const 0x5d30)) (i32.const 4096)"""
        },
        "its result is no decision",
    ),
}


# Its rules may take ten thousand times what is granted to a module about which nothing is known.
PROGRAM = compile_policy(
    Policy.model_validate(
        {"roles": {"staff": {"tools": {"view": {"mode": "allow", "constraints": ["every(args.a, . in args.b)"]}}}}}
    )
)
SMALL, LARGE = CALL, ToolCall("view", {"a": "x" * 64 * 1024})


@pytest.mark.parametrize("known", [None, PROGRAM], ids=["alone", "with a program"])
@pytest.mark.parametrize("call", [SMALL, LARGE], ids=["small", "large"])
@pytest.mark.parametrize("name", DENIED)
def test_a_hostile_module_ends_as_a_denial(name: str, call: ToolCall, known: Program | None, module: Module) -> None:
    parts, said = DENIED[name]
    hostile, sound = WasmEngine(module(**parts), program=known), WasmEngine(module())
    assert sound.decide(call, USER).allowed
    with soon_and_in_little_memory():
        decision = hostile.decide(call, USER)
    assert decision.code == "module_fault"
    assert decision.rule is None
    if call is SMALL:
        # A large question makes the memory larger, so other things may lie where it ended.
        assert decision.detail == said
    # And again, by another instance; then by a module that is sound.
    assert hostile.decide(call, USER) == decision
    assert sound.decide(call, USER).allowed


@pytest.mark.parametrize("call", [SMALL, LARGE], ids=["small", "large"])
@pytest.mark.parametrize("name", DENIED)
def test_a_hostile_module_takes_no_more_instructions_than_one_about_which_nothing_is_known(
    name: str, call: ToolCall, module: Module
) -> None:
    parts, said = DENIED[name]
    wasm, question = module(**parts), question_of(call, USER)
    granted = WasmEngine(wasm, program=PROGRAM).most_fuel(call.tool, USER.roles, question)
    assert granted == FOREIGN.base + FOREIGN.a_byte * len(question) < 24_000_000
    instance = Instance(compiled(wasm), len(wasm), len(question))
    if said == SPENT:
        with pytest.raises(OutOfFuel):
            instance.answer(0, question, granted)
        # What the module was given is gone.
        assert instance.store.get_fuel() == 0
    else:
        with suppress(ModuleFault):
            instance.answer(0, question, granted)
        assert instance.store.get_fuel() > 0


REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "a loop as it starts": (
        {"more": "(func $s (loop (br 0))) (start $s)"},
        "HX734",
        "it took more instructions than it may",
    ),
    "recursion as it starts": ({"more": "(func $s (call $s)) (start $s)"}, "HX734", "it called itself too deeply"),
    "the largest memory there is": ({"memory": '(memory (export "memory") 65536)'}, "HX734", "memory"),
    "an import of the largest memory": (
        {"memory": "", "imports": '(import "env" "memory" (memory 65536)) (export "memory" (memory 0))'},
        "HX734",
        "memory",
    ),
    "a table of ten million elements": ({"more": "(table 10000000 funcref)"}, "HX734", "table"),
    "two tables": ({"more": "(table 1 funcref) (table 1 funcref)"}, "HX734", "table"),
    "two memories": ({"more": "(memory 60000)"}, "HX730", "memor"),
    "an import of WASI": (
        {"imports": '(import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))'},
        "HX732",
        "asks its host for `wasi_snapshot_preview1.fd_write`",
    ),
    "an import of a function with another type": (
        {"imports": '(import "env" "opa_abort" (func (param i64)))'},
        "HX732",
        "asks its host for `env.opa_abort`",
    ),
    "an import of a global": (
        {"imports": '(import "env" "opa_abort" (global i32))'},
        "HX732",
        "asks its host for `env.opa_abort`",
    ),
    "an import of a table": (
        {"imports": '(import "env" "memory" (table 1 funcref))'},
        "HX732",
        "asks its host for `env.memory`",
    ),
    "`opa_eval` with other types": (
        {"eval": '(func (export "opa_eval") (param i64) (result f64) (f64.const 0))'},
        "HX732",
        "does not export `opa_eval`",
    ),
    "`opa_eval` with one parameter too few": (
        {"eval": '(func (export "opa_eval") (param i32 i32 i32 i32 i32 i32) (result i32) (i32.const 0))'},
        "HX732",
        "does not export `opa_eval`",
    ),
    "`opa_eval` that is no function": (
        {"eval": '(global (export "opa_eval") i32 (i32.const 0))'},
        "HX732",
        "does not export `opa_eval`",
    ),
    "no memory": ({"memory": "(memory 2)"}, "HX732", "does not export `memory`"),
    "a version that may change": (
        {"major": '(global (export "opa_wasm_abi_version") (mut i32) (i32.const 1))'},
        "HX732",
        "does not export `opa_wasm_abi_version`",
    ),
    "a version before `opa_eval`": (
        {"minor": '(global (export "opa_wasm_abi_minor_version") i32 (i32.const 1))'},
        "HX732",
        "speaks OPA's ABI 1.1",
    ),
    "a version to come": (
        {"major": '(global (export "opa_wasm_abi_version") i32 (i32.const 2))'},
        "HX732",
        "speaks OPA's ABI 2.3",
    ),
    "entrypoints beyond the memory": (
        {"entrypoints": b"", "json_dump": '(func (export "opa_json_dump") (param i32) (result i32) (i32.const -1))'},
        "HX734",
        "its result does not end within its memory",
    ),
    "entrypoints that are no JSON": ({"entrypoints": b"{"}, "HX734", "its list of entrypoints cannot be read"),
    "entrypoints that are a list": ({"entrypoints": b"[1]"}, "HX734", "its list of entrypoints cannot be read"),
    "entrypoints that are no numbers": (
        {"entrypoints": {"a": True}},
        "HX734",
        "its list of entrypoints cannot be read",
    ),
    "entrypoints with wild numbers": ({"entrypoints": {"a": 2**31}}, "HX734", "its list of entrypoints cannot be read"),
    "builtins that cannot be read": ({"builtins": {"a": -1}}, "HX734", "its list of builtins cannot be read"),
    "memory beyond its memory": (
        {"malloc": '(func (export "opa_malloc") (param i32) (result i32) (i32.const -2))'},
        "HX734",
        "it gives addresses beyond its memory",
    ),
    "giving up as it starts": (
        {
            "imports": '(import "env" "opa_abort" (func $abort (param i32)))',
            "more": '(func $s (call $abort (i32.const 2048))) (start $s) (data (i32.const 2048) "bad luck\\00")',
        },
        "HX734",
        "it gave up",
    ),
    "a missing function as it starts": (
        {
            "imports": '(import "env" "opa_builtin0" (func $f (param i32 i32) (result i32)))',
            "more": "(func $s (drop (call $f (i32.const 3) (i32.const 0)))) (start $s)",
        },
        "HX734",
        "it needs a function of the host that it does not name, which is not there",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_module_that_cannot_be_asked_is_refused_when_it_is_loaded(name: str, module: Module) -> None:
    parts, code, said = REFUSED[name]
    hostile, sound = module(**parts), WasmEngine(module())
    # What a process does once is not the module's doing.
    assert sound.decide(CALL, USER).allowed
    with soon_and_in_little_memory(), pytest.raises(ModuleError) as caught:
        pool_of(hostile)
    assert (caught.value.code, said in caught.value.message) == (code, True), caught.value
    assert caught.value.help
    assert sound.decide(CALL, USER).allowed


def test_a_heap_beyond_the_memory_leaves_no_room_for_a_question(module: Module) -> None:
    wasm = module(heap='(func (export "opa_heap_ptr_get") (result i32) (i32.const -8))')
    assert WasmEngine(wasm).decide(CALL, USER).detail == "it has no memory left for the question"


def test_what_a_call_left_in_the_memory_is_no_help_to_the_next_one(module: Module) -> None:
    # Answers twice, then gives up; its instance is thrown away, and the next one answers twice again.
    wasm = module(
        "(i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (i32.const 1)))"
        "(if (i32.gt_u (i32.load (i32.const 8)) (i32.const 2)) (then unreachable)) (i32.const 4096)"
    )
    engine = WasmEngine(wasm)
    said = [engine.decide(CALL, USER).code for _ in range(6)]
    assert said == ["allowed", "allowed", "module_fault", "allowed", "allowed", "module_fault"]


def test_two_hundred_thousand_decisions_take_no_memory() -> None:
    policy = """\
roles:
  staff:
    tools:
      view: {mode: allow, constraints: ['args.a == 2', 'not any(args.b, contains(., "x"))', 'lower(role) != "é"']}
"""
    program = compile_policy(Policy.from_text(policy))
    engine = WasmEngine(assemble(program), program=program)
    assert engine.decide(CALL, USER).violations == ("args.a == 2", 'not any(args.b, contains(., "x"))')
    for _ in range(2000):
        engine.decide(CALL, USER)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(200_000):
        engine.decide(CALL, USER)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1024
