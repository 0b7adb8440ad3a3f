"""Of a pattern texts are made in which it is found."""

import pytest
import re2

from hexgate.core.bundle.calls.patterns import samples

PATTERNS = [
    "prod",
    "^ord-[0-9]{4,6}$",
    "^(?:USD|EUR)$",
    "(?P<name>a+)b*c?",
    "(?i)^prod$",
    "^[[:alpha:]_]+$",
    "^[^a-z]$",
    "^\\d\\w\\s\\D\\W\\S$",
    "\\bprod\\b",
    "\\Aab\\z",
    "^\\x41\\x{1F600}\\101\\n\\t$",
    "^\\Qa.b\\E$",
    "^\\.\\*$",
    "^.{3}$",
    "^a{2}b{1,}c{0,2}d*?e+?f??$",
    "^\\pL+$",
    "^\\p{Greek}$",
    "^\\PL$",
    "^[\\d\\-x]$",
    "^[a-]$",
    "^[]a]$",
    "^[^\\n]$",
    "^[\\x{D7FF}-\\x{E000}]$",
    "((((a))))",
    "^" + "(" * 200 + "x" + ")" * 200 + "$",
    "a||b",
    "()",
    "",
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_is_found_in_every_sample_of_it(pattern: str) -> None:
    found = samples(pattern)
    assert found
    assert all(re2.search(pattern, text) for text in found)


@pytest.mark.parametrize("pattern", ["a\\bb", "^[^\\x00-\\x{10FFFF}]$"])
def test_of_a_pattern_that_is_never_found_nothing_is_made(pattern: str) -> None:
    assert samples(pattern) == ()


def test_the_samples_of_a_pattern_are_always_the_same() -> None:
    samples.cache_clear()
    first = samples("^[a-z]{2,9}[0-9]+$")
    samples.cache_clear()
    assert samples("^[a-z]{2,9}[0-9]+$") == first
