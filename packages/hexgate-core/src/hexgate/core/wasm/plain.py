"""One call of a module by the public names of wasmtime: the question goes into its memory, the result comes out as bytes."""

from __future__ import annotations

from dataclasses import dataclass

from wasmtime import Func, Memory, Store, Trap, WasmtimeError

from hexgate.core.wasm.faults import ModuleFault, fault_of

__all__ = ["PAGE", "WORD", "Callee", "PlainCall", "aligned", "make_room", "put", "text_at"]

PAGE = 64 * 1024
WORD = 0xFFFFFFFF
# A result is looked for in pieces, each as long as all before it; most are shorter than the first.
PIECE = 512


@dataclass(frozen=True, slots=True)
class Callee:
    """What a call needs of an instance that is ready: `opa_eval`, its memory, the data document, where the heap begins.

    `most` is what a result may have in bytes.
    """

    store: Store
    memory: Memory
    evaluate: Func
    data: int
    heap: int
    most: int


class PlainCall:
    """A module that is asked one question after the other."""

    __slots__ = ("callee",)

    def __init__(self, callee: Callee) -> None:
        self.callee = callee

    def __call__(self, entrypoint: int, question: bytes, fuel: int) -> bytes:
        """The result for a question, or a fault."""
        callee, size = self.callee, len(question)
        store, heap = callee.store, callee.heap
        free = aligned(heap + size)
        make_room(callee, free)
        callee.memory.write(store, question, heap)
        store.set_fuel(fuel)
        try:
            address = callee.evaluate(store, 0, entrypoint, callee.data, heap, size, free, 0)
        except (Trap, WasmtimeError) as error:
            raise fault_of(error) from None
        return text_at(callee, address)


def aligned(address: int) -> int:
    """The next address at which a value of any type may stand."""
    return (address + 7) & ~7


def make_room(callee: Callee, size: int) -> int:
    """Makes a memory so large that it has that many bytes, and says how many it has."""
    held = callee.memory.data_len(callee.store)
    if held >= size:
        return held
    try:
        callee.memory.grow(callee.store, -(-(size - held) // PAGE))
    except WasmtimeError:
        raise ModuleFault("it has no memory left for the question") from None
    return callee.memory.data_len(callee.store)


def put(callee: Callee, text: bytes, address: int) -> None:
    """Writes a text to an address that the module gave for it."""
    try:
        callee.memory.write(callee.store, text, address)
    except IndexError:
        raise ModuleFault("it gives addresses beyond its memory") from None


def text_at(callee: Callee, address: int) -> bytes:
    """The text that stands at an address, up to its zero byte.

    # INVARIANT: the address comes out of a module and may be any; nothing outside of its memory is read.
    """
    store, memory = callee.store, callee.memory
    start = stop = address & WORD
    end = min(memory.data_len(store), start + callee.most + 1)
    while stop < end:
        begin, stop = stop, min(stop + max(PIECE, stop - start), end)
        found = memory.read(store, begin, stop).find(0)
        if found >= 0:
            return bytes(memory.read(store, start, begin + found))
    raise ModuleFault("its result does not end within its memory")
