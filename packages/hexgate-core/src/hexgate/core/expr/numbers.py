"""The text of a number in, its decimal value out, exactly: no binary float stands between what is written and what is compared.

# INVARIANT: one value has one form: an int when it is whole and can be written out, else a Decimal without trailing zeros.
"""

from __future__ import annotations

import re
from decimal import Decimal

__all__ = ["LARGEST_EXPONENT", "MOST_DIGITS", "read_number"]

# What Python itself will turn into an int and back; a longer number is no amount of anything.
MOST_DIGITS = 4300
LARGEST_EXPONENT = 1_000_000
WRITTEN_OUT = 400
NUMBER = re.compile(r"(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?\Z")


def read_number(text: str) -> int | Decimal | None:
    """The value of a number as JSON writes it, None when it is no such number or beyond every measure."""
    match = NUMBER.match(text)
    if match is None or len(text) > MOST_DIGITS:
        return None
    sign, whole, fraction, exponent_text = match.groups(default="")
    written = exponent(exponent_text)
    if abs(written) > LARGEST_EXPONENT:
        return None
    digits = (whole + fraction).lstrip("0")
    significant = digits.rstrip("0")
    power = written - len(fraction) + len(digits) - len(significant)
    if not significant:
        return 0
    value = Decimal(f"{sign}{significant}E{power}")
    # By way of Decimal, since Python can be told to read fewer digits into an int than it writes.
    return int(value) if 0 <= power <= WRITTEN_OUT and len(significant) + power <= MOST_DIGITS else value


def exponent(text: str) -> int:
    """The exponent; of one with very many digits only that it is too large."""
    digits = text.lstrip("+-").lstrip("0")
    if len(digits) > len(str(LARGEST_EXPONENT)):
        return LARGEST_EXPONENT + 1
    return int(digits or "0") * (-1 if text.startswith("-") else 1)
