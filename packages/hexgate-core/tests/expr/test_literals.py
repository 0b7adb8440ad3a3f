"""Numbers are what they were written as, and texts what their escapes say."""

from __future__ import annotations

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexgate.core.expr import Value, parse
from hexgate.core.expr.syntax import Comparison, Literal


def value(literal: str) -> Value:
    tree = parse(f"args.x == {literal}")
    assert isinstance(tree, Comparison)
    assert isinstance(tree.right, Literal)
    return tree.right.value


@pytest.mark.parametrize(
    ("literal", "number"),
    [
        ("0", 0),
        ("-0", 0),
        ("0e999", 0),
        ("-0.000", 0),
        ("123456789012345678", 123456789012345678),
        ("-12345678901234567890123", -12345678901234567890123),
        ("1.50", Decimal("1.5")),
        ("1.5", Decimal("1.5")),
        ("2.0", 2),
        ("1e3", 1000),
        ("15e-1", Decimal("1.5")),
        ("-2.5E+1", -25),
        ("1e400", 10**400),
        ("1e401", Decimal("1E+401")),
        ("1e1000000", Decimal("1E+1000000")),
        ("1e-1000000", Decimal("1E-1000000")),
        ("0.1234567890123456789012345678901234567890", Decimal("0.123456789012345678901234567890123456789")),
    ],
)
def test_a_number_is_the_decimal_that_was_written(literal: str, number: int | Decimal) -> None:
    read = value(literal)
    assert (type(read), str(read)) == (type(number), str(number))


def test_no_digit_is_lost_whatever_the_context() -> None:
    with localcontext() as context:
        context.prec = 3
        assert value("1.23456789") == Decimal("1.23456789")
        assert value("123456789012345678901234567890") == 123456789012345678901234567890


def test_a_number_of_four_thousand_digits_is_read() -> None:
    assert value("9" * 4000) == 10**4000 - 1
    assert value("9" * 3900 + "e400") == (10**3900 - 1) * 10**400


@given(st.integers(), st.integers(-400, 400))
def test_a_number_is_never_a_float(digits: int, exponent: int) -> None:
    read = value(f"{digits}e{exponent}")
    assert type(read) in (int, Decimal)
    assert read == Decimal(digits).scaleb(exponent) or len(str(digits)) > 28


@pytest.mark.parametrize(
    ("literal", "text"),
    [
        ('""', ""),
        ("''", ""),
        ('"it\'s"', "it's"),
        ("'say \"a\"'", 'say "a"'),
        (r'"\"\'\\\/\b\f\n\r\t"', "\"'\\/\b\f\n\r\t"),
        (r"'\"\'\\\/\b\f\n\r\t'", "\"'\\/\b\f\n\r\t"),
        (r'"\u00e9\u0041\u0000"', "éA\x00"),
        (r'"\uD83D\ude00"', "😀"),
        (r'"\\u0041"', "\\u0041"),
        ('"😀é\u200f"', "😀é\u200f"),
    ],
)
def test_a_text_is_what_its_escapes_say(literal: str, text: str) -> None:
    assert value(literal) == text


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30))
def test_any_text_without_controls_can_be_written_as_it_is(text: str) -> None:
    escaped = text.replace("\\", "\\\\")
    assert value('"' + escaped.replace('"', '\\"') + '"') == text
    assert value("'" + escaped.replace("'", "\\'") + "'") == text
