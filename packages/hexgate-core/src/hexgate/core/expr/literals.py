"""The text of a number or of a quoted string in, its value out; a `LiteralError` says what is wrong with it and where."""

from __future__ import annotations

import re
from decimal import Decimal

from hexgate.core.expr.numbers import LARGEST_EXPONENT, MOST_DIGITS, read_number

__all__ = ["LiteralError", "number_of", "rewritten", "text_of"]

JSON_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][-+]?[0-9]++)?")
PIECE = re.compile(
    r"""\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})
    | \\u([0-9a-fA-F]{4})
    | \\(["'\\/bfnrt])
    | (\\.?|[\x00-\x1f\x7f-\x9f\ud800-\udfff])""",
    re.DOTALL | re.VERBOSE,
)
ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class LiteralError(ValueError):
    """What is wrong with a literal, what to do about it, and the stretch of the literal that is meant."""

    def __init__(self, message: str, help: str, at: tuple[int, int]) -> None:
        super().__init__(message)
        self.message = message
        self.help = help
        self.at = at


def number_of(text: str) -> int | Decimal:
    """The exact value of a number."""
    value = read_number(text)
    if value is not None:
        return value
    at = (0, len(text))
    if JSON_NUMBER.fullmatch(text) is None:
        raise LiteralError("not written as in JSON", rewritten(text), at)
    digits, exponents = f"{MOST_DIGITS:,} digits", f"exponents up to {LARGEST_EXPONENT:,}"
    raise LiteralError("beyond every measure", f"numbers have up to {digits} and {exponents}", at)


def rewritten(text: str) -> str:
    """What to do about a number that JSON does not know: how it is written, where that can be told."""
    bare = text.replace("_", "").lstrip("+").rstrip(".")
    sign, digits = ("-", bare[1:]) if bare.startswith("-") else ("", bare)
    if digits.startswith("."):
        digits = "0" + digits
    elif len(digits) > 1 and digits[1] not in ".eE":
        digits = digits.lstrip("0") or "0"
    if JSON_NUMBER.fullmatch(sign + digits) and len(digits) <= 40:
        return f"write `{sign}{digits}`"
    return "write it in decimal digits, or put it in quotes when it is a text"


def text_of(literal: str) -> str:
    """The text between the quotes of `literal`, its escapes replaced."""
    return PIECE.sub(replaced, literal[1:-1])


def replaced(match: re.Match[str]) -> str:
    """What an escape stands for."""
    high, low, unit, char, wrong = match.groups()
    at = (match.start() + 1, match.end() + 1)
    if high:
        return chr(0x10000 + ((int(high, 16) & 0x3FF) << 10) + (int(low, 16) & 0x3FF))
    if char:
        return ESCAPES.get(char, char)
    if wrong:
        raise wrong_piece(wrong, at)
    code = int(unit, 16)
    if 0xD800 <= code <= 0xDFFF:
        raise LiteralError(f"half of a surrogate pair, `\\u{unit}`,", "write both halves, or the character itself", at)
    return chr(code)


def wrong_piece(piece: str, at: tuple[int, int]) -> LiteralError:
    """The mistake of a character or an escape that must not be in a text."""
    code = ord(piece[-1])
    if piece[0] != "\\":
        escape = "remove it" if code >= 0xD800 else f"write `\\u{code:04x}`, or remove it"
        kind = "half of a surrogate pair" if code >= 0xD800 else "a control character"
        return LiteralError(f"{kind}, U+{code:04X},", escape, at)
    if piece == "\\u":
        return LiteralError("`\\u` without four hexadecimal digits", "write `\\u` and four of 0-9 and a-f", at)
    shown = piece if piece.isprintable() else f"\\ and U+{code:04X}"
    return LiteralError(f"the unknown escape `{shown}`", "write `\\\\` for a backslash", at)
