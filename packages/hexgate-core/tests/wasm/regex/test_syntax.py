"""The parser takes what RE2 takes and refuses what RE2 refuses."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hexgate.core.expr.patterns import compile_pattern, pattern_mistake
from hexgate.core.wasm.regex import automaton

TAKEN = [
    ("", "a"),
    ("a|", "b"),
    ("()", "a"),
    ("(|a)*b", "aab"),
    ("^*a", "ba"),
    ("(?:)*", ""),
    ("a\x00b", "a\x00b"),
    ("a?b", "b"),
    ("xa??b", "xb"),
    ("a{2}", "ba"),
    ("a{2}", "baa"),
    ("^a{2,}$", "aaa"),
    ("^a{0,2}$", "aaa"),
    ("^a{0}$", ""),
    ("^a{1,3}?$", "aa"),
    ("a{", "a{"),
    ("a{,3}", "a{,3}"),
    ("a{01}", "a{01}"),
    ("a{1,b}", "a{1,b}"),
    ("a{1234567890}", "a{1234567890}"),
    ("a*{x", "{x"),
    ("a*(?i)*b", "aaB"),
    ("a*\\Q\\E*", ""),
    ("^(?:a*)+$", "aaa"),
    ("^(?:ab){0,1}$", "ab"),
    ("(?P<n>a)(?P<m>b)(?P<n>c)", "abc"),
    ("(?<größe>a)", "a"),
    ("(?)a", "a"),
    ("(?i-s:A).", "a\n"),
    ("(?U)a+?", "a"),
    ("(?i)a(?-i)b", "AB"),
    ("(a(?i)b)c", "aBC"),
    ("(a(?i)b)c", "aBc"),
    ("a(?i:b|c)d", "aCd"),
    ("a(?i)b|c", "C"),
    ("]", "]"),
    ("[]a]", "]"),
    ("[^]a]", "]"),
    ("[a-]", "-"),
    ("[-a]", "-"),
    ("[a-c-e]", "-"),
    ("[\\d-z]", "-"),
    ("[[:alpha]", ":"),
    ("[[:^alpha:]]", "1"),
    ("[[:word:]é]", "é"),
    ("[^\\x00-\\x{10FFFF}]", "a"),
    ("[^\\x00-\\x{10FFFF}]|[^\\x00-\\x{10FFFF}]a", "a"),
    ("a(?:[^\\x00-\\x{10FFFF}]b|c[^\\x00-\\x{10FFFF}])+", "acb"),
    ("[\\]\\-]", "-"),
    ("[[]", "["),
    ("[\\pL\\d]", "é"),
    ("[^\\PL]", "é"),
    ("[\\x{41}-\\103]", "C"),
    ("\\Qa.b\\E+", "a.bb"),
    ("\\Qa.b", "a.b"),
    ("\\_\\-\\.", "_-."),
    ("\\x41\\x{1F600}", "A😀"),
    ("\\101\\0\\08", "A\x00\x008"),
    ("\\12", "\n"),
    ("\\777", "ǿ"),
    ("\\a\\f\\n\\r\\t\\v", "\x07\x0c\n\r\t\x0b"),
    ("\\x{D800}", "a"),
    ("\\pN", "٣"),
    ("\\p{Greek}", "σ"),
    ("\\P{Greek}", "σ"),
    ("\\p{^Lu}", "A"),
    ("\\P{^Lu}", "A"),
    ("\\p{Any}", "😀"),
    ("\\p{Nag_Mundari}", "a"),
    ("\\s", "\x0b"),
    ("[[:space:]]", "\x0b"),
    ("\\S\\D\\W", "aa-"),
    ("(?s).", "\n"),
    (".", "\n"),
    ("^b", "a\nb"),
    ("(?m)^b$", "a\nb\nc"),
    ("(?m)^$", "a\n"),
    ("a$", "a\n"),
    ("\\Aa\\z", "a"),
    ("a\\z", "a\n"),
    ("\\bé", "é"),
    ("a\\b", "aé"),
    ("\\B", "éa"),
    ("\\B", "aéa"),
    ("\\B", "a"),
    ("a\\Bb", "ab"),
    ("(?m)\\B", "aéa"),
    ("(?i)k", "\u212a"),
    ("(?i)[a-z]", "\u017f"),
    ("(?i)\\w", "\u017f"),
    ("(?i)\\W", "\u212a"),
    ("(?i)[^k]", "\u212a"),
    ("(?i)σ", "ς"),
    ("(?i)ß", "ẞ"),
    ("(?i)\\p{Lu}", "a"),
    ("(?i)\\Qk\\E", "K"),
    ("(?i)[[:^lower:]]", "k"),
]
REFUSED = [
    "a**",
    "a*{2}",
    "a{2}{3}",
    "a+?*",
    "*a",
    "(*a)",
    "|*",
    "(?i)*",
    "{2}",
    "a{1001}",
    "a{2,1}",
    "a{1,1001}",
    "(?:a{2}){501}",
    "((a{100}){100}){0,2}",
    "(",
    "(?:a",
    ")",
    "a)",
    "(?",
    "(?i",
    "(?P<n>a",
    "(?P<>a)",
    "(?P<n-m>a)",
    "(?P<n",
    "(?'n'a)",
    "(?P=n)",
    "(?-)",
    "(?i-:a)",
    "(?x)a",
    "(?=a)",
    "(?!a)",
    "(?<=a)",
    "(?<!a)",
    "(?>a)",
    "(?#a)",
    "[",
    "[]",
    "[^]",
    "[a",
    "[a-",
    "[z-a]",
    "[[:foo:]]",
    "[a-\\d]",
    "[\\",
    "[\\Q]",
    "[\\b]",
    "[\\8]",
    "\\",
    "\\1",
    "\\8",
    "\\18",
    "\\C",
    "[\\C]",
    "\\E",
    "\\Z",
    "\\é",
    "\\q",
    "\\x",
    "\\x4",
    "\\xg1",
    "\\x{}",
    "\\x{g}",
    "\\x{41",
    "\\x{110000}",
    "\\p",
    "\\pX",
    "\\p{",
    "\\p{}",
    "\\p{^}",
    "\\p{Foo}",
    "\\p{greek}",
    "\\p{pairs}",
    "[\\p",
    "\\pé",
]


@pytest.mark.parametrize(("pattern", "text"), TAKEN)
def test_a_pattern_is_found_where_re2_finds_it(pattern: str, text: str, finds: Callable[[str, str], bool]) -> None:
    assert finds(pattern, text) == (compile_pattern(pattern).search(text.encode()) is not None)


@pytest.mark.parametrize("pattern", REFUSED)
def test_what_re2_refuses_is_refused(pattern: str) -> None:
    assert pattern_mistake(pattern) is not None
    with pytest.raises(ValueError, match=r"`|closed"):
        automaton(pattern)


@pytest.mark.parametrize(
    "pattern",
    ["(?:(?:a{500}){2}){0}", "(?:(?:a{500}){2}){1}", "(?:a{1000})*", "(?:(?:a{1,}){1000})?", "(?:a{0}){1000}"],
)
def test_repeats_within_repeats_count_as_re2_counts_them(pattern: str) -> None:
    assert pattern_mistake(pattern) is None
    automaton(pattern)


@pytest.mark.parametrize("pattern", ["(?:(?:(?:a{500}){2}){0}){2}", "(?:(?:a{2}){0}|(?:b{501})*){2}"])
def test_repeats_within_a_repeat_of_nothing_count_too(pattern: str) -> None:
    assert pattern_mistake(pattern) is not None
    with pytest.raises(ValueError, match="more than 1,000"):
        automaton(pattern)


def test_a_pattern_may_be_as_deep_as_it_is_long() -> None:
    for pattern in ("(" * 511 + "a" + ")" * 511, "(?:" * 170 + "(a|b)" + ")*" * 170, "(?:a|" * 200 + "b" + ")+c" * 200):
        assert pattern_mistake(pattern) is None
        assert automaton(pattern)[1] < 2_000
