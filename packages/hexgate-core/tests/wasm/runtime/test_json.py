"""The module's JSON is the standard's and no more: what it takes and refuses is compared with Python's, byte by byte."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

DOCUMENT = (
    '{"a":[1,-2.5e+7,0,true,false,null,"x\\n\\u00e9\\ud83d\\ude00é\U0001f600"],"":{"k":{}},"z":[[],[{}]],"n":-0.0E-1}'
)
# Each text by itself, none of which has a space.
TAKEN = r"0 -0 1e5 1E+5 1e-5 0.0 123456789012345678901234567890.5 1e100000000 1e-100000000 [] {} true false null"
TAKEN += r' "" "\"\\\/\b\f\n\r\t" "\u0000" "\ud800\udc00" "\uFFFF"'
REFUSED = r"NaN Infinity -Infinity 01 -01 1. .5 +1 - 1e 1e+ 0x10 1_000 --1 1.e5 1e100000001 1e-100000001 1e99999999999999999999"
REFUSED += r" [1,] [,1] [1 ] { } {, {,} {1:2} {a:1} tru True nul nulls 'a' /**/1 [1]//"
REFUSED += r' {"a"} {"a":} {"a":1,} {"a":1 {"a" " "\" "\ "\x41" "\u12" "\u12g4" "\é" "\u+123"'
REFUSED += r' "\ud800" "\udc00" "\ud800\ud800" "\ud800x" "\ud800\n" "\ud800\u0041" "\ud800\u" "\ud800'
GOOD = [
    *TAKEN.split(),
    *('"\x7f"', '"\u2028"', '"\U0010ffff"', " \t\r\n[ 1 , 2 ] \n", '{ "a" : 1 , "b" : [ ] }', "[" * 128 + "]" * 128),
]
BAD = [
    *REFUSED.split(),
    *("", " ", "[1 2]", '{"a":1 "b":2}', "1 2", "[] []", '"\n"', '"\x00"', "\ufeff1", "\u00a01", "1\x00"),
    "[" * 129 + "]" * 129,
]
BYTES = b'"\\{}[],:0123456789eE+-.ntrufals \x00\n\x80\xc3\xff'
BROKEN = "80 c080 c1bf c3 c328 e08080 eda080 edbfbf e282 e28228 f0808080 f09f98 f09f9828 f4908080 f5808080 ff"


def python_takes(content: bytes) -> bool:
    """Whether Python's own JSON takes it, which also takes what is no number."""
    try:
        json.loads(content.decode(), parse_constant=refuse)
    except (ValueError, RecursionError):
        return False
    return True


def refuse(name: str) -> None:
    raise ValueError(name)


@pytest.mark.parametrize("text", GOOD)
def test_json_is_taken_and_means_the_same(anything: Any, text: str) -> None:
    again = anything.parsed(text.encode())
    assert again is not None
    assert json.loads(again, parse_int=str, parse_float=str) == json.loads(text, parse_int=str, parse_float=str)


@pytest.mark.parametrize("text", BAD)
def test_what_is_not_json_is_refused(anything: Any, text: str) -> None:
    assert anything.parsed(text.encode()) is None


@pytest.mark.parametrize("broken", BROKEN.split())
def test_what_is_not_utf8_is_refused(anything: Any, broken: str) -> None:
    for content in (b'"%s"', b'"%s', b'{"%s":1}', b"%s1", b'"\\n%s"', b'"\\%s"'):
        assert anything.parsed(content % bytes.fromhex(broken)) is None


def test_every_beginning_of_a_document_is_taken_or_refused_as_by_python(anything: Any) -> None:
    content = DOCUMENT.encode()
    for end in range(len(content) + 1):
        part = content[:end]
        taken = False if is_cut(part) else python_takes(part)
        assert (anything.parsed(part) is not None) is taken, part


def is_cut(part: bytes) -> bool:
    """Whether a character was cut in half."""
    try:
        part.decode()
    except UnicodeDecodeError:
        return True
    return False


def test_a_document_with_any_byte_changed_is_taken_or_refused_as_by_python(anything: Any) -> None:
    content = DOCUMENT.encode()
    choose = random.Random("bytes")
    for _ in range(4_000):
        edited = bytearray(content)
        for _ in range(choose.randint(1, 2)):
            edited[choose.randrange(len(edited))] = choose.choice(BYTES)
        changed = bytes(edited)
        taken = not is_cut(changed) and python_takes(changed) and not has_half_a_pair(changed)
        assert (anything.parsed(changed) is not None) is taken, changed


def has_half_a_pair(content: bytes) -> bool:
    """Python takes half of a surrogate pair, which no text can hold."""
    return any("\ud800" <= char <= "\udfff" for char in json.dumps(json.loads(content.decode()), ensure_ascii=False))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=8),
)


@settings(max_examples=300)
@given(VALUES, st.booleans(), st.sampled_from([None, 2]))
def test_every_value_comes_back_with_its_keys_sorted_and_no_spaces(
    anything: Any, value: Any, escaped: bool, indent: int | None
) -> None:
    again = anything.parsed(json.dumps(value, ensure_ascii=escaped, indent=indent).encode())
    assert again == json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def test_the_last_of_equal_keys_counts_wherever_it_stands(anything: Any) -> None:
    assert anything.parsed(b'{"a":1,"a":2}') == '{"a":2}'
    assert anything.parsed(b'{"b":1,"a":2,"b":3,"a":4,"c":5,"b":6}') == '{"a":4,"b":6,"c":5}'
    assert anything.parsed(b'{"\\u0061":1,"a":2,"":3}') == '{"":3,"a":2}'
    choose = random.Random("keys")
    for size in (2, 3, 7, 8, 9, 100, 1000):
        pairs = [(str(choose.randrange(size)), number) for number in range(size)]
        content = "{" + ",".join(f'"{key}":{number}' for key, number in pairs) + "}"
        assert anything.parsed(content.encode()) == json.dumps(dict(pairs), sort_keys=True, separators=(",", ":"))


def test_keys_are_in_the_order_of_their_code_points(anything: Any) -> None:
    keys = ["", "\x00", "a", "a\x00", "b", "é", "\uffff", "\U0001f600", "\U0010ffff"]
    shuffled = dict.fromkeys(reversed(keys), 0)
    again = anything.parsed(json.dumps(shuffled).encode())
    assert again == json.dumps(dict.fromkeys(keys, 0), ensure_ascii=False, separators=(",", ":"))


HOSTILE = {
    "keys in the wrong order": "{" + ",".join(f'"k{number}":0' for number in range(60_000, 0, -1)) + "}",
    "one key": "{" + ",".join(['"k":0'] * 150_000) + "}",
    "long keys": "{" + ",".join(f'"{"k" * 5_000}{number}":0' for number in range(200, 0, -1)) + "}",
    "one text": '"' + "é" * 500_000 + '"',
    "escapes": '"' + "\\u00e9" * 170_000 + '"',
    "digits": "1" * 1_000_000,
    "zeros": "0." + "0" * 1_000_000 + "1",
    "lists": "[" + ",".join(["[]"] * 300_000) + "]",
    "brackets": "[" * 1_000_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_megabyte_of_anything_takes_no_more_than_a_little_work_a_byte(meter: Any, name: str) -> None:
    content = HOSTILE[name].encode()
    assert meter("opa_json_parse", content) < 600 * len(content)
