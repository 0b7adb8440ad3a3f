"""The bytes of a module in, its machine code out, once it is known that the module is small enough and speaks OPA's ABI.

# INVARIANT: machine code comes from the compiler of this process and from nowhere else (docs/decisions/0007).
"""

from __future__ import annotations

import atexit
import os
from dataclasses import dataclass
from functools import cache
from threading import RLock

from wasmtime import Config, Engine, Module, WasmtimeError

from hexgate.core.errors import ModuleError
from hexgate.core.wasm.faults import cause_of
from hexgate.core.wasm.limits import LARGEST_CODE, LARGEST_MODULE, STACK
from hexgate.core.wasm.link import runtime
from hexgate.core.wasm.sections import MAGIC, sections
from hexgate.core.wasm.shape import HELP, check_shape

__all__ = ["LOCK", "Code", "compiled", "sandbox"]

MIB = 1024 * 1024
CODE_SECTION = 10
# Held while a module is compiled and while an instance is made. A fork waits for it, so that the child finds it free and nothing
# half made. Where there is no fork, there is nothing to wait for.
LOCK = RLock()
getattr(os, "register_at_fork", dict)(before=LOCK.acquire, after_in_parent=LOCK.release, after_in_child=LOCK.release)


@cache
def sandbox() -> Engine:
    """The one engine of the process: instructions are counted, nothing is reserved for memories that stay small.

    Compiling in several threads would leave a forked child waiting for threads that it does not have.
    """
    config = Config()
    config.parallel_compilation = False
    config.consume_fuel = True
    config.memory_reservation = 16 * MIB
    config.memory_guard_size = 64 * 1024
    config.max_wasm_stack = STACK
    # INVARIANT: a trap is checked for and no signal: whoever enables `faulthandler` later than us would see the process die of it.
    config.signals_based_traps = False
    # What no policy needs is not there to be broken.
    config.wasm_threads = False
    config.wasm_memory64 = False
    config.wasm_multi_memory = False
    config.wasm_tail_call = False
    config.wasm_exceptions = False
    config.wasm_gc = False
    config.wasm_function_references = False
    config.wasm_relaxed_simd = False
    config.wasm_stack_switching = False
    return Engine(config)


@dataclass(frozen=True, slots=True)
class Code:
    """What instances are made of: machine code, and what the host puts into their memory before it asks them for anything."""

    module: Module
    content: bytes = b""
    place: int = 0

    def close(self) -> None:
        """Gives the machine code back, unless others run it as well; whoever asks after that is told of a fault."""
        if not self.content:
            self.module.close()


def compiled(module: bytes) -> Code:
    """The machine code of a module. Raises a mistake for what is none, is too large, or speaks another language than OPA's ABI.

    All modules of ours have the code of the runtime, and differ in the policy that they put into their memory when they start.
    So the code is compiled once for all of them, and the host puts the policy there.
    """
    check_size("module", len(module), LARGEST_MODULE)
    if not module.startswith(MAGIC):
        raise ModuleError("HX730", "the file is no WebAssembly module", help=HELP)
    code = sum(size for kind, _, size in sections(module) if kind == CODE_SECTION)
    check_size("code of the module", code, LARGEST_CODE)
    policy = runtime().policy_of(module)
    return Code(shared(), policy, runtime().base) if policy else Code(machine_code(module))


@cache
def shared() -> Module:
    """The machine code that all modules of ours share: that of one without a policy."""
    found = machine_code(runtime().with_policy(b"", b""))
    # Later, wasmtime's own modules may be gone, and it would complain.
    atexit.register(found.close)
    return found


def machine_code(module: bytes) -> Module:
    """What the compiler makes of a module, if it has the shape of one of OPA's."""
    try:
        found = Module(sandbox(), module)
    except WasmtimeError as error:
        raise ModuleError("HX730", f"the module cannot be compiled: {cause_of(error)}", help=HELP) from None
    check_shape(found)
    return found


def check_size(what: str, size: int, most: int) -> None:
    """Refuses before a byte is compiled: compiling takes the time that the module's author wants."""
    if size > most:
        raise ModuleError(
            "HX731",
            f"the {what} is larger than {most:,} bytes: {size:,}",
            help="split the policy by agent, or leave out what no rule needs",
        )
