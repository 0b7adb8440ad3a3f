"""What POLICY section 5 refuses comes out refused: with a reason, without arguments, never as an exception."""

from __future__ import annotations

import datetime as dt
import enum
import json
import sys
from collections import OrderedDict, UserDict
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePath
from types import MappingProxyType
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexgate.core import ToolCall
from hexgate.core.call import LARGEST_ARGUMENTS


class Colour(enum.Enum):
    RED = 1


class Word(enum.StrEnum):
    A = "a"


class Number(enum.IntEnum):
    ONE = 1


class Text(str):
    __slots__ = ()


class Whole(int):
    pass


class Real(float):
    pass


class Items(list[int]):
    pass


class Pairs(dict[str, int]):
    pass


@dataclass
class Model:
    a: int = 1


def refusal(arguments: Any, tool: Any = "t") -> str:
    call = ToolCall(tool, arguments)
    assert call.refusal is not None
    assert call.arguments == {}
    assert call.encoded == b"{}"
    assert call.refusal.isprintable()
    return call.refusal


STRANGERS = [
    *(float("nan"), float("inf"), -float("inf"), (), (1, 2), {1}, frozenset(), b"x", bytearray(b"x"), range(3)),
    *(dt.date(2027, 1, 1), dt.datetime.now(dt.UTC), dt.time(1), dt.timedelta(1)),
    *(Colour.RED, Word.A, Number.ONE, Text("a"), Whole(1), Real(1.5), Items([1]), Pairs(a=1), OrderedDict(a=1)),
    *(Model(), Model, Decimal(1), Fraction(1, 2), 1j, UUID(int=1), PurePath("a"), object(), ..., NotImplemented),
    *(
        len,
        lambda: 1,
        sys,
        MappingProxyType({}),
        UserDict(),
        iter([]),
        (char for char in ""),
        memoryview(b"x"),
        Exception(),
    ),
]


@pytest.mark.parametrize("stranger", STRANGERS, ids=lambda value: type(value).__name__)
def test_a_value_that_json_does_not_know_is_refused_at_every_depth(stranger: Any) -> None:
    assert "hold" in refusal({"a": stranger})
    assert "hold" in refusal({"a": [1, {"b": stranger}]})
    assert "hold" in refusal({"b": [None], "a": "null", "c": stranger})


def test_a_refusal_names_the_kind_of_value_and_not_the_value() -> None:
    told = refusal({"password": Text("hunter2")})
    assert told == "the arguments hold a `Text`, which is nothing that JSON knows"


@pytest.mark.parametrize("key", [1, 1.5, True, None, (1,), b"a", Text("a"), Word.A, Number.ONE, Colour.RED])
def test_a_key_that_is_no_text_is_refused_at_every_depth(key: Any) -> None:
    assert refusal({key: 1}) == "the arguments hold a key that is not a text"
    assert refusal({"a": [{"b": 1, key: 1}]}) == "the arguments hold a key that is not a text"
    assert refusal({"a": 10**30, "b": {key: 1}})


HALVES = [chr(0xD800), chr(0xDFFF), f"a{chr(0xDC00)}b", chr(0xDC00) + chr(0xD800)]


@pytest.mark.parametrize("half", HALVES, ids=ascii)
def test_half_of_a_surrogate_pair_is_refused_wherever_it_stands(half: str) -> None:
    for arguments in ({"a": half}, {half: 1}, {"a": [{half: 1}]}, {"a": [half], "b": 10**30}):
        assert refusal(arguments) == "the arguments hold half of a surrogate pair"
    assert refusal({}, tool=half) == "the tool's name holds half of a surrogate pair"
    assert refusal(f'{{"a": "{half}"}}') == "the arguments hold half of a surrogate pair"
    assert refusal(json.dumps({"a": half}))
    assert refusal(json.dumps({half: 10**30}))
    assert refusal(f'{{"a": "{half}"}}'.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("tool", ["", None, 1, b"t", Text("t"), Word.A, ["t"], "x" * 1025])
def test_a_tool_without_a_usable_name_is_refused(tool: Any) -> None:
    call = ToolCall(tool, {"a": 1})
    assert call.refusal == "the tool has no usable name"
    assert isinstance(call.tool, str)
    assert len(call.tool) <= 1024
    assert call.tool.encode().decode() == call.tool


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "a": 2}',
        '{"a": 1, "a": 1}',
        '{"a":1,"b":{"c":1,"c":1}}',
        '{"a": [1, [{"b": null, "c": 1, "b": null}]]}',
        r'{"a": 1, "\u0061": 1}',
        r'{"\u00e9": 1, "é": 1}',
        r'{"/": 1, "\/": 1}',
        r'{"\ud83d\ude00": 1, "😀": 1}',
        '{ "a" : 1 ,\n"a"\t: 1 }',
        '{"a": ":", "a": 1, "b": "::"}',
        '{"a:": 1, "a:": 1}',
        '{"": 1, "": 1}',
        '{"a": {}, "a": {}}',
        '{"a": 1, "a": {"b": 1, "c": ":"}}',
        '{"a": 100000000000000000000000, "a": 1}',
    ],
)
def test_a_key_twice_is_refused_at_every_depth_in_every_spelling(text: str) -> None:
    assert refusal(text) == "the arguments hold a key twice"
    assert refusal(text.encode()) == "the arguments hold a key twice"


@pytest.mark.parametrize("depth", [65, 66, 254, 255, 256, 300, 1000, 1024, 1025, 100_000])
def test_more_than_sixty_four_levels_are_refused(depth: int) -> None:
    lists = '{"a":' + "[" * (depth - 1) + "]" * (depth - 1) + "}"
    objects = '{"a":' * depth + "1" + "}" * depth
    for text in (lists, objects, lists.replace("[]", r'["\n"]'), lists.replace("[]", "[1" + "0" * 30 + "]")):
        assert refusal(text)
    nested: Any = {}
    for _ in range(depth - 1):
        nested = {"a": nested}
    assert refusal(nested) == "the arguments are nested more than 64 levels deep"


@pytest.mark.parametrize(
    "arguments",
    [
        {"a": "x" * LARGEST_ARGUMENTS},
        {"a": ["é"] * (LARGEST_ARGUMENTS // 3)},
        {"a": [0] * (LARGEST_ARGUMENTS + 1)},
        {str(number): 0 for number in range(200_000)},
        {"a": [int("9" * 4000)] * 300},
    ],
)
def test_more_than_a_mebibyte_is_refused(arguments: dict[str, Any]) -> None:
    assert refusal(arguments) == "the arguments are larger than 1,048,576 bytes"
    assert refusal(json.dumps(arguments)) == "the arguments are larger than 1,048,576 bytes"


def test_blanks_count_for_the_size_of_a_text() -> None:
    assert refusal("{" + " " * LARGEST_ARGUMENTS + "}") == "the arguments are larger than 1,048,576 bytes"


def test_a_list_that_holds_itself_is_refused() -> None:
    loop: list[Any] = []
    loop.append(loop)
    twice: list[Any] = []
    twice.extend([twice, twice])
    table: dict[str, Any] = {}
    table["a"] = table
    for arguments in ({"a": loop}, {"a": twice}, table, {"a": [table, loop]}):
        assert refusal(arguments)


@pytest.mark.unwatched
@pytest.mark.parametrize("seed", [[1], [], [[]], {}, {"a": 1}, ["x" * 1000]])
def test_a_shared_part_that_doubles_forty_times_is_refused(seed: Any) -> None:
    lists, objects = seed, seed
    for _ in range(40):
        lists = [lists, lists]
        objects = {"a": objects, "b": objects}
    assert refusal({"a": lists}) == "the arguments are larger than 1,048,576 bytes"
    assert refusal({"a": objects}) == "the arguments are larger than 1,048,576 bytes"


@pytest.mark.parametrize("digits", [4301, 5000])
@pytest.mark.parametrize("sign", ["", "-"])
def test_an_integer_of_more_digits_than_python_writes_is_refused_both_ways(digits: int, sign: str) -> None:
    number = (10 ** (digits - 1)) * (-1 if sign else 1)
    told = "the arguments hold an integer of more digits than Python reads and writes"
    assert refusal({"a": number}) == told
    assert refusal({"a": [{"b": number}]}) == told
    assert refusal(f'{{"a": {sign}1{"0" * (digits - 1)}}}') == told


@pytest.mark.parametrize(
    "number", ["1e400", "-1e400", "1e999999999", "NaN", "Infinity", "-Infinity", "1" + "0" * 400 + ".5"]
)
def test_a_number_that_is_not_finite_is_refused_in_a_text(number: str) -> None:
    for text in (f'{{"a": {number}}}', f'{{"a": [{number}]}}', f'{{"a": {number}, "b": "\\n"}}'):
        assert refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "nope", "[]", "[{}]", '"{}"', "1", "null", "true", "NaN", "{} x", "{}{}", '{"a": 1}}', "{", "}"),
        *('{"a"}', '{"a":}', '{"a": 1,}', "{a: 1}", "{'a': 1}", '{"a": 01}', '{"a": +1}', '{"a": .5}', '{"a": 1.}'),
        *('{"a": 0x1}', '{"a": True}', '{"a": None}', '{"a": undefined}', '{"a": "\n"}', '{"a": "\\x41"}'),
        *('{"a": "\\u12"}', '{"a": 1 /* c */}', "{1: 2}", '{"a": 1} // c', "\ufeff{}", "{}\x00", "\x00{}", "\x0b{}"),
        *('{"a": "\\ud800"}', '{"a": "\\udc00\\ud800"}', '{"\\ud800": 1}', "\u2028{}", '{"a"\xa0: 1}'),
    ],
)
def test_a_text_that_is_no_json_object_is_refused(text: str) -> None:
    assert "not" in refusal(text) or "half of a surrogate" in refusal(text)
    assert refusal(text.encode(errors="surrogatepass"))


@pytest.mark.parametrize(
    "data",
    [b"\xff", b'{"a": "\xff"}', b'{"\xc0\x80": 1}', "{}".encode("utf-16"), b"\xef\xbb\xbf{}", b'{"a": "\xe2\x82"}'],
)
def test_bytes_that_are_no_utf_8_are_refused(data: bytes) -> None:
    assert refusal(data)


@pytest.mark.parametrize(
    "arguments",
    [
        *(None, 1, 1.5, True, [], [("a", 1)], (), {1}, object(), len, {"a": 1}.items(), bytearray(b"{}")),
        *(
            memoryview(b"{}"),
            MappingProxyType({"a": 1}),
            UserDict(a=1),
            OrderedDict(a=1),
            Pairs(a=1),
            Model(),
            Exception(),
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_arguments_that_are_neither_a_dict_nor_a_text_are_refused(arguments: Any) -> None:
    assert refusal(arguments) == "the arguments are not a JSON object"


def test_a_refused_call_keeps_its_tool_and_its_agent() -> None:
    call = ToolCall("t", "nope", "bot")
    assert (call.tool, call.agent) == ("t", "bot")
    assert "refusal='the arguments are not JSON" in repr(call)


ANYTHING = st.recursive(
    st.one_of(
        *(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(), st.complex_numbers()),
        *(st.characters(categories=["Cs"]), st.dates(), st.decimals(), st.uuids(), st.sampled_from(STRANGERS)),
        st.integers(-(10**5000), 10**5000),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.tuples(inner, inner),
        st.dictionaries(
            st.one_of(st.text(), st.integers(), st.none(), st.characters(categories=["Cs"])), inner, max_size=4
        ),
    ),
    max_leaves=12,
)


NAMES = st.one_of(
    st.text(), st.characters(categories=["Cs"]), st.binary(), st.none(), st.integers(), st.lists(st.text())
)


@given(tool=NAMES, arguments=ANYTHING)
def test_no_object_brings_a_call_down(tool: Any, arguments: Any) -> None:
    call = ToolCall(tool, arguments)
    assert type(call.tool) is str
    assert type(call.arguments) is dict
    assert call.encoded.startswith(b"{")
    assert (call.refusal is None) or (call.arguments == {} and call.encoded == b"{}")
    if call.refusal is None and type(arguments) is dict:
        assert json.loads(call.encoded) == arguments


@given(st.one_of(st.binary(), st.text(), st.text('{}[]":,\\u0123456789abcdefE+-. \n', max_size=30)))
def test_no_text_brings_a_call_down(text: str | bytes) -> None:
    call = ToolCall("t", text)
    if call.refusal is None:
        assert json.loads(text) == call.arguments == json.loads(call.encoded)


def test_many_long_texts_are_refused_before_they_are_written_down() -> None:
    call = ToolCall("t", {"list": ["x" * 10_000] * 300, "inner": {"more": [1, 2.5, None]}})
    assert call.refusal == "the arguments are larger than 1,048,576 bytes"
    assert ToolCall("t", {"list": ["x" * 100] * 300, "inner": {"more": [1, 2.5, None]}}).refusal is None


def test_python_told_to_write_few_digits_refuses_the_call_and_raises_nothing() -> None:
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(640)
    try:
        assert ToolCall("t", {"a": 10**700}).refusal == ToolCall("t", '{"a": 1' + "0" * 700 + "}").refusal
        assert "digits" in (ToolCall("t", {"a": 10**700}).refusal or "")
    finally:
        sys.set_int_max_str_digits(before)
