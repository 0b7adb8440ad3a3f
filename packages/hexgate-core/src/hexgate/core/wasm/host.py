"""What a module may ask of its host: to give up, to print, and to call one of the host's functions. It is a module as well.

No Python runs inside of a call: a request that cannot be granted is noted in a global and ends the call by a trap like any other.
So no exception has to find its way through native code, and nothing is registered that a fork or a collector could catch half done.
"""

from __future__ import annotations

from functools import cache
from typing import cast

from wasmtime import Engine, Func, Global, Instance, Module, Store

__all__ = ["FUNCTIONS", "Host"]

# The signature of each function, as `shape` writes them.
FUNCTIONS = {
    "opa_abort": "(i32) -> ()",
    "opa_println": "(i32) -> ()",
    **{f"opa_builtin{arity}": f"({', '.join(['i32'] * (arity + 2))}) -> (i32)" for arity in range(5)},
}
NOTHING = -1

TEXT = """
(module
  (global (export "aborted_at") (mut i32) (i32.const -1))
  (global (export "builtin") (mut i32) (i32.const -1))
  (func (export "opa_abort") (param i32)
    (global.set 0 (local.get 0))
    (unreachable))
  (func (export "opa_println") (param i32))
  (func (export "opa_builtin0") (param i32 i32) (result i32)
    (global.set 1 (local.get 0))
    (unreachable))
  (func (export "opa_builtin1") (param i32 i32 i32) (result i32)
    (global.set 1 (local.get 0))
    (unreachable))
  (func (export "opa_builtin2") (param i32 i32 i32 i32) (result i32)
    (global.set 1 (local.get 0))
    (unreachable))
  (func (export "opa_builtin3") (param i32 i32 i32 i32 i32) (result i32)
    (global.set 1 (local.get 0))
    (unreachable))
  (func (export "opa_builtin4") (param i32 i32 i32 i32 i32 i32) (result i32)
    (global.set 1 (local.get 0))
    (unreachable)))
"""


@cache
def host_module(engine: Engine) -> Module:
    """The host's functions, compiled once."""
    return Module(engine, TEXT)


class Host:
    """The host's functions in one store, and what they noted."""

    __slots__ = ("aborted", "asked", "functions", "store")

    def __init__(self, store: Store) -> None:
        exports = Instance(store, host_module(store.engine), []).exports(store)
        self.store = store
        self.functions = {name: cast("Func", exports[name]) for name in FUNCTIONS}
        self.aborted = cast("Global", exports["aborted_at"])
        self.asked = cast("Global", exports["builtin"])

    def aborted_at(self) -> int | None:
        """Where the text stands with which the module gave up, if it did."""
        return noted(self.aborted.value(self.store))

    def builtin_asked(self) -> int | None:
        """The number of the function that the module asked for, if it did."""
        return noted(self.asked.value(self.store))


def noted(value: int) -> int | None:
    """A number that a call left in a global."""
    return None if value == NOTHING else value & 0xFFFFFFFF
