"""Tokens around a mistake in, the words out that their author probably meant."""

from __future__ import annotations

import re

from hexgate.core.expr.foreign import OTHER_FACTS
from hexgate.core.expr.lexer import DOTTED, ELEMENT, NUMBER, PLAIN, ROUGH, WHOLE, Tokens, is_name
from hexgate.core.text import nearest
from hexgate.core.text.render import visible

__all__ = ["first_fact", "grouped_number", "one_of_several", "word_help"]

OPERATORS = ("==", "!=", "<", "<=", ">", ">=", "in", "not")
# Functions whose later arguments are written out: a fact cannot stand there.
WRITTEN_OUT = ("matches", "within", "url_host_in")
LITERALS = (PLAIN, ROUGH, WHOLE, NUMBER)
GROUPED = re.compile(r"-?[0-9]{1,3}(?:,[0-9]{3})++(?:\.[0-9]++)?(?![\w,.])")
LONGEST_HINT = 120


def word_help(tokens: Tokens, index: int, word: str, shown: str) -> str:
    """What to do about the bare word at `index`: quotes, or the fact or constant that it names."""
    text = f'`"{shown}"`'
    known = OTHER_FACTS.get(word.casefold()) or nearest(word, ("role", "tool"))
    if written_out(tokens, index) or not (known or is_name(word)):
        return f"put a text in quotes: {text}"
    if known:
        return f"put a text in quotes: {text}; or did you mean `{known}`?"
    # The word before the first one is that of `END`, which is empty.
    if tokens.words[index - 1] == "in":
        return f"did you mean `consts.{shown}` or `args.{shown}`? A list of texts is written `[{text[1:-1]}]`"
    if begins(tokens, index):
        element = f"`.{shown}` or " if in_quantifier(tokens, index) else ""
        return f"did you mean {element}`args.{shown}`? A text stands in quotes: {text}"
    return f"in quotes it is a text: {text}; or did you mean `args.{shown}` or `consts.{shown}`?"


def begins(tokens: Tokens, index: int) -> bool:
    """Whether a comparison begins here, or the arguments of a function."""
    return tokens.words[index + 1] in OPERATORS or tokens.words[index - 1] == "("


def enclosing(tokens: Tokens, index: int) -> int | None:
    """The bracket that is open at a token."""
    depth = 0
    for before in range(index - 1, -1, -1):
        depth += {")": 1, "]": 1, "(": -1, "[": -1}.get(tokens.words[before], 0)
        if depth < 0:
            return before
    return None


def written_out(tokens: Tokens, index: int) -> bool:
    """Whether only a literal can stand here: in brackets, and where a function wants a text."""
    opening = enclosing(tokens, index)
    if opening is None:
        return False
    later = index > opening + 1 and tokens.words[opening - 1] in WRITTEN_OUT
    return later or tokens.words[opening] == "["


def in_quantifier(tokens: Tokens, index: int) -> bool:
    """Whether the token stands in the constraint of `every` or `any`, however deep."""
    opening = enclosing(tokens, index)
    while opening:
        if tokens.words[opening - 1] in ("every", "any") and index > opening + 1:
            return True
        opening = enclosing(tokens, opening)
    return False


def first_fact(tokens: Tokens, index: int) -> str:
    """The first path in what is left of a constraint, which a function was probably given."""
    for kind, word in zip(tokens.kinds[index:], tokens.words[index:], strict=True):
        if kind in (DOTTED, ELEMENT):
            return visible(word[:LONGEST_HINT])
        if word == ")":
            break
    return "…"


def one_of_several(tokens: Tokens, index: int) -> str:
    """What to do about a literal that stands alone, as the second in `args.x == "a" or "b"`."""
    help = "a value alone is no constraint"
    kinds, words = tokens.kinds, tokens.words
    before = words[max(index - 4, 0) : index]
    operator = {("==", "or"): "in", ("!=", "and"): "not in"}.get((before[1], before[3])) if len(before) == 4 else None
    if operator is None or kinds[index - 4] != DOTTED or kinds[index - 2] not in LITERALS:
        return f"{help}: compare it, as in `args.x == {visible(words[index][:LONGEST_HINT])}`"
    values = [words[index - 2], words[index]]
    while words[index + 1] == words[index - 1] and kinds[index + 2] in LITERALS:
        index += 2
        values.append(words[index])
    listed = visible(", ".join(values)[:LONGEST_HINT])
    return f"{help}; write `{visible(before[0][:LONGEST_HINT])} {operator} [{listed}]`"


def grouped_number(tokens: Tokens, index: int) -> str | None:
    """The number whose thousands are set apart by the comma at `index`, as it is written here."""
    if tokens.words[index] != "," or tokens.kinds[index - 1] not in (WHOLE, NUMBER):
        return None
    found = GROUPED.match(tokens.text, tokens.starts[index - 1])
    return found[0].replace(",", "") if found else None
