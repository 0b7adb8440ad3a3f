"""Only a whole module of bearable size is compiled, once, in this process, and machine code comes from nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wasmtime import wat2wasm

import hexgate.core.wasm
from hexgate.core import ModuleError, Policy, compile_policy
from hexgate.core.wasm.assemble import assemble
from hexgate.core.wasm.compiled import Code, compiled, machine_code
from hexgate.core.wasm.instance import Instance
from hexgate.core.wasm.limits import FOREIGN, LARGEST_CODE, LARGEST_MODULE, Budget, largest_memory, largest_result
from hexgate.core.wasm.link import runtime
from hexgate.core.wasm.pool import MOST_KEPT, pool_of
from hexgate.core.wasm.sections import MAGIC, sections

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
    least = sum(length for kind, _, length in sections(module(more=DOES_NOTHING)) if kind == CODE)
    # The size of the function takes two bytes more, now that it is large.
    return module(more=DOES_NOTHING.replace("(nop)", "(nop)" * (size - least - 1)))


@pytest.mark.parametrize("more", [0, 1])
def test_too_much_code_is_not_compiled(more: int, module: Module) -> None:
    wasm = with_code(module, LARGEST_CODE + more)
    assert [size for kind, _, size in sections(wasm) if kind == CODE] == [LARGEST_CODE + more]
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
    sizes = [size for wasm in (small, large) for kind, _, size in sections(wasm) if kind == CODE]
    assert sizes[0] < sizes[1] + 8 < sizes[0] + 16
    assert max(sizes) < 40_000
    # OPA's library without anything left out, in bytes of code.
    assert LARGEST_CODE > 1.5 * 313_268


def test_sections_are_told_by_their_kinds_and_sizes_and_broken_ones_end() -> None:
    head = b"\0asm\1\0\0\0"
    assert list(sections(head)) == []
    assert list(sections(head + b"\x01\x02ab\x0a\x81\x01" + bytes(129))) == [(1, 10, 2), (10, 15, 129)]
    assert list(sections(head + b"\x0a")) == [(10, 9, 0)]
    assert next(sections(head + b"\x0a" + b"\xff" * 20)) == (10, 14, 2**35 - 1)


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


def ours(*tools: str) -> bytes:
    """The module of a policy that allows some tools up to an amount."""
    rule = {"mode": "allow", "constraints": ["args.amount <= 500"]}
    return assemble(compile_policy(Policy.model_validate({"tools": dict.fromkeys(tools, rule)})))


def test_modules_of_ours_share_their_machine_code_and_differ_in_what_is_put_into_their_memory() -> None:
    one, two = compiled(ours("refund")), compiled(ours("refund", "note"))
    assert one.module is two.module
    assert one.content != two.content
    assert one.place == two.place == runtime().base


def test_closing_one_module_of_ours_leaves_the_code_to_the_others() -> None:
    compiled(ours("refund")).close()
    assert Instance(compiled(ours("note")), 50_000, 100).entrypoints


@pytest.mark.parametrize("count", [1, 10_000])
def test_a_policy_put_into_memory_by_the_host_answers_as_one_put_there_by_the_module(count: int) -> None:
    wasm = ours(*(f"t{number}" for number in range(count)))
    put, started = compiled(wasm), Code(machine_code(wasm))
    # The larger one does not fit into the memory that the runtime begins with.
    assert (len(put.content) > 2 * 65536) == (count > 1)
    for amount in (500, 501):
        question = orjson.dumps({"roles": ["default"], "tool": "t0", "args": {"amount": amount}})
        first, second = (Instance(code, len(wasm), 100).answer(0, question, 10_000_000) for code in (put, started))
        assert first == second
        assert (b'"allow":true' in first) == (amount == 500)


def test_a_module_that_differs_from_ours_outside_of_its_policy_and_its_stamp_gets_machine_code_of_its_own() -> None:
    wasm = ours("refund")
    policy = runtime().policy_of(wasm) or b"?"
    begins = wasm.index(policy)
    ends = begins + len(policy)
    # Each header of a section, the first and the last byte of each, and all that stands around the policy.
    edges = {each for _, start, size in sections(wasm) for each in (start - 1, start, start + size - 1)}
    for at in {*range(40), *edges, *range(begins - 20, begins), *range(ends, ends + 10)} - {len(wasm) - 1, ends - 1}:
        changed = bytearray(wasm)
        changed[at] ^= 1
        assert runtime().policy_of(bytes(changed)) is None, at


@pytest.mark.parametrize("more", [b"\0\x02\x01x", b"\x0b\x01\0", b"\xff" * 20, b"\0"])
def test_a_module_of_ours_with_something_behind_it_is_not_ours(more: bytes) -> None:
    assert runtime().policy_of(ours("refund") + more) is None


@given(st.binary(max_size=60))
def test_whatever_follows_the_beginning_of_a_module_is_looked_through_without_a_fault(rest: bytes) -> None:
    assert runtime().policy_of(MAGIC + rest) is None
