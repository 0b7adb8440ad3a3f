"""A leaf and one of its operands in, the values out that the operand's fact should take in turn, those that decide first.

Each series has what makes the leaf true, what makes it false, what leaves it unknown, and then the values around which engines that
are nearly right would part: the bound itself and its neighbours, another type that looks alike, a text that is not clean.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from hexgate.core.bundle.calls.numbers import around, around_text, as_call_holds, containers
from hexgate.core.bundle.calls.patterns import samples
from hexgate.core.bundle.calls.places import around_directories, around_globs, around_hosts
from hexgate.core.bundle.calls.question import ABSENT
from hexgate.core.expr import syntax
from hexgate.core.expr.syntax import Leaf, Operand

__all__ = ["operands_of", "series", "through"]

MOST_MEMBERS = 12
# What a fact of which only the length is counted is made of; a character beyond 16 bits is one code point.
LONGEST_COUNT = 1100
FILLER = "\U0001f600"
STRANGERS = 5


def operands_of(leaf: Leaf) -> tuple[Operand, ...]:
    """What a leaf reads or is given, the left one first."""
    match leaf:
        case syntax.Comparison(_, left, right):
            return left, right
        case syntax.Membership(operand, members):
            return operand, members
        case syntax.TextTest(_, text, part):
            return text, part
        case syntax.Matches(text, _):
            return (text,)
        case syntax.Within(path, _) | syntax.InScope(path, _, _) | syntax.Exists(path):
            return (path,)
        case _:
            return (leaf.url,)


def series(leaf: Leaf, side: int, other: Any) -> list[Any]:
    """The values that one side should take, when the other side has this value (`ABSENT` for none)."""
    maker = OF_TWO.get(type(leaf))
    return OF_ONE[type(leaf)](leaf) if maker is None else maker(side, other)


def of_membership(side: int, other: Any) -> list[Any]:
    """Members and their neighbours, or lists with and without the operand."""
    if side == 1:
        return containers(other)
    if type(other) is not list:
        return around(ABSENT)
    members = [as_call_holds(member) for member in other[:MOST_MEMBERS]]
    near = [value for member in other[:MOST_MEMBERS] for value in around(member)]
    return [*members[:1], "no member", *members[1:], ABSENT, *near, *as_call_holds(other[-1:]), as_call_holds(other)]


def of_text_test(side: int, other: Any) -> list[Any]:
    """The part as a text has it at its beginning, end or middle, and nearly."""
    if type(other) is not str:
        return around_text("a")
    if side == 1:
        return [other[:1], other[-1:], other, f"{other}a", *around_text(other[1:]), ""]
    other_case = other.swapcase()
    found: list[Any] = [f"{other}~", f"~{other}", ABSENT, STRANGERS, f"~{other}~", other, other[:-1], other[1:]]
    found += [
        f"{other_case}~",
        f"~{other_case}",
        f"{other[:1]}~{other[1:]}",
        f"{other[:-1]}~",
        f"~{other[1:]}",
        "",
        "~",
    ]
    return [*found, None, [other], f"{other}\n", f"\n{other}", f"{other}\u0301", f"\U0001f600{other}\U0001f600", True]


def of_pattern(leaf: Any) -> list[Any]:
    """Texts in which the pattern is found, and the same with something done to them."""
    found: list[Any] = [*samples(leaf.pattern)]
    near = [
        variant
        for text in found[:3]
        for variant in (f"{text}\n", text[:-1], f"{text}~", f"~{text}", text[1:], text.swapcase(), f"{text}\u0661")
    ]
    return [
        *found[:1],
        "~",
        "",
        ABSENT,
        STRANGERS,
        "\u4e2d",
        *found[1:],
        *near,
        "\u0661",
        "\u212a",
        "\n",
        "a\x00",
        [],
        None,
    ]


def of_directories(leaf: Any) -> list[Any]:
    return around_directories(leaf.directories)


def of_hosts(leaf: Any) -> list[Any]:
    return around_hosts(tuple(map(str, cast("syntax.Literal", leaf.hosts).value or ())))  # type: ignore[arg-type]


def of_scope(leaf: Any) -> list[Any]:
    return around_globs(leaf.allowed, leaf.denied)


OF_TWO: Mapping[type[Leaf], Callable[[int, Any], list[Any]]] = {
    syntax.Comparison: lambda _, other: around(other),
    syntax.Membership: of_membership,
    syntax.TextTest: of_text_test,
}
OF_ONE: Mapping[type[Leaf], Callable[[Any], list[Any]]] = {
    syntax.Matches: of_pattern,
    syntax.Within: of_directories,
    syntax.UrlHostIn: of_hosts,
    syntax.Exists: lambda _: [0, ABSENT, None, "", False, [], {}],
    syntax.InScope: of_scope,
}


def through(operand: Operand, value: Any, now: Any) -> list[Any]:
    """The values of the operand's fact with which the operand has a value; `now` is what the fact is."""
    match operand:
        case syntax.Count():
            return of_length(value, now)
        case syntax.Lower(inner):
            return [found for text in capitals(value) for found in through(inner, text, now)]
        case _:
            return [value]


def of_length(value: Any, now: Any) -> list[Any]:
    """Lists, texts and objects of a length, what is there already being kept; or something that has none."""
    if type(value) is not int or not 0 <= value <= LONGEST_COUNT:
        return [value] if value is ABSENT or type(value) in (int, float, bool) else []
    found: list[Any] = []
    if type(now) is list:
        found.append([*now[:value], *[now[-1] if now else 0] * (value - len(now))])
    elif type(now) is str:
        half, filler = len(now) // 2, FILLER * (value - len(now))
        found += [now[:value] + filler, (now[:half] + filler + now[half:])[-value:] if value else ""]
    elif type(now) is dict:
        kept = dict(list(now.items())[:value])
        found.append({**kept, **{f"key {number}": 0 for number in range(value - len(kept))}})
    keys = {f"key {number}": number for number in range(value)}
    return [*found, [0] * value, FILLER * value, keys, "a" * value]


def capitals(value: Any) -> list[Any]:
    """Texts whose lower case is this one, or would be with another table than ours."""
    if type(value) is not str:
        return [value]
    strange = [value.replace(char, capital, 1) for char, capital in STRANGE if char in value]
    return [value, value.upper(), value.title(), *strange, f"{value}\u0130", f"{value}\u03a3"]


# Kelvin, Angstrom, sharp s, Cherokee, dotted and final letters: what tables of lower case disagree about.
STRANGE = (
    ("k", "\u212a"),
    ("\u00e5", "\u212b"),
    ("\u00df", "\u1e9e"),
    ("i", "\u0130"),
    ("\u03c3", "\u03a3"),
    ("ss", "\u1e9e"),
)
