"""A quoted text means what JSON says it means, in either kind of quotes and with any of its escapes."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from hexgate.core.expr import syntax
from hexgate.core.expr.parser import parse
from hexgate.core.expr.printer import show
from tests.differential.choices import RandomChoices
from tests.differential.grammar import quoted
from tests.differential.vocabulary import TEXTS

SHORT = {"\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "/": "\\/", '"': '\\"', "\\": "\\\\"}
# Control characters must be escaped; surrogates are no characters.
WRITTEN = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


def value_of(literal: str) -> syntax.Value:
    """What the text between the quotes is read as."""
    tree = parse(f"args.a == {literal}")
    assert isinstance(tree, syntax.Comparison)
    assert isinstance(tree.right, syntax.Literal)
    return tree.right.value


@settings(max_examples=300, deadline=None)
@given(WRITTEN, st.booleans())
def test_a_text_is_read_as_json_reads_it(text: str, only_ascii: bool) -> None:
    literal = json.dumps(text, ensure_ascii=only_ascii)
    # JSON lets U+007F to U+009F stand as they are; here a control character is always written as an escape.
    literal = "".join(f"\\u{ord(char):04x}" if "\x7f" <= char <= "\x9f" else char for char in literal)
    assert value_of(literal) == json.loads(literal) == text


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from([*SHORT.values(), "\\u0041", "\\u00E9", "\\ud83d\\ude00", "\\uD83D\\uDE00"]),
            st.sampled_from("ab'"),
        ),
        max_size=6,
    )
)
def test_every_escape_is_read_as_json_reads_it(pieces: list[str]) -> None:
    written = "".join(pieces)
    expected = json.loads(f'"{written}"')
    assert value_of(f'"{written}"') == expected
    single = "".join("\\u0027" if piece == "'" else '"' if piece == '\\"' else piece for piece in pieces)
    assert value_of(f"'{single}'") == expected


def test_generated_texts_are_read_back_and_shown_alike() -> None:
    choose = RandomChoices("quoted")
    for _ in range(2000):
        text = choose.pick(TEXTS)
        assert value_of(quoted(choose, text)) == text
        shown = show(syntax.Comparison("==", syntax.Path("args", ("a",)), syntax.Literal(text)))
        assert parse(shown) == parse(f"args.a == {json.dumps(text)}")
