"""The runtime as the compiler made it in, a module that carries one policy out.

The runtime gets the globals that say which ABI it speaks, a passive segment with the policy, and a start function that puts the
segment where the runtime looks for it. A passive one, since hosts bring a memory of two or of five pages: an active segment
beyond its end could not be loaded, while a start function makes room first.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from hexgate.core.wasm.binary import (
    CODE,
    CUSTOM,
    DATA,
    DATA_COUNT,
    EXPORT,
    FUNCTION,
    GLOBAL,
    IMPORT,
    START,
    TYPE,
    Reader,
    Sections,
    put_together,
    signed,
    taken_apart,
    text,
    unsigned,
    with_more,
)
from hexgate.core.wasm.sections import sections

__all__ = ["SECTION", "Runtime", "runtime"]

ABI = {"opa_wasm_abi_version": 1, "opa_wasm_abi_minor_version": 3}
SECTION = "hexgate"
# Where the compiler says that the memory of the program ends; hosts need not know.
HEAP_BASE = "__heap_base"
PAGE = 65536

I32, CONSTANT = 0x7F, 0
FUNCTION_KIND, GLOBAL_KIND = 0, 3
END, IF, DROP, NOTHING = 0x0B, 0x04, 0x1A, 0x40
I32_CONST, I32_LESS, I32_SUBTRACT = 0x41, 0x49, 0x6B
MEMORY_SIZE, MEMORY_GROW = b"\x3f\0", b"\x40\0"
MEMORY_INIT, DATA_DROP = b"\xfc\x08", b"\xfc\x09"
PASSIVE = 1
# Of the size of a policy, as it is written before the policy.
MOST_DIGITS = 5


@dataclass(frozen=True, slots=True)
class Runtime:
    """What every module has in common: its sections, the address at which a policy begins, the runtime's digest."""

    sections: Sections
    base: int
    digest: str

    def with_policy(self, policy: bytes, stamp: bytes) -> bytes:
        """The module of a policy that was written for `base`, with a stamp in a section of its own."""
        made = dict(self.sections)
        segment = Reader(made[DATA]).unsigned()
        made[DATA_COUNT] = unsigned(segment + 1)
        made[DATA] = with_more(made[DATA], bytes((PASSIVE,)) + unsigned(len(policy)) + policy)
        start = starting(self.base, len(policy), segment)
        made[CODE] = with_more(made[CODE], unsigned(len(start)) + start)
        made[CUSTOM] = text(SECTION) + stamp
        return put_together(made)

    def policy_of(self, module: bytes) -> bytes | None:
        """The policy of a module, if `with_policy` made every byte of it.

        # INVARIANT: nothing is believed that was read from the module: it is made once more, and compared.
        """
        found = {kind: module[start : start + size] for kind, start, size in sections(module)}
        before = with_more(self.sections[DATA], bytes((PASSIVE,)))
        data, custom = found.get(DATA, b""), found.get(CUSTOM, b"")
        for digits in range(1, MOST_DIGITS + 1):
            at = len(before) + digits
            policy, stamp = data[at:], custom[len(text(SECTION)) :]
            if data[:at] == before + unsigned(len(policy)) and self.with_policy(policy, stamp) == module:
                return policy
        return None


@cache
def runtime() -> Runtime:
    """The runtime that this package carries."""
    return prepared(files("hexgate.core.wasm").joinpath("runtime.wasm").read_bytes())


def prepared(module: bytes) -> Runtime:
    """A runtime as the compiler made it, with all but a policy."""
    sections = taken_apart(module)
    exported = exports_of(sections[EXPORT])
    globals_ = globals_of(sections[GLOBAL])
    base = globals_[exported.pop(HEAP_BASE)[1]]
    for number, export in enumerate(ABI, len(globals_)):
        exported[export] = (GLOBAL_KIND, number)
    types = Reader(sections[TYPE]).unsigned()
    functions = imported_functions(sections[IMPORT]) + Reader(sections[FUNCTION]).unsigned()
    constants = [bytes((I32, CONSTANT, I32_CONST)) + signed(value) + bytes((END,)) for value in ABI.values()]
    sections[GLOBAL] = with_more(sections[GLOBAL], *constants)
    sections[EXPORT] = with_more(
        b"\0", *(text(name) + bytes((kind,)) + unsigned(number) for name, (kind, number) in exported.items())
    )
    sections[TYPE] = with_more(sections[TYPE], b"\x60\0\0")
    sections[FUNCTION] = with_more(sections[FUNCTION], unsigned(types))
    sections[START] = unsigned(functions)
    return Runtime(sections, base, f"sha256:{hashlib.sha256(module).hexdigest()}")


def starting(base: int, size: int, segment: int) -> bytes:
    """The start function: makes the memory large enough if it is not, and fills in the policy."""
    pages = bytes((I32_CONST,)) + signed(-(-(base + size) // PAGE))
    return b"".join(
        (
            b"\0",
            *(MEMORY_SIZE, pages, bytes((I32_LESS, IF, NOTHING))),
            *(pages, MEMORY_SIZE, bytes((I32_SUBTRACT,)), MEMORY_GROW, bytes((DROP, END))),
            *(bytes((I32_CONST,)) + signed(number) for number in (base, 0, size)),
            *(MEMORY_INIT, unsigned(segment), b"\0", DATA_DROP, unsigned(segment), bytes((END,))),
        )
    )


def exports_of(section: bytes) -> dict[str, tuple[int, int]]:
    """The kind and the number of everything that is exported."""
    reader = Reader(section)
    return {reader.text(): (reader.take(1)[0], reader.unsigned()) for _ in range(reader.unsigned())}


def globals_of(section: bytes) -> list[int]:
    """The numbers that globals begin with; all of ours are addresses."""
    reader = Reader(section)
    found = []
    for _ in range(reader.unsigned()):
        reader.take(3)
        # A signed number; the addresses of a program of this size have no sign to lose.
        found.append(reader.unsigned())
        reader.take(1)
    return found


def imported_functions(section: bytes) -> int:
    """How many functions are imported; they are numbered before all others."""
    reader = Reader(section)
    count = 0
    for _ in range(reader.unsigned()):
        reader.text()
        reader.text()
        if reader.take(1)[0] == FUNCTION_KIND:
            count += 1
            reader.unsigned()
        else:
            # The memory: without a limit, and the pages that the runtime needs.
            reader.take(1)
            reader.unsigned()
    return count
