"""The codes of WebAssembly modules that cannot decide."""

from __future__ import annotations

from hexgate.core.codes.entry import ErrorCode, entry

__all__ = ["MODULES"]

MODULES: tuple[ErrorCode, ...] = (
    entry(
        "python",
        "HX730",
        "no WebAssembly module",
        """
        from hexgate.core.wasm.engine import WasmEngine

        WasmEngine(b"roles: {}")
        """,
        means="The bytes are no WebAssembly, are cut short, or use what no policy needs, such as threads or a second memory.",
        remedy="Give the `.wasm` file itself, whole. Build it again if it was cut short.",
    ),
    entry(
        "python",
        "HX731",
        "a module that is too large",
        """
        from hexgate.core.wasm.engine import WasmEngine

        WasmEngine(bytes(40_000_000))
        """,
        means="A module has at most 32 MiB, and at most 512 KiB of them are code: it is compiled before anything can be decided.",
        remedy="Split the policy by agent, or leave out what no rule needs.",
    ),
    entry(
        "python",
        "HX732",
        "a module of another kind",
        r"""
        from hexgate.core.wasm.engine import WasmEngine

        WasmEngine(b"\0asm\1\0\0\0")
        """,
        means="The module lacks functions of OPA's ABI 1.2, has them with other types, or asks for what the host does not give.",
        remedy="Build it with `opa build -t wasm`, by OPA 0.27 or newer, or from a policy of ours.",
    ),
    entry(
        "python",
        "HX733",
        "a module without the entrypoint",
        '''
        from hexgate.core.wasm.engine import WasmEngine
        from wasmtime import wat2wasm

        WasmEngine(
            wat2wasm("""(module
          (memory (export "memory") 1)
          (data (i32.const 8) "{}")
          (global (export "opa_wasm_abi_version") i32 (i32.const 1))
          (global (export "opa_wasm_abi_minor_version") i32 (i32.const 3))
          (func (export "builtins") (export "entrypoints") (export "opa_heap_ptr_get") (result i32) (i32.const 8))
          (func (export "opa_json_dump") (export "opa_malloc") (param i32) (result i32) (i32.const 8))
          (func (export "opa_json_parse") (param i32 i32) (result i32) (i32.const 8))
          (func (export "opa_eval") (param i32 i32 i32 i32 i32 i32 i32) (result i32) (i32.const 8)))""")
        )
        ''',
        means="A module is asked by `hexgate/policy/decision`, by its only entrypoint, or by the one that `entrypoint` names.",
        remedy="Name one that it has, or build it with `opa build -t wasm -e hexgate/policy/decision`.",
    ),
    entry(
        "python",
        "HX734",
        "a module that does not start",
        '''
        from hexgate.core.wasm.engine import WasmEngine
        from wasmtime import wat2wasm

        WasmEngine(
            wat2wasm("""(module
          (memory (export "memory") 1)
          (global (export "opa_wasm_abi_version") i32 (i32.const 1))
          (global (export "opa_wasm_abi_minor_version") i32 (i32.const 3))
          (func (export "builtins") (export "entrypoints") (export "opa_heap_ptr_get") (result i32) unreachable)
          (func (export "opa_json_dump") (export "opa_malloc") (param i32) (result i32) unreachable)
          (func (export "opa_json_parse") (param i32 i32) (result i32) unreachable)
          (func (export "opa_eval") (param i32 i32 i32 i32 i32 i32 i32) (result i32) unreachable))""")
        )
        ''',
        means="The module was started once, to see that it does: it ran too long, wanted too much memory, or broke a rule.",
        remedy="Build it again. A module that was made by OPA or from a policy of ours starts.",
    ),
    entry(
        "python",
        "HX735",
        "a pattern that is too large for a module",
        """
        from hexgate.core.wasm.regex import automaton

        automaton("(?:" + "|".join(f"{n}-{n}" for n in range(99)) + "){500}")
        """,
        means="A module finds a pattern with an automaton of at most 30,000 steps; none of a policy is known to need more.",
        remedy="Shorten the counted repeats of groups with many options, or keep to the native engine.",
    ),
)
