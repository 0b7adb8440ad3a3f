"""RE2 alone says what a pattern is, and a match never cuts a character."""

from __future__ import annotations

import pytest

from hexgate.core.expr.patterns import MOST_STEPS, compile_pattern, pattern_mistake, program_size, said_by


@pytest.mark.parametrize(
    "pattern", ["", "^a$", r"\\C", r"\Q\C\E", r"\Q\C", r"\\\\C", "(?i)ä", r"\pL", "a{1000}", "\x00"]
)
def test_a_good_pattern_has_no_mistake(pattern: str) -> None:
    assert pattern_mistake(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        (r"\C", "characters in half"),
        (r"a\\\C", "characters in half"),
        (r"\Q\E\C", "characters in half"),
        (r"[\C]", "characters in half"),
        ("(?=a)", "(?="),
        ("(?<!a)", "(?<"),
        (r"(a)\1", r"\1"),
        ("a**", "**"),
        ("a{1001}", "{1001}"),
        ("(", "("),
        ("[", "["),
        ("((a{100}){100}){100}", "{100}"),
        ("é(", "é("),
    ],
)
def test_what_is_wrong_with_a_pattern_is_said(pattern: str, reason: str) -> None:
    assert reason in (pattern_mistake(pattern) or ["nothing"])[0]


def test_a_pattern_is_searched_for_anywhere_and_ends_at_the_end() -> None:
    assert compile_pattern("b+").search(b"abbc") is not None
    assert compile_pattern("^a$").search(b"a\n") is None
    assert compile_pattern("^.$").search("é".encode()) is not None


def test_a_message_may_be_bytes_or_text() -> None:
    assert said_by(ValueError(b"bad \xff")) == "bad \ufffd"
    assert said_by(ValueError("bad")) == "bad"


def test_a_pattern_may_have_ten_thousand_steps() -> None:
    assert program_size("[^a]{1000}") < MOST_STEPS == 10_000
    assert pattern_mistake("[^a]{1000}") is None
    reason, help = pattern_mistake("[^a]{1000}[^b]{250}") or ("", "")
    assert reason == f"it compiles to {program_size('[^a]{1000}[^b]{250}'):,} steps; 10,000 is the most"
    assert help.startswith("shorten the counted repeats")


def test_a_pattern_of_the_most_steps_is_good_and_one_step_more_is_a_mistake() -> None:
    nearly = "[^a]{1000}[^b]{249}"
    # Each plain character is one more step.
    most = nearly + "a" * (MOST_STEPS - program_size(nearly))
    assert [program_size(most), program_size(f"{most}a")] == [MOST_STEPS, MOST_STEPS + 1]
    assert pattern_mistake(most) is None
    assert (pattern_mistake(f"{most}a") or "")[0].startswith("it compiles to 10,001 steps")


def test_what_the_pattern_engine_gives_up_is_too_large_as_well() -> None:
    assert (pattern_mistake(r"\pL{400}") or "")[1].startswith("shorten the counted repeats")


def test_a_pattern_is_compiled_once_however_many_there_are() -> None:
    patterns = [f"compiled once {number}" for number in range(300)]
    first = [compile_pattern(pattern) for pattern in patterns]
    assert all(compile_pattern(pattern) is known for pattern, known in zip(patterns, first, strict=True))
