"""The same call as in `plain`, without what wasmtime's Python does around it: about 5 µs instead of 80.

It takes three private names of wasmtime: its library, and where a function and a memory stand. So it is tried against the public
way when it is imported, on a module made for that, and taken only when both say the same.

# INVARIANT: the type of `opa_eval` was checked when the module was loaded, and every address that comes out of a module is compared
with the size of its memory: an unchecked call of another type, and an unchecked read, would reach the memory of the process.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import partial
from struct import Struct
from typing import Any, NoReturn, cast

import wasmtime
from wasmtime import Func, Instance, Memory, Module, Store, TrapCode

from hexgate.core.wasm.compiled import sandbox
from hexgate.core.wasm.faults import ModuleFault, trapped
from hexgate.core.wasm.limits import FOREIGN
from hexgate.core.wasm.plain import Callee, PlainCall, make_room, text_at

__all__ = ["CALL", "Call", "FastCall", "Library", "agrees", "chosen", "fast_call", "told", "wasmtime_library"]

Call = Callable[[int, bytes, int], bytes]
ADDRESS = ctypes.c_void_p
# Seven arguments in seven slots of sixteen bytes; the result comes back in the first.
SLOTS = 7
fill, first = Struct("<" + "I12x" * SLOTS).pack_into, Struct("<I").unpack_from
# Most results are shorter.
PIECE = 256
# Answers every question with the seven arguments and the question itself; to be called once where both ways are compared.
TRIAL = """
(module (memory (export "memory") 1)
  (func (export "opa_eval") (param i32 i32 i32 i32 i32 i32 i32) (result i32)
    (if (i32.eqz (local.get 1)) (then unreachable))
    (i32.store (i32.const 0) (i32.or (local.get 0) (i32.const 0x40404040)))
    (i32.store (i32.const 4) (i32.or (local.get 1) (i32.const 0x40404040)))
    (i32.store (i32.const 8) (i32.or (local.get 2) (i32.const 0x40404040)))
    (i32.store (i32.const 12) (i32.or (local.get 4) (i32.const 0x40404040)))
    (i32.store (i32.const 16) (i32.or (local.get 5) (i32.const 0x40404040)))
    (i32.store (i32.const 20) (i32.or (local.get 6) (i32.const 0x40404040)))
    (memory.copy (i32.const 24) (local.get 3) (local.get 4))
    (i32.const 0)))
"""


class Library:
    """The functions of wasmtime's library that a call takes, with prototypes of our own: addresses are plain integers."""

    __slots__ = ("call", "context", "data", "drop_error", "drop_trap", "set_fuel", "trap_code")

    def __init__(self, library: Any) -> None:
        def function(name: str, result: Any, *arguments: Any) -> Any:
            return ctypes.CFUNCTYPE(result, *arguments)((name, library))

        self.call = function("wasmtime_func_call_unchecked", *[ADDRESS] * 4, ctypes.c_size_t, ADDRESS)
        self.context = function("wasmtime_store_context", ADDRESS, ADDRESS)
        self.set_fuel = function("wasmtime_context_set_fuel", ADDRESS, ADDRESS, ctypes.c_uint64)
        self.data = function("wasmtime_memory_data", ADDRESS, ADDRESS, ADDRESS)
        self.trap_code = function("wasmtime_trap_code", ctypes.c_bool, ADDRESS, ADDRESS)
        self.drop_trap = function("wasm_trap_delete", None, ADDRESS)
        self.drop_error = function("wasmtime_error_delete", None, ADDRESS)


class FastCall:
    """A module that is asked one question after the other; it answers as `PlainCall` does."""

    __slots__ = (
        *("base", "call", "callee", "context", "data", "document", "evaluate", "heap", "library", "memory"),
        *("set_fuel", "slots", "slots_at", "trap", "trap_at", "view"),
    )

    def __init__(self, library: Library, callee: Callee) -> None:
        self.library = library
        self.callee = callee
        self.heap = callee.heap
        self.document = callee.data
        self.call = library.call
        self.set_fuel = library.set_fuel
        self.data = library.data
        # `callee` keeps alive what these addresses belong to.
        self.context = library.context(ctypes.cast(callee.store.ptr(), ADDRESS))
        self.evaluate = ctypes.addressof(callee.evaluate._func)  # noqa: SLF001
        self.memory = ctypes.addressof(callee.memory._memory)  # noqa: SLF001
        self.slots = ctypes.create_string_buffer(16 * SLOTS)
        self.slots_at = ctypes.addressof(self.slots)
        self.trap = ADDRESS()
        self.trap_at = ctypes.addressof(self.trap)
        self.base = 0
        self.view = memoryview(b"")

    def __call__(self, entrypoint: int, question: bytes, fuel: int) -> bytes:
        """The result for a question, or a fault."""
        size, heap = len(question), self.heap
        end = heap + size
        free = (end + 7) & ~7
        if free > len(self.view):
            self.look(make_room(self.callee, free))
        self.view[heap:end] = question
        self.set_fuel(self.context, fuel)
        fill(self.slots, 0, 0, entrypoint, self.document, heap, size, free, 0)
        error = self.call(self.context, self.evaluate, self.slots_at, SLOTS, self.trap_at)
        if error is not None or self.trap.value is not None:
            self.fail(error)
        if self.data(self.context, self.memory) != self.base:
            self.look(len(self.view))
        (address,) = first(self.slots)
        piece = self.view[address : address + PIECE].tobytes()
        length = piece.find(0)
        return piece[:length] if length >= 0 else text_at(self.callee, address)

    def look(self, size: int) -> None:
        """Finds the memory where it stands now. It has at least that many bytes, for it only grows; a call may have moved it.

        # INVARIANT: bytes are read and written through `view` alone, which ends where the memory ends, or before.
        """
        self.base = self.data(self.context, self.memory)
        self.view = memoryview((ctypes.c_char * size).from_address(self.base)).cast("B")

    def fail(self, error: int | None) -> NoReturn:
        """Gives back what a failed call left behind, and raises its fault."""
        if error is not None:
            self.library.drop_error(error)
            raise trapped(None)
        code = ctypes.c_uint8()
        known = self.library.trap_code(self.trap, ctypes.addressof(code))
        self.library.drop_trap(self.trap)
        self.trap.value = None
        raise trapped(TrapCode(code.value) if known else None)


def fast_call(library: Any) -> Callable[[Callee], Call]:
    """What makes an instance callable by the functions of that library."""
    return partial(FastCall, Library(library))


def agrees(way: Callable[[Callee], Call]) -> bool:
    """Whether this way of calling gives on the trial what the public one gives, for an answer and for a trap."""
    return told(way) == told(PlainCall)


def told(way: Callable[[Callee], Call]) -> list[bytes | str]:
    """What the trial answers when it is called in this way."""
    store = Store(sandbox())
    store.set_fuel(FOREIGN.base)
    exports = Instance(store, Module(store.engine, TRIAL), []).exports(store)
    memory, evaluate = cast("Memory", exports["memory"]), cast("Func", exports["opa_eval"])
    call = way(Callee(store, memory, evaluate, data=0x01020304, heap=60_000, most=65536))
    answers: list[bytes | str] = [
        call(entrypoint, b"x" * size, FOREIGN.base) for entrypoint, size in ((1, 3), (2, 6000))
    ]
    for entrypoint, fuel in ((0, FOREIGN.base), (1, 1)):
        try:
            answers.append(call(entrypoint, b"x", fuel))
        except ModuleFault as fault:
            answers.append(fault.detail)
    return answers


def wasmtime_library() -> Any:
    """The library behind wasmtime's Python."""
    return wasmtime._ffi.dll  # noqa: SLF001  # pyright: ignore[reportAttributeAccessIssue]


def chosen(
    library: Callable[[], Any] = wasmtime_library, proves_right: Callable[[Callable[[Callee], Call]], bool] = agrees
) -> Callable[[Callee], Call]:
    """The fast way where wasmtime has what it takes and it proves right, else the public one."""
    try:
        way = fast_call(library())
        return way if proves_right(way) else PlainCall
    except (AttributeError, TypeError, ValueError, OSError, ctypes.ArgumentError):
        return PlainCall


CALL = chosen()
