"""No text brings the parser down, or makes it take more than a moment."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexgate.core.errors import PolicyError
from hexgate.core.expr import parse, show

HOSTILE = [
    "(" * 3000,
    "(" * 3000 + "args.x == 1" + ")" * 3000,
    "[" * 4096,
    "not " * 1024,
    "not " * 4096,
    "lower(" * 600,
    "every(args.x," * 300,
    "args" + "[" * 4000,
    "args" + "[0]" * 1300,
    "args" + ".x" * 2000,
    "." * 4096,
    " " * 4096,
    '"' * 4096,
    '"' + '\\"' * 2047,
    "'\\" * 2048,
    "\x00" * 4096,
    "\ud800" * 4096,
    "\u202e" * 4096,
    "😀" * 4096,
    "ä" * 4096,
    "9" * 4096,
    "9e" * 2048,
    "-" * 4096,
    "=" * 4096,
    "a " * 2048,
    "and " * 1024,
    "args.x == 1 and " * 256,
    ",".join("1" * 2000),
    "x" * 1_000_000,
    "args.x in [" + "1," * 2040,
    "args.x in [" + "[]," * 1300,
    f"matches(args.x, '{'(' * 1000}')",
    f"matches(args.x, '{'(a{1,100}){1,100}' * 60}')",
    f"matches(args.x, '{'[' * 1000}')",
    f"within(args.x, '{'../' * 1300}')",
    f"url_host_in(args.x, ['{'a.' * 2000}'])",
    f"url_host_in(args.x, ['[{':' * 4000}]'])",
    f"{'a' * 64}({'b' * 64}(",
    f"args.x {'contains' * 500} 1",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_text_is_a_mistake_or_a_tree(text: str) -> None:
    try:
        parse(text)
    except PolicyError as error:
        # What is shown of it can be written to any terminal.
        str(error).encode()


WORDS = st.sampled_from(
    [
        *("args.x", "ctx", ".", ".a", "..", "consts.a", "user.id", "role", "and", "or", "not", "in", "true", "null"),
        *("(", ")", "[", "]", ",", "==", "<", "=", "!", "&&", "'a'", '"', "\\", "1", "-1", "1e5", "007", "0x", "prod"),
        *("count(", "lower(", "every(", "any(", "matches(", "within(", "url_host_in(", "exists(", "startswith(", "f("),
        *("is", "é", "😀", "\u200f", "\x00", "\ud800", "-", ";", "#", "a-b", "[0]", "['k']", "[-1]"),
    ]
)


@given(st.lists(st.tuples(WORDS, st.sampled_from(["", " ", "\n"])), max_size=20))
def test_any_row_of_tokens_is_a_mistake_or_a_tree(words: list[tuple[str, str]]) -> None:
    text = "".join(word + gap for word, gap in words)
    with contextlib.suppress(PolicyError):
        tree = parse(text)
        assert parse(show(tree)) == tree


@given(st.text(st.characters(), max_size=60))
def test_any_text_is_a_mistake_or_a_tree(text: str) -> None:
    with contextlib.suppress(PolicyError):
        parse(text)
