"""A trap of a module is no fault of the process: whoever watches for those with `faulthandler` sees none."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

Module = Callable[..., bytes]

SCRIPT = """
import faulthandler, sys
from hexgate.core import ToolCall, User
from hexgate.core.wasm.engine import WasmEngine

engine = WasmEngine(sys.stdin.buffer.read())
faulthandler.enable()
for _ in range(2):
    print(engine.decide(ToolCall("view", {"a": 1}), User("alice", "staff")).code)
"""


def test_a_trap_does_not_end_a_process_that_watches_for_faults(module: Module) -> None:
    trapping = module(evaluate="(unreachable)")
    run = subprocess.run([sys.executable, "-c", SCRIPT], input=trapping, capture_output=True, check=False)
    assert (run.returncode, run.stdout) == (0, b"module_fault\nmodule_fault\n"), run.stderr.decode()
