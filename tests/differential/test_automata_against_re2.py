"""An automaton of ours takes the patterns that RE2 takes, and finds them where RE2 finds them."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hexgate.core.expr.clean import glob_mistake, glob_regex
from hexgate.core.expr.patterns import MOST_STEPS, Pattern, compile_pattern
from tests.differential.native_regex import Native, build, re2_pattern
from tests.differential.patterns import any_pattern, any_text
from tests.differential.vocabulary import PATTERNS, TEXTS

TEXTS_OF_A_PATTERN = 8


@dataclass
class Tally:
    """How much a contest compared."""

    taken: int = 0
    refused: int = 0
    texts: int = 0
    found: int = 0


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    return build(tmp_path_factory.mktemp("regex"))


def ours(library: ctypes.CDLL, pattern: str) -> Native | str:
    """The automaton of a pattern, or what we have against it."""
    try:
        return Native(library, pattern)
    except ValueError as error:
        return str(error)


def contest(library: ctypes.CDLL, pattern: str, texts: list[str], tally: Tally) -> None:
    """Compares both on one pattern. What is too large for RE2 is nothing that it could be compared on."""
    theirs = re2_pattern(pattern)
    if isinstance(theirs, str):
        if "too large" not in theirs:
            assert isinstance(ours(library, pattern), str), f"{pattern!r}: RE2 says {theirs}"
            tally.refused += 1
        return
    if theirs.programsize > MOST_STEPS:
        return
    native = ours(library, pattern)
    assert isinstance(native, Native), f"{pattern!r}: RE2 takes it, we say {native}"
    tally.taken += 1
    for text in texts:
        found = native.found(text.encode())
        assert found == (theirs.search(text.encode()) is not None), f"{pattern!r} in {text!r}: we say {found}"
        tally.texts += 1
        tally.found += found


def by_chance(library: ctypes.CDLL, seed: int, count: int) -> Tally:
    """Compares both on patterns and texts by chance."""
    chance, tally = Random(seed), Tally()
    for _ in range(count):
        contest(library, any_pattern(chance), [any_text(chance) for _ in range(TEXTS_OF_A_PATTERN)], tally)
    return tally


def test_patterns_by_chance_are_taken_and_found_as_re2_does(library: ctypes.CDLL) -> None:
    tally = by_chance(library, 1, 2_500)
    # Neither side of either question is rare, or nothing would have been compared.
    assert tally.taken > 1_500
    assert tally.refused > 200
    assert 0.2 < tally.found / tally.texts < 0.8


@pytest.mark.fuzz
@pytest.mark.parametrize("seed", range(2, 10))
def test_a_great_many_patterns_by_chance_are_taken_and_found_as_re2_does(library: ctypes.CDLL, seed: int) -> None:
    assert by_chance(library, seed, 30_000).texts > 150_000


def test_the_patterns_of_the_vocabulary_are_found_in_its_texts(library: ctypes.CDLL) -> None:
    for pattern in PATTERNS:
        contest(library, pattern, TEXTS, Tally())


@settings(max_examples=300)
@given(
    pattern=st.text(alphabet="ab\\|()[]*+?{}123,^$.-é", max_size=12), text=st.text(alphabet="ab123,-é\n", max_size=8)
)
def test_punctuation_means_what_it_means_to_re2(library: ctypes.CDLL, pattern: str, text: str) -> None:
    contest(library, pattern, [text], Tally())


@settings(max_examples=200)
@given(
    points=st.lists(st.integers(0, 0x10FFFF), min_size=2, max_size=6),
    flag=st.sampled_from(["", "(?i)"]),
    negated=st.booleans(),
)
def test_a_class_of_any_ranges_has_what_re2_says(
    library: ctypes.CDLL, points: list[int], flag: str, negated: bool
) -> None:
    points = sorted(points)
    ranges = "".join(rf"\x{{{low:x}}}-\x{{{high:x}}}" for low, high in zip(points[::2], points[1::2], strict=False))
    near = {point + step for point in points for step in (-1, 0, 1)}
    texts = [chr(point) for point in near if 0 <= point < 0xD800 or 0xE000 <= point <= 0x10FFFF]
    contest(library, f"{flag}[{'^' if negated else ''}{ranges or 'a'}]", texts, Tally())


@settings(max_examples=200)
@given(
    glob=st.lists(st.sampled_from(["a", "bé", "*", "**", "?", "a*", "*.md", "?b"]), min_size=1, max_size=4).map(
        "/".join
    ),
    path=st.lists(st.sampled_from(["a", "bé", "ab", "x.md", "é", "\n"]), min_size=1, max_size=4).map("/".join),
)
def test_a_file_pattern_is_found_as_re2_finds_it(library: ctypes.CDLL, glob: str, path: str) -> None:
    if glob_mistake(glob) is None:
        contest(library, glob_regex(glob), [path], Tally())


@settings(max_examples=200)
@given(
    pattern=st.sampled_from(["a", r"\B", r"\b", ".", r"\pL", "[^a]b", "(?i)é$", "(?s).*z"]), text=st.binary(max_size=12)
)
def test_bytes_that_are_no_text_are_read_within_their_length(library: ctypes.CDLL, pattern: str, text: bytes) -> None:
    assert Native(library, pattern).found(text) in (True, False)


@pytest.mark.parametrize(
    "pattern",
    ["(x+x+)+y", "^(a?){50}a{50}$", "(?:a|aa)+$", "(.*)(.*)(.*)(.*)(.*)[^a]", r"(?:\w*\s*)*!", "[a-z]{1,500}Z"],
)
def test_long_texts_are_answered_as_re2_answers(library: ctypes.CDLL, pattern: str) -> None:
    search: Pattern = compile_pattern(pattern)
    for text in (b"x" * 5_000, b"a" * 5_000 + b"!", "aé ".encode() * 2_000):
        assert Native(library, pattern).found(text) == (search.search(text) is not None)
