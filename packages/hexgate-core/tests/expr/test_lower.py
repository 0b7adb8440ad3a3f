"""Lower case is the simple mapping of Unicode 14, frozen, whatever the Python that runs it knows."""

from __future__ import annotations

import hashlib
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from hexgate.core.expr.lower import TABLE, lower

# The simple lowercase mappings of UnicodeData.txt, version 14.0.0, as `code;lower` lines in order.
DIGEST = "8bb4eb5c4a7d3e9b717ccb84990cc06b89ff79616c5829164e3d44cfae206b57"


def simple(char: str) -> str:
    """What this Python knows of the simple mapping: `str.lower` where that is one code point."""
    return "i" if char == "\u0130" else char.lower()


def test_the_table_is_frozen() -> None:
    text = "".join(f"{code:04X};{to:04X}\n" for code, to in sorted(TABLE.items()))
    assert hashlib.sha256(text.encode()).hexdigest() == DIGEST


def test_the_table_is_the_simple_mapping_of_every_code_point_that_unicode_14_assigns() -> None:
    assert unicodedata.unidata_version >= "14"
    wrong = []
    for code in range(0x110000):
        char = chr(code)
        # What later versions added has no lower case here; every Python that is supported knows all of version 14.
        if lower(char) != simple(char) and (code in TABLE or unicodedata.unidata_version.startswith("14.")):
            wrong.append(f"{code:04X}")
    assert wrong == []


def test_a_code_point_never_becomes_two_and_never_looks_at_its_neighbours() -> None:
    assert lower("İSTANBUL") == "istanbul"
    assert lower("ΟΔΟΣ") == "οδοσ"
    assert lower("STRASSE ẞ") == "strasse ß"


@given(st.text())
def test_lower_case_keeps_the_length_and_is_reached_in_one_step(text: str) -> None:
    lowered = lower(text)
    assert len(lowered) == len(text)
    assert lower(lowered) == lowered


@given(st.text(st.characters(codec="ascii")))
def test_ascii_is_what_python_says(text: str) -> None:
    assert lower(text) == text.lower()


def test_every_distance_leads_to_a_code_point_that_is_no_upper_case() -> None:
    assert all(unicodedata.category(chr(to)) != "Lu" for to in TABLE.values())
