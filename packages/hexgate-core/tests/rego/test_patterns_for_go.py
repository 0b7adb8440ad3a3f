"""Patterns for Go are the author's own wherever that is possible; that RE2 and Go then find the same is what OPA is asked."""

from __future__ import annotations

import pytest

from hexgate.core.rego.patterns import go_pattern


@pytest.mark.parametrize(
    "pattern",
    [
        r"^ord-\d{4,}$",
        r"(?i)^(prod|stage)[a-z_]\w+$",
        r"\Qa.é\E|é\x{e9}[é-ü]",
        r"(?:a(?i:b)(c))[[:alpha:]\]()]",
        r"\\B\b$",
        r"x\By",
        r"(?i)[^a]\Q(?P<n>\E",
    ],
)
def test_a_pattern_that_go_reads_alike_stays(pattern: str) -> None:
    assert go_pattern(pattern) == pattern


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ("(?P<é>a)(?<n>b)", "(a)(b)"),
        (r"\p{Zl}", r"[\x{2028}-\x{2028}]"),
        (r"[\pZ]", ranges := go_pattern(r"\pZ")),
        (r"(?i)É", r"(?i)(?-i:[\x{c9}-\x{c9}\x{e9}-\x{e9}])"),
        (r"(?i:\x{e9})é", r"(?i:(?-i:[\x{c9}-\x{c9}\x{e9}-\x{e9}]))é"),
        (r"(a(?i)é)é", r"(a(?i)(?-i:[\x{c9}-\x{c9}\x{e9}-\x{e9}]))é"),
        (r"(?i)a(?-i)é", r"(?i)a(?-i)é"),
        (r"(?i)\Q.é\E", r"(?i)\.(?-i:[\x{c9}-\x{c9}\x{e9}-\x{e9}])"),
        (r"[^\p{Any}]", r"[^\x00-\x{10ffff}]"),
        (r"\B", r"(?:\B)|[^\x00-\x7f]"),
    ],
)
def test_what_go_reads_otherwise_is_spelled_out(pattern: str, wanted: str) -> None:
    assert go_pattern(pattern) == wanted
    assert ranges.startswith(r"[\x{20}-\x{20}")
