"""A token that cannot stand where it stands in, the mistake to tell the author out.

Nothing here runs for a constraint without mistakes, so it may look at the text as often as it needs to.
"""

from __future__ import annotations

import re

from hexgate.core.expr.foreign import (
    FORMS,
    INFIX,
    LIBRARIES,
    OTHER_CHARACTERS,
    OTHER_FUNCTIONS,
    OTHER_ROOTS,
    OTHER_SIGNS,
    OTHER_WORDS,
    PATTERN_SIGNS,
    ROOTS,
)
from hexgate.core.expr.hints import first_fact, grouped_number, one_of_several, word_help
from hexgate.core.expr.lexer import BAD, DOTTED, ELEMENT, END, NAME, NUMBER, PLAIN, ROUGH, SIGN, WHOLE, Tokens
from hexgate.core.expr.literals import rewritten
from hexgate.core.text import nearest
from hexgate.core.text.render import visible

__all__ = [
    "ConstraintError",
    "bad_character",
    "chained",
    "join_expected",
    "operator_expected",
    "quoted",
    "step_expected",
    "unknown_fact",
    "value_expected",
]

WIDTH = 60
NAMES = (DOTTED, ELEMENT, NAME)
TEXTS = (PLAIN, ROUGH)
LITERALS = (*TEXTS, WHOLE, NUMBER)
JOINING = ("and", "or", "not")
COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
STRETCH = re.compile(r"[^\s()\[\],;\"'=!<>&|]+")


class ConstraintError(Exception):
    """A mistake of the author, with its place in the constraint."""

    def __init__(self, code: str, message: str, help: str | None, at: tuple[int, int]) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.help = help
        self.at = at


def quoted(text: str) -> str:
    """The author's words in backticks, short and without anything that could hide."""
    shown = text if len(text) <= WIDTH else text[:WIDTH] + "…"
    return f"`{visible(shown)}`"


def stretch(tokens: Tokens, index: int) -> tuple[str, tuple[int, int]]:
    """The word around the beginning of a token as a person sees it: up to white space, a bracket or an operator."""
    start = tokens.starts[index]
    match = STRETCH.match(tokens.text, start)
    end = match.end() if match else tokens.end(index)
    return tokens.text[start:end].rstrip("."), (start, end)


def value_expected(tokens: Tokens, index: int) -> ConstraintError:
    """No value begins here, where one is needed."""
    kind, word, at = tokens.kinds[index], tokens.words[index], tokens.at(index)
    if kind == END:
        return ConstraintError(
            "HX301", "a value is missing at the end", "complete the constraint, or remove what is left of it", at
        )
    if kind == BAD:
        return bad_character(tokens, index)
    if kind == NAME:
        return bare_word(tokens, index)
    if word == "(":
        return ConstraintError(
            "HX301", "a value cannot stand in parentheses", "remove the parentheses around the value", at
        )
    meant = OTHER_SIGNS.get(word)
    if meant == "not":
        return ConstraintError("HX301", f"unexpected {quoted(word)}", "write `not`", at)
    help = "remove the comma before it, or add a value" if word in ")]" else "write a value before it, or remove it"
    return ConstraintError("HX301", f"a value is missing before {quoted(word)}", help, at)


def bare_word(tokens: Tokens, index: int) -> ConstraintError:
    """A word that is no value."""
    word, at = tokens.words[index], tokens.at(index)
    if word in ("and", "or", "in"):
        return ConstraintError(
            "HX301", f"a value is missing before `{word}`", "write a value before it, or remove it", at
        )
    if word == "not":
        help = "`not` stands before a whole comparison, as in `not args.x == 1`"
        return ConstraintError("HX301", "`not` cannot stand before a value", help, at)
    if tokens.words[index + 1] == "(":
        return wrong_function(tokens, index)
    if word in ("args", "ctx", "user", "session", "consts"):
        return step_expected(tokens, index + 1)
    shown, place = stretch(tokens, index)
    meant = OTHER_WORDS.get(shown.casefold())
    if meant:
        help = f"write `{meant}`" if meant in JOINING else f"did you mean `{meant}`?"
        return ConstraintError("HX302", f"the bare word {quoted(shown)} where a value should stand", help, place)
    message = f"the bare word {quoted(shown)} where a value should stand"
    return ConstraintError("HX302", message, word_help(tokens, index, shown, visible(shown[:WIDTH])), place)


def wrong_function(tokens: Tokens, index: int) -> ConstraintError:
    """A name before `(` that is no function, or one that gives no value."""
    word, at = tokens.words[index], tokens.at(index)
    if word in FORMS:
        return ConstraintError(
            "HX301", f"`{word}` is a constraint of its own, not a value", "join it to others with `and` or `or`", at
        )
    object_name, dot, name = word.rpartition(".")
    meant = meant_function(name)
    if object_name.casefold() in LIBRARIES:
        help = f"write `{meant or 'matches'}({first_fact(tokens, index + 2)}, …)`"
    elif dot:
        help = f"write `{meant or 'contains'}({object_name}, …)`: functions are not called on a value"
    else:
        help = (
            f"did you mean `{meant}`?" if meant else "the functions are " + ", ".join(f"`{known}`" for known in FORMS)
        )
    return ConstraintError("HX305", f"unknown function {quoted(word)}", help, at)


def meant_function(name: str) -> str | None:
    """The function, or the word before a parenthesis, that was probably meant."""
    lowered = name.casefold()
    if lowered in ("not", "and", "or", "in"):
        return lowered
    return OTHER_FUNCTIONS.get(lowered.replace("_", "")) or OTHER_FUNCTIONS.get(lowered) or nearest(name, FORMS)


def unknown_fact(tokens: Tokens, index: int, words: str) -> ConstraintError:
    """A dotted name that begins no path, or a field that a known root does not have."""
    at = (tokens.starts[index], tokens.starts[index] + len(words))
    if tokens.words[index + 1] == "(":
        return wrong_function(tokens, index)
    root = tokens.words[index].partition(".")[0]
    rest = visible(words[len(root) :][:WIDTH])
    message = f"unknown fact {quoted(words)}"
    if root in ("user", "session"):
        help = f"only `{root}.id` is known of a {root}; what else is known of the caller stands below `ctx`"
    elif root in ("role", "tool"):
        help = f"`{root}` is a text and has no fields"
    elif root in ("item", "it", "this", "self", "elem", "element", "x"):
        help = f"inside of `every` and `any` the element is a dot: `{rest}`"
    else:
        meant = OTHER_ROOTS.get(root.casefold()) or nearest(root, ROOTS)
        shown = stretch(tokens, index)[0]
        known = "a fact begins with `args`, `ctx`, `user`, `session`, `role` or `tool`, and a text stands in quotes"
        help = f"did you mean `{meant}{rest}`?" if meant else f'{known}: `"{visible(shown[:WIDTH])}"`'
    return ConstraintError("HX313", message, help, at)


def step_expected(tokens: Tokens, index: int) -> ConstraintError:
    """A root or a dot without the name that must follow it; at `index` stands what follows."""
    before = tokens.words[index - 1]
    if tokens.kinds[index] == BAD:
        return bad_character(tokens, index)
    if before == "consts":
        help = "write `consts.` and the name of a constant"
    elif before in ("user", "session"):
        help = f"write `{before}.id`"
    else:
        help = 'write `.name`, `["any text"]` or `[0]`'
    # The place is what stands before, so that the end of the text is never pointed at.
    return ConstraintError("HX301", f"a field is missing after `{before}`", help, tokens.at(index - 1))


def operator_expected(tokens: Tokens, index: int, start: int) -> ConstraintError:
    """A value, which began at `start`, that is compared with nothing."""
    kind, word, at = tokens.kinds[index], tokens.words[index], tokens.at(index)
    left = tokens.text[start : tokens.end(index - 1)]
    if kind == BAD:
        return bad_character(tokens, index)
    meant = OTHER_SIGNS.get(word) if kind == SIGN else {"is": "==", "in": "in"}.get(word.casefold())
    if word.casefold() == "is" and tokens.words[index + 1] == "not":
        meant, at = "!=", (at[0], tokens.end(index + 1))
    if meant in (*COMPARISONS, "in"):
        return ConstraintError(
            "HX301", f"unknown operator {quoted(tokens.text[at[0] : at[1]])}", f"write `{meant}`", at
        )
    function = function_meant(tokens, index)
    if function:
        help = f"write `{function}({visible(left[:WIDTH])}, …)`"
        what = "unknown operator {}" if kind == SIGN else "{} cannot stand between two values"
        return ConstraintError("HX301", what.format(quoted(word)), help, at)
    if word == "(" and tokens.kinds[index - 1] in (DOTTED, ELEMENT):
        return wrong_function(tokens, index - 1)
    broken = glued(tokens, index)
    if broken:
        return broken
    if kind == END or word in ("and", "or", ")", ",", "]") or meant:
        return compared_with_nothing(tokens, index - 1, start)
    help = "write one of `==`, `!=`, `<`, `<=`, `>`, `>=`, `in` and `not in` before it"
    return ConstraintError("HX301", f"no operator between {quoted(left)} and {quoted(word)}", help, at)


def function_meant(tokens: Tokens, index: int) -> str | None:
    """The function that was written between its arguments."""
    word = tokens.words[index]
    if tokens.kinds[index] == NAME:
        return nearest(word, INFIX)
    return PATTERN_SIGNS[word] if word in PATTERN_SIGNS and tokens.kinds[index + 1] in TEXTS else None


def compared_with_nothing(tokens: Tokens, index: int, start: int) -> ConstraintError:
    """A value from `start` to the end of the token at `index`, where a constraint should stand."""
    at = (start, tokens.end(index))
    left = tokens.text[slice(*at)]
    if tokens.starts[index] == start and tokens.kinds[index] in LITERALS:
        help = one_of_several(tokens, index)
    else:
        help = f"write a comparison such as `{visible(left[:WIDTH])} == true`"
    return ConstraintError("HX301", f"{quoted(left)} is compared with nothing", help, at)


def chained(tokens: Tokens, index: int, middle: str) -> ConstraintError:
    """A comparison whose right side, `middle`, is compared once more."""
    word = tokens.words[index]
    help = f"join two comparisons with `and`: `… and {visible(middle[:WIDTH])} {word} …`"
    return ConstraintError("HX301", f"comparisons cannot be chained by {quoted(word)}", help, tokens.at(index))


def join_expected(tokens: Tokens, index: int) -> ConstraintError:
    """Something after a complete constraint."""
    kind, word, at = tokens.kinds[index], tokens.words[index], tokens.at(index)
    if kind == BAD:
        return bad_character(tokens, index)
    meant = OTHER_SIGNS.get(word) if kind == SIGN else nearest(word, ("and", "or"))
    if meant in ("and", "or"):
        return ConstraintError("HX301", f"unexpected {quoted(word)}", f"write `{meant}`", at)
    if word in (")", "]"):
        opening = "(" if word == ")" else "["
        return ConstraintError(
            "HX301", f"`{word}` closes nothing", f"remove it, or add the `{opening}` that it should close", at
        )
    number = grouped_number(tokens, index)
    help = f"write `{number}`" if number else "join constraints with `and` or `or`, or write two of them"
    return glued(tokens, index) or ConstraintError("HX301", f"unexpected {quoted(word)}", help, at)


def glued(tokens: Tokens, index: int) -> ConstraintError | None:
    """A number or a field name that goes on with something that cannot be part of it."""
    before = index - 1
    if before < 0 or tokens.end(before) != tokens.starts[index] or tokens.kinds[index] in (SIGN, END, PLAIN, ROUGH):
        return None
    if tokens.kinds[before] in (WHOLE, NUMBER):
        word, at = stretch(tokens, before)
        if at[1] == tokens.end(before):
            return None
        return ConstraintError("HX304", f"bad number {quoted(word)}", rewritten(word), at)
    joined = before > 0 and tokens.end(before - 1) == tokens.starts[before] and tokens.kinds[before - 1] in NAMES
    if tokens.words[before] == "." and joined:
        before -= 1
    whole, place = stretch(tokens, before)
    field = whole.rpartition(".")[2]
    is_path = tokens.words[before] == "." or tokens.kinds[before] in NAMES
    if not is_path or "." not in whole:
        return None
    help = f'a field whose name is no plain word is written `{visible(whole[: -len(field)].rstrip("."))}["{visible(field)}"]`'
    return ConstraintError("HX301", f"unexpected {quoted(tokens.words[index])} in {quoted(whole)}", help, place)


def bad_character(tokens: Tokens, index: int) -> ConstraintError:
    """A character that begins no token."""
    char, start = tokens.words[index], tokens.starts[index]
    if char in "\"'":
        return ConstraintError(
            "HX303", "the text that begins here is never closed", f"close it with `{char}`", (start, len(tokens.text))
        )
    at = (start, start + 1)
    meant = OTHER_SIGNS.get(char)
    if meant:
        return ConstraintError("HX301", f"unexpected {quoted(char)}", f"write `{meant}`", at)
    if not char.isprintable() or char.isspace():
        help = "replace it by a space" if char.isspace() else "remove it; it may be invisible"
        return ConstraintError("HX301", f"unexpected character U+{ord(char):04X}", help, at)
    broken = glued(tokens, index)
    if broken:
        return broken
    if char.isalpha():
        word, place = stretch(tokens, index)
        help = f'put a text in quotes: `"{visible(word[:WIDTH])}"`'
        return ConstraintError("HX302", f"the bare word {quoted(word)} where a value should stand", help, place)
    help = OTHER_CHARACTERS.get(char, "remove it, or put the text that it belongs to in quotes")
    return ConstraintError("HX301", f"unexpected {quoted(char)}", help, at)
