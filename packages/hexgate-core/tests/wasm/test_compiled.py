"""Only a whole module of bearable size is compiled, once, in this process, and machine code comes from nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from wasmtime import wat2wasm

import hexgate.core.wasm
from hexgate.core import ModuleError
from hexgate.core.wasm.compiled import compiled, sections
from hexgate.core.wasm.limits import FOREIGN, LARGEST_CODE, LARGEST_MODULE, Budget, largest_memory, largest_result
from hexgate.core.wasm.pool import MOST_KEPT, pool_of

Module = Callable[..., bytes]


@pytest.mark.parametrize(
    "data", [b"", b"\0asm", b"\0asm\2\0\0\0", b"\0asm\r\0\1\0", b"roles: {}", b"(module)", b"\x7fELF"]
)
def test_what_is_no_module_is_a_mistake(data: bytes) -> None:
    with pytest.raises(ModuleError, match="the file is no WebAssembly module") as caught:
        compiled(data)
    assert caught.value.code == "HX730"


def test_a_module_that_is_cut_short_anywhere_is_a_mistake(module: Module) -> None:
    whole = module()
    for length in range(len(whole)):
        with pytest.raises(ModuleError) as caught:
            pool_of(whole[:length])
        assert caught.value.code in {"HX730", "HX732", "HX733", "HX734"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('(module (memory (export "memory") 1 2 shared))', "threads"),
        ('(module (memory (export "memory") i64 1))', "memory64"),
        ("(module (func $f (return_call $f)))", "tail calls"),
        ("(module (tag))", "exceptions"),
    ],
)
def test_what_no_policy_needs_is_not_there(text: str, said: str) -> None:
    with pytest.raises(ModuleError, match=said) as caught:
        compiled(bytes(wat2wasm(text)))
    assert caught.value.code == "HX730"


def test_a_module_that_is_too_large_is_not_looked_at() -> None:
    with pytest.raises(ModuleError, match=r"larger than 33,554,432 bytes: 33,554,433") as caught:
        compiled(bytes(LARGEST_MODULE + 1))
    assert caught.value.code == "HX731"


def test_too_much_code_is_not_compiled() -> None:
    size = LARGEST_CODE + 1
    length = bytes([size & 127 | 128, size >> 7 & 127 | 128, size >> 14 & 127 | 128, size >> 21])
    with pytest.raises(ModuleError, match="the code of the module is larger than 2,097,152 bytes") as caught:
        compiled(b"\0asm\1\0\0\0" + b"\x0a" + length + bytes(size))
    assert caught.value.code == "HX731"


def test_sections_are_told_by_their_kinds_and_sizes_and_broken_ones_end() -> None:
    head = b"\0asm\1\0\0\0"
    assert list(sections(head)) == []
    assert list(sections(head + b"\x01\x02ab\x0a\x81\x01" + bytes(129))) == [(1, 2), (10, 129)]
    assert list(sections(head + b"\x0a")) == [(10, 0)]
    assert next(sections(head + b"\x0a" + b"\xff" * 20)) == (10, 2**35 - 1)


def test_the_same_bytes_are_compiled_once_and_only_so_many_modules_are_kept(module: Module) -> None:
    first = pool_of(module())
    assert pool_of(module()) is first
    for number in range(MOST_KEPT):
        assert pool_of(module(more=f"(func (result i32) (i32.const {number}))")) is not first
    assert pool_of(module()) is not first


def test_limits_grow_with_the_module_and_the_question() -> None:
    assert FOREIGN.fuel(0) == 10_000_000
    assert Budget(5, 3).fuel(7) == 26
    assert largest_memory(0, 0) == largest_memory(0, 64 * 1024) == 8 * 1024 * 1024
    assert largest_memory(1000, 2**20) == 4 * 2**20 + 2000 + 64 * 2**20
    assert largest_result(1000) == 2**20 + 2000


def test_machine_code_is_never_read_from_a_file() -> None:
    sources = Path(hexgate.core.wasm.__file__).parent.rglob("*.py")
    assert [path.name for path in sources if "deserialize" in path.read_text(encoding="utf-8")] == []
