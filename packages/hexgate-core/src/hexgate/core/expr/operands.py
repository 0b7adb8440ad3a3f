"""The values of the grammar: literals, paths, constants, `count` and `lower`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import cast

from hexgate.core.expr.cursor import Cursor
from hexgate.core.expr.foreign import FORMS
from hexgate.core.expr.lexer import DOTTED, ELEMENT, NAME, NUMBER, PLAIN, ROUGH, SIGN, WHOLE
from hexgate.core.expr.literals import LiteralError, number_of
from hexgate.core.expr.mistakes import ConstraintError, quoted, step_expected, unknown_fact, value_expected
from hexgate.core.expr.syntax import Const, Count, Literal, Lower, Operand, Path, Root, Value

__all__ = ["Operands"]

MOST_ITEMS = 1000

WORDS: Mapping[str, Value] = {"true": True, "false": False, "null": None}
STEP_BEGINS = ("[", ".")
JOINING = ("and", "or", "not", "in")
# The steps of the roots that do not have any field.
STEPS: Mapping[str, list[str | int]] = {"user": ["id"], "session": ["id"], "role": [], "tool": []}


class Operands(Cursor):
    """Reads one value."""

    __slots__ = ()

    def operand(self) -> Operand:
        """One value."""
        return OPERANDS[self.kinds[self.index]](self)

    # Paths and constants

    def dotted(self) -> Operand:
        """A path or a constant of which at least the first step follows its root without white space."""
        index = self.index
        steps: list[str | int] = [*self.words[index].split(".")]
        root = cast(Root, steps.pop(0))
        self.index = index + 1
        if self.words[index + 1] in STEP_BEGINS or self.kinds[index + 1] == ELEMENT:
            self.steps(steps)
        if root in {"args", "ctx"}:
            return Path(root, tuple(steps), (self.starts[index], self.end()))
        return self.rooted(root, steps, index)

    def element(self) -> Operand:
        """A path that begins with a dot."""
        index = self.index
        word = self.words[index]
        steps: list[str | int] = [*word[1:].split(".")] if len(word) > 1 else []
        self.index = index + 1
        self.steps(steps)
        at = (self.starts[index], self.end())
        if not self.elements:
            help = "write `args` before the dot, or put the comparison into `every(path, …)` or `any(path, …)`"
            self.errors.append(
                ConstraintError("HX314", f"{quoted(word)} stands outside of `every` and `any`", help, at)
            )
        return Path("item", tuple(steps), at)

    def rooted(self, root: str, steps: list[str | int], index: int) -> Operand:
        """What begins with the root at `index`, all its steps read."""
        at = (self.starts[index], self.end())
        text = self.tokens.text[at[0] : at[1]]
        if root == "consts":
            if len(steps) != 1 or "[" in text:
                raise ConstraintError("HX301", f"{quoted(text)} is no constant", "write `consts.` and one name", at)
            return Const(cast(str, steps[0]), at)
        if root not in ("args", "ctx") and STEPS.get(root) != steps:
            error = unknown_fact(self.tokens, index, text)
            if error.code != "HX313":
                raise error
            self.errors.append(error)
        return Path(cast(Root, root), tuple(steps), at)

    def steps(self, steps: list[str | int]) -> None:
        """Read steps and append them."""
        while True:
            index = self.index
            word = self.words[index]
            if self.kinds[index] == ELEMENT:
                steps += word[1:].split(".")
            elif word == "[":
                steps.append(self.bracket())
            elif word == ".":
                if self.kinds[index + 1] not in (NAME, DOTTED):
                    raise step_expected(self.tokens, index + 1)
                steps += self.words[index + 1].split(".")
                self.index += 1
            else:
                return
            self.index += 1

    def bracket(self) -> str | int:
        """The step in a pair of brackets, of which the second is not passed."""
        opening = self.index
        self.index = opening + 1
        if self.kinds[opening + 1] in (WHOLE, NUMBER):
            word = self.words[opening + 1]
            if not word.isdigit() or word[0] == "0" != word:
                help = "count from 0 in whole numbers, or write a key in quotes"
                raise ConstraintError("HX304", f"{quoted(word)} is no index", help, self.tokens.at(opening + 1))
            self.index += 1
            # Not by int(), which knows a limit on digits.
            step: str | int = int(Decimal(word))
        else:
            step = self.string("a step in brackets is a text in quotes or an index", 'write `["name"]` or `[0]`')
        if self.words[self.index] != "]":
            self.unfinished(opening)
        return step

    # Words

    def named(self) -> Operand:
        """A word: a literal, a function, or the root of a path whose steps stand apart."""
        index = self.index
        word = self.words[index]
        if word in WORDS:
            self.index = index + 1
            return Literal(WORDS[word], self.tokens.at(index))
        following = self.words[index + 1]
        if following == "(" and word in ("count", "lower"):
            return self.count() if word == "count" else self.lower()
        stepped = following in STEP_BEGINS or self.kinds[index + 1] == ELEMENT
        if word not in JOINING and (stepped or STEPS.get(word) == []):
            steps: list[str | int] = []
            self.index = index + 1
            self.steps(steps)
            return self.rooted(word, steps, index)
        raise value_expected(self.tokens, index)

    def count(self) -> Operand:
        """`count(path)`."""
        start = self.open("count")
        path = self.path("count")
        self.close("count")
        return Count(path, (start, self.end()))

    def lower(self) -> Operand:
        """`lower(operand)`."""
        start = self.open("lower")
        operand = self.operand()
        self.close("lower")
        return Lower(operand, (start, self.end()))

    def path(self, function: str) -> Path:
        """The path that a function wants."""
        start = self.starts[self.index]
        operand = self.operand()
        if not isinstance(operand, Path):
            at = (start, self.end())
            message = f"{quoted(self.tokens.text[at[0] : at[1]])} is no path, which `{function}` needs"
            raise ConstraintError("HX301", message, f"write `{FORMS[function]}` with a path such as `args.items`", at)
        return operand

    # Literals

    def literal(self) -> Operand:
        """A number or a text."""
        index = self.index
        return Literal(self.value(), (self.starts[index], self.end()))

    def value(self) -> Value:
        """A number or a text, as what it means."""
        index = self.index
        kind = self.kinds[index]
        self.index = index + 1
        if kind == PLAIN:
            return self.words[index][1:-1]
        if kind == WHOLE:
            return int(self.words[index])
        return self.unescaped(index) if kind == ROUGH else self.number(index)

    def number(self, index: int) -> Value:
        """A number that is long, has a fraction or an exponent, or is none."""
        try:
            return number_of(self.words[index])
        except LiteralError as error:
            message = f"bad number {quoted(self.words[index])}: {error.message}"
            raise ConstraintError("HX304", message, error.help, self.tokens.at(index)) from None

    def sign(self) -> Operand:
        """A list, or the element of a quantifier."""
        index = self.index
        if self.words[index] == ".":
            return self.element()
        if self.words[index] == "[":
            return Literal(self.array(), (self.starts[index], self.end()))
        return self.nothing()

    def array(self) -> tuple[Value, ...]:
        """A list of literals."""
        opening = self.index
        self.enter(1)
        items: list[Value] = []
        while self.words[self.index] != "]" or items:
            items.append(self.item())
            if len(items) > MOST_ITEMS:
                help = "move the list to `consts`, or ask for less"
                raise ConstraintError(
                    "HX308", "a list of more than 1,000 items", help, (self.starts[opening], self.end())
                )
            if self.words[self.index] != ",":
                break
            self.index += 1
        if self.words[self.index] != "]":
            self.unfinished(opening)
        self.index += 1
        self.depth -= 1
        return tuple(items)

    def item(self) -> Value:
        """One literal of a list."""
        index = self.index
        if self.kinds[index] in LITERALS:
            return self.value()
        if self.words[index] == "[":
            return self.array()
        operand = self.operand()
        if not isinstance(operand, Literal):
            at = (self.starts[index], self.end())
            message = f"{quoted(self.tokens.text[at[0] : at[1]])} cannot be an item: a list holds literals only"
            raise ConstraintError("HX301", message, "join several comparisons with `or` instead", at)
        return operand.value

    def nothing(self) -> Operand:
        """No value at all."""
        raise value_expected(self.tokens, self.index)


LITERALS = frozenset((PLAIN, ROUGH, WHOLE, NUMBER))
# By the kind of the first token.
READERS: Mapping[int, Callable[[Operands], Operand]] = {
    DOTTED: Operands.dotted,
    NAME: Operands.named,
    SIGN: Operands.sign,
    ELEMENT: Operands.element,
    **dict.fromkeys(LITERALS, Operands.literal),
}
OPERANDS = tuple(READERS.get(kind, Operands.nothing) for kind in range(11))
