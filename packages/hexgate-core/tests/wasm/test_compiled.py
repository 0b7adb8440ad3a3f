"""Only a whole module of bearable size is compiled, once, in this process, and machine code comes from nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from wasmtime import wat2wasm

import hexgate.core.wasm
from hexgate.core import ModuleError, Policy, compile_policy
from hexgate.core.wasm.assemble import assemble
from hexgate.core.wasm.compiled import compiled, sections
from hexgate.core.wasm.limits import FOREIGN, LARGEST_CODE, LARGEST_MODULE, Budget, largest_memory, largest_result
from hexgate.core.wasm.pool import MOST_KEPT, pool_of

Module = Callable[..., bytes]
CODE = 10
DOES_NOTHING = "(func (nop))"


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


def with_code(module: Module, size: int) -> bytes:
    """A module with that many bytes of code: one function more, which does nothing for as long as it takes."""
    least = sum(length for kind, length in sections(module(more=DOES_NOTHING)) if kind == CODE)
    # The size of the function takes two bytes more, now that it is large.
    return module(more=DOES_NOTHING.replace("(nop)", "(nop)" * (size - least - 1)))


@pytest.mark.parametrize("more", [0, 1])
def test_too_much_code_is_not_compiled(more: int, module: Module) -> None:
    wasm = with_code(module, LARGEST_CODE + more)
    assert [size for kind, size in sections(wasm) if kind == CODE] == [LARGEST_CODE + more]
    if more:
        with pytest.raises(ModuleError, match="the code of the module is larger than 524,288 bytes: 524,289") as caught:
            compiled(wasm)
        assert caught.value.code == "HX731"
    else:
        assert pool_of(wasm).entrypoints


def test_there_is_room_for_what_opa_makes_of_rules_and_a_policy_of_ours_has_no_more_code_when_it_is_larger() -> None:
    few, many = (
        {f"t{number}": {"mode": "allow", "constraints": [f"args.a == {number}"]} for number in range(count)}
        for count in (1, 300)
    )
    small, large = (assemble(compile_policy(Policy.model_validate({"tools": tools}))) for tools in (few, many))
    assert len(large) > len(small) + 10_000
    sizes = [size for wasm in (small, large) for kind, size in sections(wasm) if kind == CODE]
    assert sizes[0] < sizes[1] + 8 < sizes[0] + 16
    assert max(sizes) < 40_000
    # OPA's library without anything left out, in bytes of code.
    assert LARGEST_CODE > 1.5 * 313_268


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
