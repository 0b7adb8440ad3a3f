"""Choices in, the text of one constraint out: every production of the grammar in POLICY.md section 4, every leaf, every operand.

What is written is always a constraint that loads. Operands mostly have the type that their leaf wants, and sometimes another.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from tests.differential import vocabulary as words
from tests.differential.choices import Choices

__all__ = ["Flavour", "constraint"]

DEEPEST_QUANTIFIERS = 3
# What an element is, and what stands one step below it.
ELEMENTS = {"objects": "object", "texts": "text", "numbers": "number", "rows": "numbers"}
BELOW = {"n": "number", "text": "text", "flag": "flag", "tags": "texts", "gone": "number"}
DEEPER = {
    "text": ["user.id", "role", "tool", "session.id", "args.tags[0]", "args.box.text"],
    "number": ["args.box.n", "args.items[0].n", "args.numbers[1]", "args.rows[0][0]"],
    "object": ["args.items[0]", 'args["box"]'],
}
WRONG = ["number", "text", "flag", "texts", "object", "null"]


@dataclass(frozen=True)
class Flavour:
    """Which parts of the language may be used, and where in a constraint we are."""

    exists: bool = True
    parenthesised: bool = False
    depth: int = 3
    quantifiers: int = 0
    item: str | None = None


def constraint(choose: Choices, flavour: Flavour) -> str:
    """`constraint := or`, in which most are short."""
    depth = choose.pick([0, 0, 0, 1, 1, 2, 3])
    text = either(choose, replace(flavour, depth=min(depth, flavour.depth)))
    return f" {text}  " if choose.chance(2) else text


def either(choose: Choices, flavour: Flavour) -> str:
    """`or := and ("or" and)*`"""
    sides = 1 if flavour.depth == 0 else choose.pick([1, 1, 2, 3])
    return f"{gap(choose)}or{gap(choose)}".join(wrapped(both(choose, flavour), flavour) for _ in range(sides))


def both(choose: Choices, flavour: Flavour) -> str:
    """`and := not ("and" not)*`"""
    sides = 1 if flavour.depth == 0 else choose.pick([1, 1, 2, 3])
    return f"{gap(choose)}and{gap(choose)}".join(wrapped(negated(choose, flavour), flavour) for _ in range(sides))


def negated(choose: Choices, flavour: Flavour) -> str:
    """`not := "not" not | primary`"""
    if choose.chance(25):
        return f"not{gap(choose)}{wrapped(negated(choose, flavour), flavour)}"
    return primary(choose, flavour)


def wrapped(text: str, flavour: Flavour) -> str:
    """The part as it is, or with the parentheses that the order of the grammar makes needless. It takes no choice."""
    return f"({text})" if flavour.parenthesised else text


def primary(choose: Choices, flavour: Flavour) -> str:
    """`primary := "(" or ")" | quantifier | predicate | comparison`"""
    below = replace(flavour, depth=max(flavour.depth - 1, 0))
    if flavour.depth > 0 and choose.chance(35):
        return f"({either(choose, below)})"
    if flavour.quantifiers < DEEPEST_QUANTIFIERS and choose.chance(15):
        return quantifier(choose, below)
    return choose.pick(LEAVES)(choose, flavour)


def quantifier(choose: Choices, flavour: Flavour) -> str:
    """`quantifier := ("every"|"any") "(" path "," or ")"`"""
    kind = choose.pick(list(ELEMENTS))
    text = path(choose, flavour, kind)
    inner = replace(flavour, quantifiers=flavour.quantifiers + 1, item=ELEMENTS[kind], depth=min(flavour.depth, 1))
    return f"{choose.pick(['every', 'any'])}({text},{gap(choose)}{either(choose, inner)})"


def gap(choose: Choices) -> str:
    """The white space that must stand between two words."""
    return choose.pick(["  ", "\t", "\n", "\r\n "]) if choose.chance(3) else " "


def path(choose: Choices, flavour: Flavour, kind: str) -> str:
    """A path on which something of that kind is often found."""
    if flavour.item is not None and choose.chance(60):
        return item_path(choose, flavour.item, kind)
    fields = {"args": words.KINDS, "ctx": words.CTX_KINDS}
    simple = [step(choose, root, name) for root, held in fields.items() for name in held if held[name] == kind]
    return choose.pick(simple + DEEPER.get(kind, []) or ["args.nothing"])


def step(choose: Choices, root: str, name: str) -> str:
    """`step := "." NAME | "[" STRING "]"`"""
    if not (name.isascii() and name.isidentifier()) or choose.chance(10):
        return f"{root}[{quoted(choose, name)}]"
    return f"{root}.{name}"


def item_path(choose: Choices, item: str, kind: str) -> str:
    """A path from the element of the innermost quantifier."""
    if item != "object" or choose.chance(5):
        return choose.pick([".", ".", ".", ".[0]"]) if item in ("numbers", "texts") else "."
    name = choose.pick([name for name, held in BELOW.items() if held == kind] or ["n"])
    return f'.["{name}"]' if choose.chance(15) else f".{name}"


def text_operand(choose: Choices, flavour: Flavour, kind: str = "text") -> str:
    """An operand where a text is wanted, and where a constant of another type is a mistake."""
    found = operand(choose, flavour, kind)
    return "consts.word" if found in ("consts.limit", "consts.flag") else found


def operand(choose: Choices, flavour: Flavour, kind: str) -> str:
    """`operand := literal | path | "count" "(" path ")" | "lower" "(" operand ")" | "consts" "." NAME`"""
    if choose.chance(6):
        kind = choose.pick(WRONG)
    if kind == "number" and choose.chance(20):
        return (
            f"count({path(choose, flavour, choose.pick(['objects', 'texts', 'text', 'object', 'numbers', 'number']))})"
        )
    if kind == "text" and choose.chance(15):
        return f"lower({text_operand(choose, flavour)})"
    if kind in ("number", "text", "flag") and choose.chance(10):
        return {"number": "consts.limit", "text": "consts.word", "flag": "consts.flag"}[kind]
    if kind == "null" or choose.chance(20):
        return literal(choose, kind)
    return path(choose, flavour, kind)


def literal(choose: Choices, kind: str) -> str:
    """`literal := number | STRING | true | false | null | list of literals`"""
    if kind == "number":
        return choose.pick(words.NUMBER_SPELLINGS)
    if kind == "flag":
        return choose.pick(["true", "false"])
    if kind == "null":
        return "null"
    if kind in ("texts", "numbers", "objects", "rows", "object"):
        return literals(choose, "text" if kind == "texts" else "number")
    return quoted(choose, choose.pick(words.TEXTS))


def literals(choose: Choices, kind: str) -> str:
    """A list of literals, now and then of lists."""
    kinds = [
        kind if choose.chance(85) else choose.pick(["flag", "null", "number", "text", "numbers"])
        for _ in range(choose.number(0, 4))
    ]
    return f"[{', '.join(literal(choose, one) for one in kinds)}]"


def quoted(choose: Choices, text: str) -> str:
    """`STRING := "…" with JSON escapes, or '…' (same escapes)`"""
    written = json.dumps(text, ensure_ascii=choose.chance(40))
    if choose.chance(75):
        return written
    inner = written[1:-1].replace('\\"', '"').replace("'", "\\u0027")
    return f"'{inner}'"


def equality(choose: Choices, flavour: Flavour) -> str:
    kind = choose.pick(["number", "text", "flag", "texts", "numbers", "object", "null"])
    right = literal(choose, kind) if choose.chance(60) else operand(choose, flavour, kind)
    return f"{operand(choose, flavour, kind)} {choose.pick(['==', '!='])} {right}"


def order(choose: Choices, flavour: Flavour) -> str:
    kind = choose.pick(["number", "number", "number", "text"])
    right = literal(choose, kind) if choose.chance(70) else operand(choose, flavour, kind)
    return f"{operand(choose, flavour, kind)}{choose.pick([' <= ', ' < ', ' > ', ' >= ', '<=', '>'])}{right}"


def membership(choose: Choices, flavour: Flavour) -> str:
    kind = choose.pick(["text", "number", "flag", "null", "numbers"])
    listed, constant = ("numbers", "consts.numbers") if kind == "number" else ("texts", "consts.words")
    among = choose.pick([literals(choose, kind), literals(choose, kind), constant, path(choose, flavour, listed)])
    return f"{operand(choose, flavour, kind)} {choose.pick(['in', 'in', 'not in'])} {among}"


def text_test(choose: Choices, flavour: Flavour) -> str:
    name = choose.pick(["startswith", "endswith", "contains"])
    part = (
        quoted(choose, choose.pick(words.TEXTS)[: choose.number(0, 3)])
        if choose.chance(75)
        else text_operand(choose, flavour)
    )
    return f"{name}({text_operand(choose, flavour)}, {part})"


def matches(choose: Choices, flavour: Flavour) -> str:
    return f"matches({text_operand(choose, flavour)}, {quoted(choose, choose.pick(words.PATTERNS))})"


def within(choose: Choices, flavour: Flavour) -> str:
    directories = [quoted(choose, choose.pick(words.DIRECTORIES)) for _ in range(choose.pick([1, 1, 2]))]
    return f"within({text_operand(choose, flavour, 'path')}, {', '.join(directories)})"


def url_host_in(choose: Choices, flavour: Flavour) -> str:
    hosts = [quoted(choose, choose.pick(words.HOST_ENTRIES)) for _ in range(choose.number(1, 3))]
    among = choose.pick([f"[{', '.join(hosts)}]", "consts.hosts"])
    return f"url_host_in({text_operand(choose, flavour, 'url')}, {among})"


def exists(choose: Choices, flavour: Flavour) -> str:
    if not flavour.exists:
        return order(choose, flavour)
    return f"exists({path(choose, flavour, choose.pick(['number', 'text', 'flag', 'object', 'url']))})"


LEAVES = [order, equality, order, membership, text_test, matches, within, url_host_in, exists]
