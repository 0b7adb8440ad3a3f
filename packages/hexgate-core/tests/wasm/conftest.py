"""Modules for the tests, written by hand: they speak OPA's ABI in as few lines as that takes, and any part can be made wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from wasmtime import wat2wasm

DECISION = "hexgate/policy/decision"
ALLOWED: dict[str, Any] = {
    "allow": True,
    "approvers": None,
    "deciding_role": "staff",
    "explicit_deny": False,
    "monitor": False,
    "requires_approval": False,
    "violations": [],
}
# Where things stand in the memory of such a module.
ENTRYPOINTS, BUILTINS, RESULT, SCRATCH, HEAP = 16, 1024, 4096, 30_000, 32_768
PARTS = {
    "memory": '(memory (export "memory") 2)',
    "major": '(global (export "opa_wasm_abi_version") i32 (i32.const 1))',
    "minor": '(global (export "opa_wasm_abi_minor_version") i32 (i32.const 3))',
    "entrypoints": f'(func (export "entrypoints") (result i32) (i32.const {ENTRYPOINTS}))',
    "builtins": f'(func (export "builtins") (result i32) (i32.const {BUILTINS}))',
    "malloc": f'(func (export "opa_malloc") (param i32) (result i32) (i32.const {SCRATCH}))',
    "json_parse": '(func (export "opa_json_parse") (param i32 i32) (result i32) (local.get 0))',
    "json_dump": '(func (export "opa_json_dump") (param i32) (result i32) (local.get 0))',
    "heap": f'(func (export "opa_heap_ptr_get") (result i32) (i32.const {HEAP}))',
    "eval": '(func (export "opa_eval") (param i32 i32 i32 i32 i32 i32 i32) (result i32) {evaluate})',
}


def escaped(text: bytes) -> str:
    return "".join(f"\\{byte:02x}" for byte in text)


def write(
    evaluate: str = f"(i32.const {RESULT})",
    *,
    answer: Mapping[str, Any] | None = None,
    result: bytes | None = None,
    entrypoints: Mapping[str, Any] | bytes | None = None,
    builtins: Mapping[str, Any] | bytes | None = None,
    imports: str = "",
    more: str = "",
    **parts: str,
) -> bytes:
    """A module. `evaluate` is the body of `opa_eval`; `answer` or `result` is what stands at RESULT; `parts` replace parts."""
    if result is None:
        result = json.dumps([{"result": {**ALLOWED, **(answer or {})}}]).encode()
    listed = {
        ENTRYPOINTS: {DECISION: 0} if entrypoints is None else entrypoints,
        BUILTINS: {} if builtins is None else builtins,
        RESULT: result,
    }
    data = "".join(
        f'(data (i32.const {at}) "{escaped(text if isinstance(text, bytes) else json.dumps(text).encode())}\\00")'
        for at, text in listed.items()
    )
    written = "\n".join({**PARTS, **parts}.values()).replace("{evaluate}", evaluate)
    return bytes(wat2wasm(f"(module {imports}\n{written}\n{more}\n{data})"))


@pytest.fixture(scope="session")
def module() -> Callable[..., bytes]:
    """What writes modules."""
    return write
