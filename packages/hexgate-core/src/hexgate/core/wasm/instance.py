"""One module in one sandbox: made ready, asked one question after the other, and thrown away when it breaks a rule.

# INVARIANT: the limits of the sandbox are set before the first instruction of the module runs, its start function included.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import orjson
import wasmtime
from wasmtime import Func, Global, Memory, MemoryType, Store, Trap, WasmtimeError

from hexgate.core.text.render import shown, visible
from hexgate.core.wasm.compiled import LOCK, Code, sandbox
from hexgate.core.wasm.fast import CALL, Call
from hexgate.core.wasm.faults import ModuleFault, cause_of, fault_of
from hexgate.core.wasm.host import Host
from hexgate.core.wasm.limits import LARGEST_TABLE, fuel_to_start, largest_memory, largest_result
from hexgate.core.wasm.plain import PAGE, WORD, Callee, put, text_at

__all__ = ["Instance"]

# What hand-written Rego finds as `data`, beside what was compiled into the module.
NO_DATA = b"{}"
LONGEST_SAYING = 200


class Instance:
    """A module that is ready. It answers one call at a time, on whatever thread; nothing of a call is left for the next one."""

    __slots__ = ("again", "builtins", "call", "callee", "entrypoints", "exports", "host", "store", "version")

    def __init__(self, code: Code, size: int, largest: int, *, way: Callable[[Callee], Call] = CALL) -> None:
        """An instance of a module of `size` bytes for questions of at most `largest`. Raises a fault when it does not get ready."""
        self.again: Callable[[], Instance] | None = None
        self.builtins: Mapping[str, int] = {}
        self.exports: Mapping[str, object] = {}
        with LOCK:
            store = self.store = Store(sandbox())
            store.set_limits(largest_memory(size, largest), LARGEST_TABLE, instances=2, tables=1, memories=1)
            store.set_fuel(fuel_to_start(size))
            self.host = Host(store)
            try:
                imports = [self.given(wanted) for wanted in code.module.imports]
                self.exports = wasmtime.Instance(store, code.module, imports).exports(store)
                self.fill(code.content, code.place)
                self.version = self.constant("opa_wasm_abi_version"), self.constant("opa_wasm_abi_minor_version")
                self.callee = self.ready(largest_result(size))
                self.builtins = self.listed("builtins")
                self.entrypoints = self.listed("entrypoints")
            except Trap as trap:
                raise self.reason(fault_of(trap)) from None
            except WasmtimeError as error:
                # Nobody has asked anything yet, so nothing of a question can stand in it.
                raise ModuleFault(cause_of(error)) from None
        self.call = way(self.callee)
        self.again = lambda: Instance(code, size, largest, way=way)

    def answer(self, entrypoint: int, question: bytes, fuel: int) -> bytes:
        """The result for a question. After a fault the instance is not to be asked again."""
        try:
            return self.call(entrypoint, question, fuel)
        except ModuleFault as fault:
            raise self.reason(fault) from None

    def given(self, wanted: wasmtime.ImportType) -> Memory | Func:
        """What the host gives for an import: a memory as the module wants it, or one of its functions."""
        kind = wanted.type
        return Memory(self.store, kind) if isinstance(kind, MemoryType) else self.host.functions[str(wanted.name)]

    def fill(self, content: bytes, place: int) -> None:
        """Puts into the memory what the start function of the module would have put there."""
        memory, end = cast("Memory", self.exports["memory"]), place + len(content)
        if end > memory.data_len(self.store):
            memory.grow(self.store, -(-end // PAGE) - memory.size(self.store))
        memory.write(self.store, content, place)

    def ready(self, most: int) -> Callee:
        """The parts of a call, with an empty document parsed and the heap as that has left it."""
        memory, evaluate = cast("Memory", self.exports["memory"]), cast("Func", self.exports["opa_eval"])
        self.callee = Callee(self.store, memory, evaluate, data=0, heap=0, most=most)
        at = self.number("opa_malloc", len(NO_DATA))
        put(self.callee, NO_DATA, at)
        data = self.number("opa_json_parse", at, len(NO_DATA))
        return Callee(self.store, memory, evaluate, data=data, heap=self.number("opa_heap_ptr_get"), most=most)

    def number(self, function: str, *arguments: int) -> int:
        """What one of the module's functions gives, as an address."""
        return int(cast("Func", self.exports[function])(self.store, *arguments)) & WORD

    def constant(self, name: str) -> int:
        """The value of a global that never changes."""
        return int(cast("Global", self.exports[name]).value(self.store))

    def listed(self, function: str) -> Mapping[str, int]:
        """What `entrypoints` or `builtins` lists: names with their numbers."""
        text = text_at(self.callee, self.number("opa_json_dump", self.number(function)))
        try:
            found: Any = orjson.loads(text)
        except orjson.JSONDecodeError:
            found = None
        if type(found) is not dict or not all(type(number) is int and 0 <= number < 2**31 for number in found.values()):
            raise ModuleFault(f"its list of {function} cannot be read")
        return found

    def reason(self, fault: ModuleFault) -> ModuleFault:
        """A fault, or why the module brought it about: it asked for what the host does not have, or gave up and said why."""
        asked = self.host.builtin_asked()
        if asked is not None:
            # INVARIANT: a number is never told. It may be made of the question; a name stood in the module before.
            names = [f"`{shown(name)}`" for name, number in self.builtins.items() if number == asked]
            which = f"the host's function {names[0]}" if names else "a function of the host that it does not name"
            return ModuleFault(f"it needs {which}, which is not there")
        at = self.host.aborted_at()
        if at is None:
            return fault
        # A start function can give up before there is a memory to read from.
        return ModuleFault("it gave up", self.saying(at) if self.exports else "")

    def saying(self, at: int) -> str:
        """The text with which the module gave up, if an instance that was asked nothing has the same text in the same place.

        What a module copied or made of the question does not stand there, wherever the module puts it.
        """
        try:
            text = text_at(self.callee, at)
            if self.again is not None and text_at(self.again().callee, at) != text:
                return ""
        except ModuleFault:
            return ""
        return visible(text[:LONGEST_SAYING].decode(errors="replace"))
