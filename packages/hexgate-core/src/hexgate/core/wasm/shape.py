"""A compiled module in, whether it speaks OPA's ABI out: which functions it has and asks for, with the types that calls rely on.

# INVARIANT: what passed here can be called without another look at its types. An unchecked call of a function of another type
would read and write memory of the process.
"""

from __future__ import annotations

from wasmtime import FuncType, GlobalType, MemoryType, Module

from hexgate.core.errors import ModuleError
from hexgate.core.text.render import shown
from hexgate.core.wasm.host import FUNCTIONS

__all__ = ["HELP", "check_shape"]

EXPORTS = {
    "builtins": "() -> (i32)",
    "entrypoints": "() -> (i32)",
    "memory": "memory",
    "opa_eval": f"({', '.join(['i32'] * 7)}) -> (i32)",
    "opa_heap_ptr_get": "() -> (i32)",
    "opa_json_dump": "(i32) -> (i32)",
    "opa_json_parse": "(i32, i32) -> (i32)",
    "opa_malloc": "(i32) -> (i32)",
    "opa_wasm_abi_minor_version": "constant i32",
    "opa_wasm_abi_version": "constant i32",
}
MOST_SHOWN = 3
HELP = "give one that was built from a policy, by Hexgate or by `opa build -t wasm`"


def check_shape(module: Module) -> None:
    """Raises a mistake that names everything which the module lacks, or asks for in vain."""
    exports = {export.name: written(export.type) for export in module.exports}
    lacks = [name for name, kind in EXPORTS.items() if exports.get(name) != kind]
    if lacks:
        raise ModuleError("HX732", f"the module does not export {some_of(lacks)} as OPA's ABI 1.2 does", help=HELP)
    wanted = {**FUNCTIONS, "memory": "memory"}
    vain = [
        f"{each.module}.{each.name}"
        for each in module.imports
        if each.module != "env" or written(each.type) != wanted.get(each.name or "")
    ]
    if vain:
        raise ModuleError("HX732", f"the module asks its host for {some_of(vain)}", help=HELP)


def some_of(names: list[str]) -> str:
    """The first of several names as a message quotes them, and how many more there are."""
    quoted = ", ".join(f"`{shown(name)}`" for name in names[:MOST_SHOWN])
    return quoted if len(names) <= MOST_SHOWN else f"{quoted} and {len(names) - MOST_SHOWN} more"


def written(kind: object) -> str:
    """The type of an import or an export in words that can be compared."""
    match kind:
        case FuncType():
            return f"({', '.join(map(str, kind.params))}) -> ({', '.join(map(str, kind.results))})"
        case GlobalType():
            return f"{'variable' if kind.mutable else 'constant'} {kind.content}"
        case MemoryType():
            return "memory"
        case _:
            return "something else"
