"""The word that was meant is found when it is near, and looking for it costs little whatever the words are."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexgate.core.text import nearest, suggest, suggestion

WORDS = st.text("abcAB_", max_size=8)


def slow_distance(left: str, right: str) -> int:
    """The definition: insert, delete, replace, swap neighbours, no part of the word touched twice."""

    @cache
    def distance(i: int, j: int) -> int:
        if i == 0 or j == 0:
            return i + j
        ways = [
            distance(i - 1, j) + 1,
            distance(i, j - 1) + 1,
            distance(i - 1, j - 1) + (left[i - 1] != right[j - 1]),
        ]
        if i > 1 and j > 1 and left[i - 1] == right[j - 2] and left[i - 2] == right[j - 1]:
            ways.append(distance(i - 2, j - 2) + 1)
        return min(ways)

    return distance(len(left), len(right))


@pytest.mark.parametrize(
    ("word", "wanted"),
    [
        ("constraint", "constraints"),
        ("constrains", "constraints"),
        ("cnostraints", "constraints"),
        ("Mode", "mode"),
        ("mdoe", "mode"),
        ("x", "m"),
        ("raeson", "reason"),
    ],
)
def test_a_slip_of_the_hand_finds_the_word_that_was_meant(word: str, wanted: str) -> None:
    assert nearest(word, ["m", "mode", "reason", "constraints", "approvers"]) == wanted


@pytest.mark.parametrize("word", ["", "banana", "mo", "c" * 65, "constraints_for_everyone"])
def test_a_word_far_from_all_finds_nothing(word: str) -> None:
    assert nearest(word, ["mode", "reason", "constraints"]) is None
    assert suggestion(word, ["mode", "reason", "constraints"]) is None


def test_of_two_words_equally_near_the_first_in_the_alphabet_is_offered() -> None:
    assert nearest("bat", ["rat", "cat", "hat"]) == "cat"


def test_a_suggestion_is_a_sentence_that_asks() -> None:
    assert suggestion("mod", ["mode"]) == "did you mean `mode`?"


def test_a_suggestion_hides_nothing_of_what_it_offers() -> None:
    assert suggestion("mode", ["mode\x1b"]) == "did you mean `mode·`?"


@given(WORDS, st.lists(WORDS, max_size=6))
def test_what_is_found_is_known_and_no_known_word_is_nearer(word: str, known: list[str]) -> None:
    found = nearest(word, known)
    near = [
        (slow_distance(word.casefold(), other.casefold()), other) for other in known if abs(len(other) - len(word)) <= 3
    ]
    if word and near and min(near)[0] <= max(1, len(word) // 3):
        assert found == min(near)[1]
    else:
        assert found is None


@given(st.text(min_size=1, max_size=64), st.lists(st.text(max_size=10)))
def test_a_word_that_is_known_is_found_itself(word: str, known: list[str]) -> None:
    found = nearest(word, [*known, word])
    assert found is not None
    assert found.casefold() == word.casefold()


@given(WORDS, WORDS)
def test_the_distance_is_the_same_there_and_back(left: str, right: str) -> None:
    assert suggest.distance(left, right) == suggest.distance(right, left) == slow_distance(left, right)


def test_no_known_word_costs_more_than_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = 0
    real = suggest.distance

    def counted(left: str, right: str) -> int:
        nonlocal steps
        steps += len(left) * len(right)
        return real(left, right)

    monkeypatch.setattr(suggest, "distance", counted)
    assert nearest("a" * 64, (f"{'b' * 60}{number:04}" for number in range(10**9))) is None
    assert steps <= suggest.MOST_STEPS + 64 * 64


def test_only_the_first_five_hundred_words_are_looked_at() -> None:
    taken = 0

    def known() -> object:
        nonlocal taken
        for _ in range(10**9):
            taken += 1
            yield "far away from it"

    assert nearest("mode", known()) is None  # type: ignore[arg-type]
    assert taken <= suggest.MOST_CANDIDATES + 1
