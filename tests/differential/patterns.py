r"""Patterns and texts by chance, for whoever compares engines of regular expressions.

They are made of what engines disagree about: letters of more than two cases, classes at the borders of UTF-8's lengths, places
between characters beside letters that are not ASCII, repeats of nothing, flags in the middle, and syntax that is almost right.
"""

from __future__ import annotations

from random import Random

__all__ = ["any_pattern", "any_text", "sound_pattern", "tokens"]

LETTERS = [
    "a",
    "b",
    "k",
    "s",
    "K",
    "S",
    "A",
    "1",
    "_",
    "-",
    " ",
    "é",
    "\u017f",
    "\u212a",
    "ß",
    "ẞ",
    "σ",
    "ς",
    "Σ",
    "😀",
    "\x00",
    "ǆ",
    "ǅ",
]
SETS = [
    ".",
    "(?s:.)",
    r"\d",
    r"\D",
    r"\w",
    r"\W",
    r"\s",
    r"\S",
    "[ab]",
    "[^a]",
    "[a-z]",
    "[^a-z0-9]",
    r"[^\W]",
    "[]a]",
    "[^]a]",
    "[a-]",
    r"[\]\-]",
    r"\pL",
    r"\PL",
    r"\p{Greek}",
    r"\p{^Lu}",
    r"\pN",
    r"\p{Lu}",
    r"[\pL\d]",
    r"[^\pL]",
    "[[:alpha:]]",
    "[[:^alpha:]]",
    r"[[:word:]\d-é]",
    "[[:alpha]",
    r"[é-\x{FFFF}]",
    r"[\x{7f}-\x{80}]",
    r"[\x{7ff}-\x{800}]",
    r"[\x{ffff}-\x{10000}]",
    "[σ-ω]",
    "[Ā-ſ]",
    r"[\x{1e00}-\x{1fff}]",
    r"[^\x00-\x{10FFFF}]",
]
ESCAPED = [
    r"\x{10FFFF}",
    r"\x41",
    r"\101",
    r"\x{1F600}",
    r"\t",
    r"\v",
    r"\n",
    r"\_",
    r"\-",
    r"\.",
    r"\Qa.b\E",
    r"\Q\E",
    r"\08",
    "{",
    "}",
    "]",
    "x{",
    "{,3}",
]
PLACES = [r"\b", r"\B", "^", "$", r"\A", r"\z"]
FLAGS = ["(?i)", "(?-i)", "(?m)", "(?s)", "(?U)", "(?i-s)", "(?)"]
OPENINGS = ["(", "(?:", "(?i:", "(?s-m:", "(?m:", "(?P<n>", "(?<größe>"]
REPEATS = ["*", "+", "?", "*?", "+?", "??", "{2}", "{0}", "{1,3}", "{2,}", "{0,2}?", "{1}", "{0,1}"]
WRONG = [
    r"\pX",
    "[[:foo:]]",
    r"\8",
    r"\1",
    r"\18",
    "(?=a)",
    "(?<!a)",
    "[z-a]",
    r"\C",
    r"\E",
    r"\Q",
    r"\Z",
    r"\é",
    "[",
    r"[\Q]",
    "(?P<n",
    "(?P<n-m>",
    "(?x)",
    "(?-)",
    "{1000}",
    "{1001}",
    "{100}",
    "{30}",
    "{2,1}",
    r"\x{110000}",
    r"\x{",
    r"\x4",
    r"\p{",
    r"\p{^",
    "[^",
    "**",
    "\\",
    r"\xg1",
    "[a-\\d]",
    "[[:",
]
# Sound atoms are drawn more often than places and flags, or few texts would be found.
ATOMS = [*LETTERS, *SETS, *ESCAPED]
TEXTS = "aabbkKsSA11__-- ..\n\n\t\v\x00x{}]é\u017f\u212aßẞσςΣωΩſĀ😀ǆǅǄ\x7f\x80\u07ff\u0800\uffff\U00010000\U0010ffffἀἈ"


def any_text(chance: Random) -> str:
    """A short text, sometimes empty."""
    return "".join(chance.choices(TEXTS, k=chance.choice((0, 1, 1, 2, 3, 4, 5, 8, 12))))


def any_pattern(chance: Random) -> str:
    """Sound three times of four, and otherwise pieces that fit by chance."""
    return sound_pattern(chance) if chance.random() < 0.75 else tokens(chance)


def tokens(chance: Random) -> str:
    """Pieces of syntax one after the other."""
    kinds = (LETTERS, SETS, ESCAPED, PLACES, FLAGS, OPENINGS, [")"], [")"], ["|"], REPEATS, REPEATS, WRONG)
    return "".join(chance.choice(chance.choice(kinds)) for _ in range(chance.randint(0, 8)))


def sound_pattern(chance: Random, depth: int = 3) -> str:
    """A pattern that RE2 takes, unless its repeats are too many."""
    dice = chance.random()
    if depth == 0 or dice < 0.4:
        return piece(chance)
    if dice < 0.65:
        return "".join(sound_pattern(chance, depth - 1) for _ in range(chance.randint(1, 4)))
    options = [sound_pattern(chance, depth - 1) if chance.random() < 0.9 else "" for _ in range(chance.randint(1, 4))]
    return chance.choice(OPENINGS) + "|".join(options) + ")" + chance.choice(["", *REPEATS])


def piece(chance: Random) -> str:
    """One atom and perhaps a repeat of it, a place, or a flag."""
    dice = chance.random()
    if dice < 0.12:
        return chance.choice(PLACES)
    if dice < 0.18:
        return chance.choice(FLAGS)
    return chance.choice(ATOMS) + (chance.choice(REPEATS) if chance.random() < 0.4 else "")
