"""An excerpt shows the line that is meant, never more of it than fits, and nothing in it can move a cursor."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexgate.core.text import Source, Span, excerpt
from hexgate.core.text.render import INVISIBLE, WIDTH, shown, visible


def of(text: str, column: int, end_column: int, *, line: int = 1, end_line: int | None = None) -> str:
    return excerpt(Span(Source("p.yaml", text), line, column, end_line or line, end_column))


def test_the_carets_stand_under_what_is_meant() -> None:
    assert of("tools:\n  t:\n    constraint: []", 5, 15, line=3) == "  3 |     constraint: []\n    |     ^^^^^^^^^^"


def test_the_gutter_is_as_wide_as_the_line_number() -> None:
    text = "\n" * 99 + "key: 1"
    assert of(text, 1, 4, line=100) == "  100 | key: 1\n      | ^^^"


def test_a_stretch_over_several_lines_is_marked_to_the_end_of_the_first() -> None:
    assert of("ab: [\n1]", 5, 3, end_line=2) == "  1 | ab: [\n    |     ^"


def test_a_place_without_width_gets_one_caret() -> None:
    assert of("ab", 3, 3) == "  1 | ab\n    |   ^"


def test_a_long_line_is_cut_to_a_window_around_the_place() -> None:
    drawn = of("a" * 500 + "HERE" + "b" * 500, 501, 505)
    line, carets = drawn.splitlines()
    assert line.index("HERE") == carets.index("^^^^")
    assert len(line) == len("  1 | ") + WIDTH


def test_a_place_that_the_line_does_not_have_is_shown_at_its_end() -> None:
    assert of("ab", 5000, 6000) == "  1 | ab\n    |   ^"


@given(
    text=st.text(st.characters(codec="utf-8", exclude_characters="\n\r\x85\u2028\u2029"), max_size=400),
    column=st.integers(1, 500),
    width=st.integers(0, 500),
)
def test_an_excerpt_is_never_longer_than_its_window(text: str, column: int, width: int) -> None:
    line, carets = of(text, column, column + width).split("\n")
    gutter = len("  1 | ")
    assert len(line) <= gutter + WIDTH
    assert carets.rstrip("^") == "    | " + " " * (len(carets.rstrip("^")) - gutter)
    assert 1 <= carets.count("^") <= WIDTH
    assert len(carets) <= gutter + WIDTH + 1  # one past the last character is a place too


HIDDEN = (
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180f\u2800\u3164\ufe00\ufe0f\uffa0\U000e0001\U000e007f\U000e0100\U000e01ef"
)


@pytest.mark.parametrize("char", ["\x1b", "\x00", "\t", "\r", "\u202e", "\u200b", "\ud800", "\ufeff", "\x9b", *HIDDEN])
def test_what_could_hide_or_move_a_cursor_becomes_visible(char: str) -> None:
    assert visible(f"a{char}b") == "a·b"
    assert shown(f"a{char}b") == "a·b"


def test_text_in_any_script_stays_as_it_is() -> None:
    assert visible("Grüße, 世界 😀") == "Grüße, 世界 😀"


@given(st.text())
def test_an_authors_word_is_quoted_on_one_line_and_not_endlessly(text: str) -> None:
    assert len(shown(text)) <= 60
    assert shown(text).isprintable()
    if len(text) <= 60 and text.isprintable() and not INVISIBLE.search(text):
        assert shown(text) == text
