"""The tables of Unicode that automata are made of are those of the RE2 that is installed."""

from __future__ import annotations

import pytest

from tests.differential.unicode_of_re2 import TARGET, likely, points, written


def test_the_tables_say_what_the_installed_re2_says() -> None:
    assert TARGET.read_text("ascii") == written(likely())


@pytest.mark.fuzz
def test_the_tables_say_what_the_installed_re2_says_of_every_code_point() -> None:
    assert TARGET.read_text("ascii") == written(points())
