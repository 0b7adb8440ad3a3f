"""Automata are small, alike everywhere, and say of themselves what lets a search skip."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from hexgate.core.errors import ModuleError
from hexgate.core.expr.clean import glob_regex
from hexgate.core.expr.patterns import compile_pattern, pattern_mistake, program_size
from hexgate.core.wasm.regex import MOST_STEPS, automaton

ANCHORED, SKIPS, INSIDE_CHARACTERS, LOOKS_AROUND = 1, 2, 4, 8
LARGE = [
    r"\pL",
    r"\pL{8}",
    "[^x]{1000}",
    ".{1000}",
    "(?s).{1000}",
    "(a|b|c|d|e|f|g|h){1000}",
    "(?:a?){1000}",
    "(?:ab|cd|ef){500}",
    "(?:a{1,30}){30}",
    "(?:(?:a{0,10}b){0,10}c){0,10}",
    r"(?i)[a-zé]{500}",
    r"\b(?:\w+\s*){300}\b",
    "(?:apple|apricot|avocado|almond){200}",
    r"(?:\p{Greek}|\d{3}){100}",
    r"(?:^|\b|$){1000}a",
    r"(?:(?:\A|(?:\b)*){30,}){30}",
    r"(?:a|b\b|c\B){500}",
    r"(?:[^\x00-\x{10FFFF}]{1000}a{1000}){1,1}",
    r"a[^\PL\pL]*b[^\PL\pL]?c",
]


@pytest.mark.parametrize("pattern", LARGE)
def test_an_automaton_has_hardly_more_steps_than_re2_has(pattern: str) -> None:
    assert automaton(pattern)[1] <= 1.5 * program_size(pattern) + 1


def test_equal_sets_are_written_once() -> None:
    assert len(automaton(r"\pL{8}")) - len(automaton(r"\pL")) == 2 * 7


@pytest.mark.parametrize(
    ("pattern", "flags"),
    [
        ("", INSIDE_CHARACTERS),
        ("a", SKIPS),
        ("a*", INSIDE_CHARACTERS),
        ("^a", SKIPS | ANCHORED),
        ("^", ANCHORED),
        (r"\A(a|b)", SKIPS | ANCHORED),
        ("^a|b", SKIPS),
        (r"\ba", SKIPS | LOOKS_AROUND),
        (r"\b", LOOKS_AROUND),
        (r"\B", LOOKS_AROUND | INSIDE_CHARACTERS),
        (r"a|\B\B", LOOKS_AROUND | INSIDE_CHARACTERS),
        (r"\B$", LOOKS_AROUND),
        ("(?m)^a$", SKIPS | LOOKS_AROUND),
        ("$", 0),
        (r"[^\x00-\x{10FFFF}]", SKIPS),
    ],
)
def test_an_automaton_says_what_lets_a_search_skip(pattern: str, flags: int) -> None:
    assert automaton(pattern)[0] == flags


def first_bytes(pattern: str) -> set[int]:
    words = automaton(pattern)
    return {byte for byte in range(256) if words[2 + byte // 32] >> byte % 32 & 1}


@pytest.mark.parametrize(
    "pattern", ["a|bc", "[é-ÿ]", "[\\x{7f}-\\x{800}]", "[^a]", "\\PN", "\\p{Greek}", "[\\x{ffff}-\\x{10FFFF}]", "(?i)s"]
)
def test_the_bytes_with_which_a_match_begins_are_all_there_and_no_others(pattern: str) -> None:
    characters = map(
        chr, [*range(0x3000), *range(0xFFF0, 0x10010), *range(0x10FF00, 0x110000), *range(0x20000, 0x110000, 997)]
    )
    search = compile_pattern(rf"\A(?:{pattern})").search
    seen = {encoded[0] for encoded in (character.encode() for character in characters) if search(encoded + b"c")}
    assert seen <= first_bytes(pattern)
    assert first_bytes(pattern) & set(range(0x80)) == seen & set(range(0x80))


@pytest.mark.parametrize(
    ("pattern", "same"),
    [(".*a", "a"), ("a+b", "ab"), ("(?:a*b*){2,5}c", "(?:a*b*){2}c"), ("x?(?:y*z)", "y*z"), ("a*", "")],
)
def test_what_a_search_finds_by_itself_is_left_out(pattern: str, same: str) -> None:
    assert automaton(pattern) == automaton(same) or automaton(pattern)[1] == automaton(same)[1]


@pytest.mark.parametrize(
    ("pattern", "path", "found"),
    [
        ("src/**/*.py", "src/a/b.py", True),
        ("src/**/*.py", "src/b.py", True),
        ("src/*.py", "src/a/b.py", False),
        ("a?c/**", "aéc/d\ne", True),
        ("*", "", True),
    ],
)
def test_a_file_pattern_is_found_as_a_whole(
    pattern: str, path: str, found: bool, finds: Callable[[str, str], bool]
) -> None:
    assert automaton(glob_regex(pattern))[0] & ANCHORED
    assert finds(glob_regex(pattern), path) is found


def test_words_are_words_of_32_bits() -> None:
    assert all(0 <= word < 2**32 for word in automaton(r"(?i)\PL[\x{10FFFF}z]"))


def test_a_pattern_beyond_the_bound_is_refused_and_far_above_what_re2_takes() -> None:
    options = (chr(97 + n) + chr(97 + (7 * n + 3) % 26) + chr(97 + (11 * n + 5) % 26) for n in range(26))
    pattern = f"(?:{'|'.join(options)}){{1000}}"
    assert pattern_mistake(pattern) is not None
    with pytest.raises(ModuleError, match=r"more than 30,000 steps \[HX735\]"):
        automaton(pattern)
    # The runtime counts steps in 16 bits.
    assert MOST_STEPS < 2**16


def test_an_automaton_is_the_same_in_every_process() -> None:
    patterns = [r"(?i)[a-k]+|é\b", r"(?:foo|fob|bar|\pL\d){2,5}", "a|b|cd|ce"]
    script = f"from hexgate.core.wasm.regex import automaton\nprint([automaton(p) for p in {patterns!r}])"
    for seed in ("0", "1", "2"):
        run = subprocess.run(
            [sys.executable, "-c", script], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        )
        assert run.stdout.strip() == str([automaton(pattern) for pattern in patterns])


@pytest.mark.parametrize(
    ("pattern", "same"),
    [
        ("ab|cb|db", "[acd]b"),
        ("a|b|[c-é]", "[a-é]"),
        ("x(?:ab|b)(?:cb|ab)", "xa?b[ac]b"),
        ("(?:ab|cb){3}", "(?:[ac]b){3}"),
    ],
)
def test_options_that_go_on_alike_are_one(pattern: str, same: str) -> None:
    assert automaton(pattern)[1] == automaton(same)[1]
