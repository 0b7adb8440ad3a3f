"""Why a module gave no answer: a denial when it was asked, a mistake of whoever made it when it was loaded."""

from __future__ import annotations

from wasmtime import Trap, TrapCode, WasmtimeError

__all__ = ["ModuleFault", "OutOfFuel", "cause_of", "fault_of", "trapped"]

BROKEN = "it broke a rule of the sandbox"
# Everything else that a processor refuses is one and the same to whoever reads it.
TRAPS = {
    TrapCode.STACK_OVERFLOW: "it called itself too deeply",
    TrapCode.MEMORY_OUT_OF_BOUNDS: "it reached beyond its memory",
    TrapCode.TABLE_OUT_OF_BOUNDS: "it reached beyond its table",
    TrapCode.UNREACHABLE: "it gave up",
}


class ModuleFault(Exception):  # noqa: N818
    """A module gave no answer. `detail` is ours or a name out of the module; it never holds anything of the question."""

    def __init__(self, detail: str, said: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        # What the module itself said, for a log: a text that stood in it before it was asked anything.
        self.said = said


class OutOfFuel(ModuleFault):
    """A module took more instructions than it was given."""


def trapped(code: TrapCode | None) -> ModuleFault:
    """The fault of a module that was stopped, with what wasmtime calls the reason if it has a word for it."""
    if code is TrapCode.OUT_OF_FUEL:
        return OutOfFuel("it took more instructions than it may")
    return ModuleFault(BROKEN if code is None else TRAPS.get(code, BROKEN))


def fault_of(error: WasmtimeError | Trap) -> ModuleFault:
    """The fault behind an exception of wasmtime."""
    return trapped(error.trap_code if isinstance(error, Trap) else None)


def cause_of(error: WasmtimeError) -> str:
    """What lies at the bottom of an error that no call has brought about, on one line."""
    return str(error).strip().splitlines()[-1].strip()
