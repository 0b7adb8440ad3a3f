"""A call is decoded and checked once, and what comes out is what was asked for, to the last digit."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexgate.core import ToolCall
from hexgate.core.call import LARGEST_ARGUMENTS, json_copy

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NUMBERS = st.one_of(st.integers(), st.integers(-(10**40), 10**40), st.floats(allow_nan=False, allow_infinity=False))
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=20,
)
OBJECTS = st.dictionaries(TEXTS, VALUES, max_size=5)


def same(left: Any, right: Any) -> bool:
    """Equal as JSON: 1 is not 1.0 nor True, and minus zero is itself."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    return repr(left) == repr(right)


@given(OBJECTS)
def test_the_arguments_are_the_very_dict_that_was_given(arguments: dict[str, Any]) -> None:
    call = ToolCall("t", arguments)
    assert call.refusal is None
    assert call.arguments is arguments


@given(OBJECTS)
def test_text_and_dict_come_to_the_same_canonical_bytes(arguments: dict[str, Any]) -> None:
    given = ToolCall("t", arguments)
    for text in (json.dumps(arguments), json.dumps(arguments, ensure_ascii=False, indent=1)):
        for form in (text, text.encode()):
            call = ToolCall("t", form)
            assert call.refusal is None
            assert call.encoded == given.encoded
            assert same(call.arguments, json.loads(text))


@given(OBJECTS)
def test_the_canonical_bytes_say_what_the_arguments_say(arguments: dict[str, Any]) -> None:
    assert same(json.loads(ToolCall("t", arguments).encoded), arguments)


def test_the_canonical_bytes_are_sorted_by_key_at_every_depth_and_hold_no_blanks() -> None:
    call = ToolCall("t", '{ "b": [ { "z": 1, "a": 2 } ], "a": { "d": null, "c": true } }')
    assert call.encoded == b'{"a":{"c":true,"d":null},"b":[{"a":2,"z":1}]}'


def test_the_canonical_bytes_stay_sorted_with_integers_of_any_size() -> None:
    call = ToolCall("t", {"b": 10**30, "a": {"d": -(10**20), "c": 1}})
    assert call.encoded == b'{"a":{"c":1,"d":-100000000000000000000},"b":1000000000000000000000000000000}'


@pytest.mark.parametrize("digits", [18, 19, 20, 21, 38, 308, 309, 310, 400, 4299, 4300])
@pytest.mark.parametrize("sign", [1, -1])
def test_an_integer_of_any_size_is_exact_both_ways(digits: int, sign: int) -> None:
    number = sign * (10 ** (digits - 1) + 1)
    from_dict = ToolCall("t", {"a": number, "b": [number]})
    from_text = ToolCall("t", f'{{"a": {number}, "b": [{number}]}}')
    assert from_dict.refusal is None
    assert from_text.refusal is None
    assert from_text.arguments == {"a": number, "b": [number]}
    assert from_text.encoded == from_dict.encoded == f'{{"a":{number},"b":[{number}]}}'.encode()


@pytest.mark.parametrize("number", [2**63 - 1, 2**63, 2**64 - 1, 2**64, -(2**63), -(2**63) - 1, 2**53 + 1])
def test_an_integer_at_the_edge_of_a_machine_word_is_exact(number: int) -> None:
    assert ToolCall("t", f'{{"a": {number}}}').arguments == {"a": number}
    assert ToolCall("t", {"a": number}).encoded == f'{{"a":{number}}}'.encode()


@pytest.mark.parametrize("text", ["-0.0", "1e5", "1E-7", "0.1", "123456789.125", "5e-324", "1.7976931348623157e308"])
def test_a_float_is_the_one_that_json_reads(text: str) -> None:
    assert same(ToolCall("t", f'{{"a": {text}}}').arguments["a"], json.loads(text))


@pytest.mark.parametrize("text", ['{"a": "e+"}', '{"e+1": "1e+99"}', '{"a": 1e+20}', '{"a": 100000000000000000000.0}'])
def test_an_exponent_sign_anywhere_changes_nothing(text: str) -> None:
    assert same(ToolCall("t", text).arguments, json.loads(text))


@pytest.mark.parametrize(
    "text",
    [
        r'{"\u0061": "\u0000\ud83d\ude00\"\\\/"}',
        '{"a:b": "c:d", ":": ":::"}',
        ' \t\r\n{ "a" : [ ] , "b" : { } } \n',
        '{"null": null, "x": "null"}',
        '{"": {"": ""}}',
        '{"a": {"a": {"a": 1}}, "b": {"a": 1}}',
    ],
)
def test_every_spelling_of_json_is_read_as_it_is_meant(text: str) -> None:
    call = ToolCall("t", text)
    assert call.refusal is None
    assert same(call.arguments, json.loads(text))


@pytest.mark.parametrize("depth", [1, 63, 64])
def test_sixty_four_levels_are_not_too_deep(depth: int) -> None:
    text = '{"a":' + "[" * (depth - 1) + "]" * (depth - 1) + "}" if depth > 1 else "{}"
    assert ToolCall("t", text).refusal is None
    assert ToolCall("t", json.loads(text)).refusal is None


def test_arguments_of_exactly_one_mebibyte_are_not_too_large() -> None:
    arguments = {"a": "x" * (LARGEST_ARGUMENTS - len('{"a":""}'))}
    for form in (arguments, json.dumps(arguments, separators=(",", ":"))):
        call = ToolCall("t", form)
        assert call.refusal is None
        assert len(call.encoded) == LARGEST_ARGUMENTS


def test_a_part_that_stands_in_two_places_is_no_loop() -> None:
    part = {"a": [1, 2]}
    assert ToolCall("t", {"x": part, "y": part}).encoded == b'{"x":{"a":[1,2]},"y":{"a":[1,2]}}'


@pytest.mark.parametrize("tool", ["t", "mcp-github-*", "name with spaces", "Überweisung", "工具", "😀", "\x1b[31m"])
def test_a_tools_name_is_any_text_that_can_be_written_down(tool: str) -> None:
    call = ToolCall(tool, {})
    assert (call.tool, call.refusal) == (tool, None)


def test_a_call_carries_the_name_of_the_agent() -> None:
    assert ToolCall("t", {}, "support-bot").agent == "support-bot"
    assert ToolCall("t", {}).agent == "agent"


def test_the_repr_of_a_call_holds_no_argument() -> None:
    assert repr(ToolCall("t", {"password": "hunter2"})) == "ToolCall(tool='t', agent='agent', refusal=None)"


@given(OBJECTS)
def test_a_copy_says_the_same_and_shares_nothing(value: dict[str, Any]) -> None:
    copy, encoded = json_copy(value)
    assert encoded == ToolCall("t", value).encoded
    assert same(copy, value)
    assert copy is not value
    for key, inner in value.items():
        assert not isinstance(inner, dict | list) or copy[key] is not inner


def test_what_json_does_not_know_cannot_be_copied() -> None:
    with pytest.raises(ValueError, match="nothing that JSON knows"):
        json_copy({"a": {1, 2}})
