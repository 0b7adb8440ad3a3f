"""Modules are taken apart and put together without a byte lost, at the sizes at which a number grows by a byte."""

from __future__ import annotations

import pytest
from wasmtime import Engine, Module, wat2wasm

from hexgate.core.wasm.binary import (
    CODE,
    CUSTOM,
    DATA,
    DATA_COUNT,
    Reader,
    put_together,
    signed,
    taken_apart,
    text,
    unsigned,
    with_more,
)
from hexgate.core.wasm.link import runtime

EDGES = [0, 1, 63, 64, 127, 128, 8191, 8192, 16383, 16384, 2**21 - 1, 2**21, 2**28 - 1, 2**28, 2**31 - 1, 2**32 - 1]


@pytest.mark.parametrize("value", EDGES)
def test_a_number_is_read_as_it_was_written(value: int) -> None:
    reader = Reader(unsigned(value) + b"rest")
    assert reader.unsigned() == value
    assert reader.take(4) == b"rest"


@pytest.mark.parametrize(
    ("value", "size"),
    [(127, 1), (128, 2), (16383, 2), (16384, 3), (2**21 - 1, 3), (2**21, 4), (2**28 - 1, 4), (2**28, 5)],
)
def test_a_number_grows_by_a_byte_every_seven_bits(value: int, size: int) -> None:
    assert len(unsigned(value)) == size


@pytest.mark.parametrize("value", [*EDGES, 2**31, 2**32 - 64, 2**32 - 65])
def test_wasmtime_reads_a_constant_as_it_was_written(value: int) -> None:
    module = wat2wasm(f'(module (func (export "f") (result i32) (i32.const {value})))')
    assert b"\x41" + signed(value) + b"\x0b" in module


def test_a_module_that_is_put_together_again_is_the_same() -> None:
    module = wat2wasm(
        '(module (import "e" "f" (func)) (memory 1) (table 1 funcref) (global i32 (i32.const 1)) (export "m" (memory 0)) '
        '(func) (start 1) (elem (i32.const 0) 1) (data "x") (func i32.const 0 i32.const 0 i32.const 1 memory.init 0))'
    )
    assert put_together(taken_apart(bytes(module))) == module


def test_a_custom_section_is_put_last_and_left_out_when_read() -> None:
    module = put_together({**taken_apart(bytes(wat2wasm("(module (func))"))), CUSTOM: text("hexgate") + b"{}"})
    Module.validate(Engine(), module)
    assert module.endswith(b"\x07hexgate{}")
    assert CUSTOM not in taken_apart(module)


@pytest.mark.parametrize("count", [0, 126, 127, 128, 16382, 16383, 16384])
def test_a_vector_grows_by_items_whatever_its_length(count: int) -> None:
    grown = with_more(unsigned(count) + b"x" * count, b"y", b"z")
    reader = Reader(grown)
    assert reader.unsigned() == count + 2
    assert grown[reader.place :] == b"x" * count + b"yz"


@pytest.mark.parametrize("size", [0, 1, 126, 127, 128, 129, 16382, 16383, 16384, 16385, 65536, 500_000, 2_100_000])
def test_a_policy_of_any_size_makes_a_valid_module(size: int) -> None:
    module = runtime().with_policy(bytes(size), b"{}")
    Module.validate(Engine(), module)
    sections = taken_apart(module)
    assert Reader(sections[DATA_COUNT]).unsigned() == Reader(sections[DATA]).unsigned()
    assert sections[DATA].endswith(bytes(size))
    assert sections[CODE].endswith(b"\x0b")


@pytest.mark.parametrize("stamp", [b"", b"x" * 119, b"x" * 120, b"x" * 16375, b"x" * 16376])
def test_a_stamp_of_any_size_makes_a_valid_module(stamp: bytes) -> None:
    module = runtime().with_policy(bytes(64), stamp)
    Module.validate(Engine(), module)
    assert module.endswith(stamp)
