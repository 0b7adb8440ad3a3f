"""The bytes of a module in, instances of it out that are taken for one call and given back.

Whoever asks takes the instance that was given back last, and nobody else has it meanwhile: no thread keeps one that it does not
use, and a call that is made inside of a call, by a signal handler or a switch of greenlets, gets another one.
"""

from __future__ import annotations

import atexit
import hashlib
import os
from collections import OrderedDict
from collections.abc import Iterable
from weakref import WeakSet

from hexgate.core.errors import ModuleError
from hexgate.core.wasm.compiled import LOCK, compiled
from hexgate.core.wasm.faults import ModuleFault
from hexgate.core.wasm.instance import Instance
from hexgate.core.wasm.limits import USUAL_QUESTION
from hexgate.core.wasm.shape import HELP

__all__ = ["Pool", "close_pools", "digest_of", "forget_instances", "kept", "pool_of"]

# So many calls at once find an instance that is ready; further ones make their own.
MOST_IDLE = 32
# A process serves few policies at once, and what it reloads again and again must not pile up.
MOST_KEPT = 16

kept: OrderedDict[str, Pool] = OrderedDict()
pools: WeakSet[Pool] = WeakSet()


class Pool:
    """A module that was loaded: its machine code, what it says about itself, and its idle instances."""

    __slots__ = ("__weakref__", "code", "digest", "entrypoints", "idle", "size")

    def __init__(self, module: bytes, digest: str) -> None:
        """Compiles a module and starts it once. Raises a mistake when that fails: then there is nothing to decide by."""
        self.digest = digest
        self.size = len(module)
        self.code = compiled(module)
        try:
            first = Instance(self.code, self.size, USUAL_QUESTION)
        except ModuleFault as fault:
            said = f" and says `{fault.said}`" if fault.said else ""
            raise ModuleError("HX734", f"the module does not start: {fault.detail}{said}", help=HELP) from None
        if first.version < (1, 2) or first.version >= (2, 0):
            spoken = ".".join(map(str, first.version))
            raise ModuleError("HX732", f"the module speaks OPA's ABI {spoken}, not 1.2 or newer", help=HELP)
        self.entrypoints = first.entrypoints
        self.idle = [first]
        pools.add(self)

    def answer(self, entrypoint: int, question: bytes, fuel: int) -> bytes:
        """The result for a question, or a fault; what broke a rule is not asked again."""
        if len(question) > USUAL_QUESTION:
            # It would keep the memory that a large question takes.
            return Instance(self.code, self.size, len(question)).answer(entrypoint, question, fuel)
        try:
            instance = self.idle.pop()
        except IndexError:
            instance = Instance(self.code, self.size, USUAL_QUESTION)
        result = instance.answer(entrypoint, question, fuel)
        if len(self.idle) < MOST_IDLE:
            self.idle.append(instance)
        return result

    def close(self) -> None:
        """Gives back the idle instances and the machine code; whoever asks after that is told of a fault."""
        while self.idle:
            self.idle.pop().store.close()
        self.code.close()


def digest_of(module: bytes) -> str:
    """What a module is called by: equal names are equal bytes."""
    return f"sha256:{hashlib.sha256(module).hexdigest()}"


def pool_of(module: bytes) -> Pool:
    """The pool of a module; the same one for the same bytes, as long as it is among those that were last asked for."""
    digest = digest_of(module)
    with LOCK:
        found = kept.get(digest)
        if found is None:
            found = kept[digest] = Pool(module, digest)
            if len(kept) > MOST_KEPT:
                kept.popitem(last=False)
        kept.move_to_end(digest)
    return found


def forget_instances() -> None:
    """In the child of a fork: begins with instances of its own, though those of the parent would do. Machine code is shared."""
    for pool in list(pools):
        pool.idle = []


def close_pools(of: Iterable[Pool]) -> None:
    """Gives everything back before the process ends: later, wasmtime's own modules may be gone, and it would complain."""
    for pool in list(of):
        pool.close()


atexit.register(close_pools, pools)
getattr(os, "register_at_fork", dict)(after_in_child=forget_instances)
