"""The runtime's `regex.c` as a library of this machine, with undefined behaviour trapped, and RE2 beside it."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path
from typing import cast

import re2

from hexgate.core.expr.patterns import ESCAPES, Pattern
from hexgate.core.wasm.regex import automaton

__all__ = ["Native", "build", "re2_pattern"]

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "packages/hexgate-core/src/hexgate/core/wasm/runtime/regex.c"
ZIG = ROOT / ".tools/zig"
# Without a C library, like the runtime. Undefined behaviour stops the process.
FLAGS = [
    "-std=c11",
    "-O2",
    "-ffreestanding",
    "-fno-builtin",
    "-nostdlib",
    "-fsanitize=undefined",
    "-fsanitize-trap=undefined",
]

OPTIONS = re2.Options()
OPTIONS.log_errors = False
OPTIONS.max_mem = 2 << 20


def build(folder: Path) -> ctypes.CDLL:
    """The library, built into a folder with the compiler that builds the runtime."""
    library = folder / "regex.so"
    caches = {"ZIG_GLOBAL_CACHE_DIR": str(folder / "global"), "ZIG_LOCAL_CACHE_DIR": str(folder / "local")}
    command = [sys.executable, "-m", "ziglang", "cc", "-shared", "-fPIC", *FLAGS, "-o", str(library), str(SOURCE)]
    subprocess.run(command, env={**os.environ, **caches, "PYTHONPATH": str(ZIG)}, check=True)
    loaded = ctypes.CDLL(str(library))
    loaded.regex_scratch.restype = ctypes.c_uint32
    return loaded


class Native:
    """One pattern's automaton, run by the library. The scratch is dirty, as it may be, and has a guard behind it."""

    GUARD = b"\xa5" * 64

    def __init__(self, library: ctypes.CDLL, pattern: str) -> None:
        words = automaton(pattern)
        self.library = library
        self.words = (ctypes.c_uint32 * len(words))(*words)
        self.size = int(library.regex_scratch(self.words))
        self.scratch = ctypes.create_string_buffer(b"\xff" * self.size + self.GUARD, self.size + len(self.GUARD))

    def found(self, text: bytes) -> bool:
        """Whether the pattern is found in a text."""
        found = self.library.regex_search(self.words, text, len(text), self.scratch)
        assert found in (0, 1)
        assert self.scratch.raw[self.size :] == self.GUARD
        return bool(found)


def re2_pattern(pattern: str) -> Pattern | str:
    """RE2's program of a pattern, or what it has against it."""
    if any(match[1] == "C" for match in ESCAPES.finditer(pattern)):
        return "half a character"
    try:
        return cast(Pattern, re2.compile(pattern.encode(), OPTIONS))
    except re2.error as error:
        return str(error.args[0])
