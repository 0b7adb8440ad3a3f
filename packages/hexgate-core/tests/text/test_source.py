"""Lines are counted where YAML counts them, and a span knows its place."""

from __future__ import annotations

import pytest

from hexgate.core.text import Source, Span


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x85", "\u2028", "\u2029"])
def test_every_line_end_of_yaml_ends_a_line(end: str) -> None:
    source = Source("p.yaml", f"one{end}two{end}")
    assert source.lines == ["one", "two", ""]
    assert source.line(2) == "two"


@pytest.mark.parametrize("char", ["\x0b", "\x0c", "\x1c", "\x1e", "\t"])
def test_no_other_character_ends_a_line(char: str) -> None:
    assert Source("p.yaml", f"one{char}two").lines == [f"one{char}two"]


@pytest.mark.parametrize("number", [-1, 0, 3, 1000])
def test_a_line_that_is_not_there_is_empty(number: int) -> None:
    assert Source("p.yaml", "one\ntwo").line(number) == ""


def test_a_span_is_written_as_editors_understand_it() -> None:
    assert str(Span(Source("policies/a.yaml", ""), 14, 9, 14, 19)) == "policies/a.yaml:14:9"


def test_a_stretch_inside_of_a_span_counts_from_its_beginning() -> None:
    source = Source("p.yaml", "key: value")
    inner = Span(source, 1, 6, 1, 11).inside(1, 3)
    assert (inner.line, inner.column, inner.end_line, inner.end_column) == (1, 7, 1, 9)
    assert inner.source is source


def test_the_text_of_a_source_stays_out_of_its_repr() -> None:
    assert repr(Source("p.yaml", "a secret")) == "Source(name='p.yaml')"


def test_two_sources_with_the_same_text_are_two() -> None:
    assert Source("p.yaml", "x") != Source("p.yaml", "x")
