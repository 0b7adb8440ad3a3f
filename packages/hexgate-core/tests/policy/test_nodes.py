"""The text of a document becomes a bounded tree whose every node knows its place."""

from __future__ import annotations

import pytest
import yaml

from hexgate.core.errors import PolicyError
from hexgate.core.policy import nodes
from hexgate.core.policy.nodes import MappingNode, ScalarNode, SequenceNode, from_data, from_text, read_source
from hexgate.core.text import Source, Span


def read(text: str) -> nodes.Node:
    return from_text(Source("p.yaml", text))


def place(span: Span | None) -> tuple[int, int, int, int]:
    assert span is not None
    return span.line, span.column, span.end_line, span.end_column


@pytest.fixture(params=["CSafeLoader", "SafeLoader"], autouse=True)
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nodes, "LOADER", getattr(yaml, request.param))


def test_every_node_knows_where_it_begins_and_ends() -> None:
    tree = read('a: [b, "c d"]\n😀:\n  e: |\n    x\n')
    assert isinstance(tree, MappingNode)
    (key, items), (emoji, inner) = tree.pairs
    assert isinstance(items, SequenceNode)
    assert isinstance(inner, MappingNode)
    assert place(key.span) == (1, 1, 1, 2)
    assert [place(item.span) for item in items.items] == [(1, 5, 1, 6), (1, 8, 1, 13)]
    assert place(emoji.span) == (2, 1, 2, 2)
    assert place(inner.pairs[0][0].span) == (3, 3, 3, 4)


def test_a_plain_scalar_is_told_from_a_quoted_one() -> None:
    tree = read("- a\n- 'b'\n- \"c\"\n- |-\n  d\n- >\n  e\n-\n")
    assert isinstance(tree, SequenceNode)
    assert [(item.value, item.plain) for item in tree.items if isinstance(item, ScalarNode)] == [
        *[("a", True), ("b", False), ("c", False), ("d", False), ("e\n", False), ("", True)],
    ]


def test_an_alias_is_the_node_that_it_names_and_weighs_as_much_each_time() -> None:
    tree = read("a: &x [1, 2]\nb: *x\nc: &y text\nd: *y\n*y : e\n")
    assert isinstance(tree, MappingNode)
    values = {str(key.value): value for key, value in tree.pairs}
    assert values["a"] is values["b"]
    assert values["c"] is values["d"]
    assert list(values) == ["a", "b", "c", "d", "text"]
    assert tree.weight == 1 + 5 + 2 * 3 + 3


def test_an_anchor_may_be_written_anew() -> None:
    tree = read("- &a 1\n- *a\n- &a 2\n- *a\n")
    assert isinstance(tree, SequenceNode)
    assert [item.value for item in tree.items if isinstance(item, ScalarNode)] == ["1", "1", "2", "2"]


def test_repeated_keys_are_kept_for_who_reports_them() -> None:
    tree = read("a: 1\na: 2\n")
    assert isinstance(tree, MappingNode)
    assert [key.value for key, _ in tree.pairs] == ["a", "a"]


@pytest.mark.parametrize("depth", [64, 65])
def test_sixty_four_levels_are_the_deepest(depth: int) -> None:
    text = "[" * depth + "]" * depth
    if depth == 64:
        assert isinstance(read(text), SequenceNode)
    else:
        with pytest.raises(PolicyError, match="HX104"):
            read(text)


def test_directives_and_document_marks_are_no_second_document() -> None:
    assert isinstance(read("%YAML 1.2\n---\na: 1\n...\n"), MappingNode)


@pytest.mark.parametrize(
    ("text", "place", "help"),
    [
        ("a:\n\tb: 1", "p.yaml:2:1", "indent with spaces: YAML knows no tabs"),
        ("a: [1", "p.yaml:1:6", "check the indentation and the quotes around this place"),
        ("a: 'b", "p.yaml:1:6", "check the indentation and the quotes around this place"),
        ("a: 1\n b: 2", "p.yaml:2:3", "check the indentation and the quotes around this place"),
    ],
)
def test_text_that_is_no_yaml_is_told_where_and_what_to_check(text: str, place: str, help: str) -> None:
    with pytest.raises(PolicyError) as caught:
        read(text)
    [found] = caught.value.mistakes
    assert (found.code, str(found.span), found.help) == ("HX101", place, help)


def test_a_mistake_of_the_parser_without_a_place_is_told_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def parse(*_: object, **__: object) -> None:
        raise yaml.MarkedYAMLError("while reading", None, None, None)

    monkeypatch.setattr(yaml, "parse", parse)
    with pytest.raises(PolicyError) as caught:
        read("a: 1")
    [found] = caught.value.mistakes
    assert (found.code, found.span, found.message) == ("HX101", None, "this is not valid YAML: while reading")


def test_a_parser_that_dislikes_a_character_that_is_allowed_gives_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    def parse(*_: object, **__: object) -> None:
        raise yaml.reader.ReaderError("p", 0, 0, "utf-8", "no")

    monkeypatch.setattr(yaml, "parse", parse)
    with pytest.raises(PolicyError) as caught:
        read("a: 1")
    assert [(found.code, found.span) for found in caught.value.mistakes] == [("HX101", None)]


@pytest.mark.parametrize("size", [nodes.LARGEST_DOCUMENT, nodes.LARGEST_DOCUMENT + 1])
def test_sixteen_mebibytes_are_the_largest_file(size: int) -> None:
    if size > nodes.LARGEST_DOCUMENT:
        with pytest.raises(PolicyError, match="HX103"):
            read_source("p.yaml", b"#" * size)
    else:
        assert len(read_source("p.yaml", b"#" * size).text) == size


def test_sixteen_mebibytes_are_the_largest_text() -> None:
    with pytest.raises(PolicyError, match="HX103"):
        read("#" * (nodes.LARGEST_DOCUMENT + 1))


def test_data_becomes_nodes_without_places() -> None:
    tree = from_data({"a": (1, [True]), "b": {}})
    assert isinstance(tree, MappingNode)
    assert tree.span is None
    (key, items), (_, empty) = tree.pairs
    assert (key.value, key.plain) == ("a", False)
    assert isinstance(items, SequenceNode)
    assert isinstance(empty, MappingNode)
    assert empty.pairs == []
