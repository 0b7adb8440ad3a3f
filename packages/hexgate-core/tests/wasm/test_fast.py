"""The fast way of calling says what the public one says, and where it cannot be had or does not, the public one is taken."""

from __future__ import annotations

import ctypes
import random
from collections.abc import Callable
from typing import Any

import pytest

from hexgate.core.wasm.compiled import compiled
from hexgate.core.wasm.fast import CALL, FastCall, Library, agrees, chosen, fast_call, told, wasmtime_library
from hexgate.core.wasm.faults import ModuleFault
from hexgate.core.wasm.instance import Instance
from hexgate.core.wasm.plain import PlainCall

Module = Callable[..., bytes]
# Says the question back, with what stands before it; the first byte may ask for other things.
ECHO = """
(if (i32.eq (i32.load8_u (local.get 3)) (i32.const 71)) (then (drop (memory.grow (i32.const 100)))))
(if (i32.eq (i32.load8_u (local.get 3)) (i32.const 84)) (then unreachable))
(if (i32.eq (i32.load8_u (local.get 3)) (i32.const 87)) (then (return (i32.const -1))))
(memory.copy (i32.const 4096) (local.get 3) (local.get 4))
(i32.store8 (i32.add (i32.const 4096) (local.get 4)) (i32.const 0))
(if (i32.eq (i32.load8_u (local.get 3)) (i32.const 69))
  (then (memory.fill (i32.const 0) (i32.const 65) (i32.shl (memory.size) (i32.const 16)))))
(i32.const 4096)
"""


def said(instance: Instance, question: bytes) -> bytes | str:
    try:
        return instance.answer(0, question, 1_000_000)
    except ModuleFault as fault:
        return fault.detail


def test_here_the_fast_way_is_taken() -> None:
    assert CALL is not PlainCall
    assert agrees(CALL)


@pytest.mark.parametrize("first", [b"A", b"G", b"T", b"W", b"E"])
def test_both_ways_say_the_same(first: bytes, module: Module) -> None:
    wasm = module(ECHO)
    ready = compiled(wasm)
    sizes = [1, 2, 7, 8, 9, 255, 256, 257, 511, 512, 513, 25_000]
    for size in [*sizes, *(random.Random(1).randrange(1, 28_000) for _ in range(20))]:
        question = first + b"b" * (size - 1)
        fast, public = (Instance(ready, len(wasm), 2**16, way=way) for way in (CALL, PlainCall))
        assert said(fast, question) == said(public, question)
        assert first in b"TWE" or said(fast, question) == question


def test_a_memory_that_grew_or_moved_is_found_again(module: Module) -> None:
    # Each call grows the memory by a megabyte, far beyond what was reserved for it, and says the question back from its end.
    wasm = module(
        """(local $end i32)
        (drop (memory.grow (i32.const 16)))
        (local.set $end (i32.sub (i32.shl (memory.size) (i32.const 16)) (i32.const 1000)))
        (memory.copy (local.get $end) (local.get 3) (local.get 4))
        (local.get $end)"""
    )
    instance = Instance(compiled(wasm), len(wasm), 2**20, way=CALL)
    for number in range(60):
        question = b"question %d" % number
        assert instance.answer(0, question, 1_000_000) == question


def test_a_question_for_which_there_is_no_room_is_a_fault_either_way(module: Module) -> None:
    wasm = module()
    for way in (CALL, PlainCall):
        with pytest.raises(ModuleFault, match="no memory left"):
            Instance(compiled(wasm), len(wasm), 1, way=way).answer(0, b"x" * 2**24, 1_000_000)


def absent() -> Any:
    raise AttributeError("the module has no attribute `dll`")


class Other(ctypes.CDLL):
    """A library of C that is not wasmtime's."""


@pytest.mark.parametrize("library", [absent, lambda: None, lambda: Other(None)])
def test_without_the_library_the_public_way_is_taken(library: Callable[[], Any]) -> None:
    assert chosen(library) is PlainCall


@pytest.mark.parametrize(
    "wrong",
    [
        lambda callee: lambda entrypoint, question, fuel: b"another answer",
        lambda callee: lambda entrypoint, question, fuel: PlainCall(callee)(entrypoint, question, 10**9),
    ],
)
def test_a_way_that_says_something_else_does_not_agree(wrong: Callable[[Any], Any]) -> None:
    assert not agrees(wrong)
    assert len(told(wrong)) == len(told(PlainCall)) == 4


def test_a_fast_way_that_does_not_agree_is_not_taken() -> None:
    library = wasmtime_library()
    assert chosen(lambda: library, lambda way: False) is PlainCall
    assert chosen(lambda: library, agrees) is not PlainCall


def test_an_error_that_is_no_trap_is_a_fault_and_given_back(module: Module) -> None:
    theirs = wasmtime_library()
    new_error = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_char_p)(("wasmtime_error_new", theirs))
    library = Library(theirs)
    library.call = lambda *arguments: new_error(b"broken")
    wasm = module()
    instance = Instance(compiled(wasm), len(wasm), 100, way=lambda callee: FastCall(library, callee))
    for _ in range(3):
        with pytest.raises(ModuleFault, match="it broke a rule of the sandbox"):
            instance.answer(0, b"{}", 1000)


def test_after_a_trap_the_same_instance_would_still_answer(module: Module) -> None:
    wasm = module(ECHO)
    for way in (fast_call(wasmtime_library()), PlainCall):
        instance = Instance(compiled(wasm), len(wasm), 100, way=way)
        assert [said(instance, question) for question in (b"T", b"a", b"T", b"b")] == [
            *("it gave up", b"a", "it gave up", b"b")
        ]
