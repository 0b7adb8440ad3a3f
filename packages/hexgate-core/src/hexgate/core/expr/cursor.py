"""The tokens of a constraint and how far they are read: what every rule of the grammar needs.

# INVARIANT: no nesting is entered beyond the limit, so neither the stack nor the time of any text is unbounded.
"""

from __future__ import annotations

from typing import NoReturn

from hexgate.core.expr.foreign import FORMS
from hexgate.core.expr.lexer import BAD, END, PLAIN, ROUGH, tokens_of
from hexgate.core.expr.literals import LiteralError, text_of
from hexgate.core.expr.mistakes import ConstraintError, bad_character, quoted, value_expected

__all__ = ["Cursor"]

MOST_LEVELS = 64


class Cursor:
    """`index` is the token that is read next, `elements` the number of quantifiers around it, `depth` all nesting."""

    __slots__ = ("depth", "elements", "errors", "index", "kinds", "starts", "tokens", "words")

    def __init__(self, text: str) -> None:
        self.tokens = tokens_of(text)
        self.kinds = self.tokens.kinds
        self.words = self.tokens.words
        self.starts = self.tokens.starts
        self.index = 0
        self.depth = 0
        self.elements = 0
        self.errors: list[ConstraintError] = []

    def end(self) -> int:
        """Where the token that was read last ends."""
        index = self.index - 1
        return self.starts[index] + len(self.words[index])

    def enter(self, width: int) -> int:
        """Go one level down over `width` tokens; where the first of them begins."""
        index = self.index
        self.depth += 1
        if self.depth > MOST_LEVELS:
            help = "split it into several constraints"
            raise ConstraintError("HX307", "a constraint nested in more than 64 levels", help, self.tokens.at(index))
        self.index = index + width
        return self.starts[index]

    def open(self, name: str) -> int:
        """Go into a function, over its name and `(`."""
        start = self.enter(2)
        if self.words[self.index] == ")":
            raise self.wrong_count(name, "no arguments")
        return start

    def comma(self, name: str) -> None:
        """The comma between two arguments of a function."""
        word = self.words[self.index]
        if word != ",":
            if word == ")":
                raise self.wrong_count(name, "too few arguments")
            self.unfinished(self.opening())
        self.index += 1

    def close(self, name: str) -> None:
        """Leave a function over its `)`."""
        word = self.words[self.index]
        if word != ")":
            if word == ",":
                raise self.wrong_count(name, "too many arguments")
            self.unfinished(self.opening())
        self.index += 1
        self.depth -= 1

    def opening(self) -> int:
        """The parenthesis that is open here; it is asked for only when it is not closed as it should be."""
        index, depth = self.index, 0
        while depth >= 0:
            index -= 1
            depth += {")": 1, "(": -1}.get(self.words[index], 0)
        return index

    def wrong_count(self, name: str, given: str) -> ConstraintError:
        """A function with too few or too many arguments."""
        return ConstraintError(
            "HX317", f"`{name}` is given {given}", f"write `{FORMS[name]}`", self.tokens.at(self.index)
        )

    def unfinished(self, opening: int) -> NoReturn:
        """Something else stands where the bracket at `opening` should be closed, or a comma follow."""
        index = self.index
        bracket = self.words[opening]
        closing = ")" if bracket == "(" else "]"
        if self.kinds[index] == BAD:
            raise bad_character(self.tokens, index)
        if self.kinds[index] == END:
            raise ConstraintError(
                "HX301", f"this `{bracket}` is never closed", f"add `{closing}`", self.tokens.at(opening)
            )
        message = f"unexpected {quoted(self.words[index])} where `,` or `{closing}` should stand"
        raise ConstraintError("HX301", message, f"close the `{bracket}`, or write a comma", self.tokens.at(index))

    def string(self, message: str, help: str) -> str:
        """The text of a quoted string, which has to stand here."""
        index = self.index
        kind = self.kinds[index]
        if kind == PLAIN:
            self.index += 1
            return self.words[index][1:-1]
        if kind == ROUGH:
            self.index += 1
            return self.unescaped(index)
        raise self.not_a_string(message, help)

    def not_a_string(self, message: str, help: str) -> ConstraintError:
        """Something else than a quoted string."""
        error = value_expected(self.tokens, self.index)
        return (
            error
            if error.code in ("HX302", "HX303")
            else ConstraintError("HX301", message, help, self.tokens.at(self.index))
        )

    def unescaped(self, index: int) -> str:
        """The text of a quoted string with escapes."""
        try:
            return text_of(self.words[index])
        except LiteralError as error:
            start = self.starts[index]
            at = (start + error.at[0], start + error.at[1])
            raise ConstraintError("HX303", f"{error.message} in a text", error.help, at) from None
