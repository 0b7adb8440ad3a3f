"""A tree in, its canonical text out: the fewest parentheses, one way to write each text, number and path.

Reading the text gives the tree back when every `And` and `Or` in it is flat, as the parser's are; a nested one is written as the
flat one that it means. The text may be longer than what was read, even too long to be read again: who rewrites a constraint
keeps the author's text then.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from hexgate.core.expr import syntax
from hexgate.core.expr.lexer import is_name
from hexgate.core.expr.syntax import Expression, Operand, Value

__all__ = ["show", "show_operand", "show_value"]

# What JSON wants to see escaped, and what would hide itself or turn the text around it on a screen.
HIDDEN = re.compile(
    r'["\\\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]'
)
ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
# More zeros than this are an exponent.
MOST_ZEROS = 20


def show(expression: Expression) -> str:
    """The canonical text of a constraint."""
    return EXPRESSIONS[type(expression)](expression)


def show_operand(operand: Operand) -> str:
    """The canonical text of one value in a constraint."""
    match operand:
        case syntax.Literal(value):
            return show_value(value)
        case syntax.Const(name):
            return f"consts.{name}"
        case syntax.Count(path):
            return f"count({show_operand(path)})"
        case syntax.Lower(inner):
            return f"lower({show_operand(inner)})"
    return show_path(operand.root, operand.steps)


def show_path(root: syntax.Root, steps: tuple[str | int, ...]) -> str:
    """A root and its steps; a dot is the element, and stands before its first step as it is."""
    text = "".join(show_step(step) for step in steps)
    if root != "item":
        return root + text
    return text if text.startswith(".") else f".{text}"


def show_step(step: str | int) -> str:
    """`.name`, or brackets around what is no name."""
    if isinstance(step, str):
        return f".{step}" if is_name(step) else f"[{show_value(step)}]"
    # An index has no exponent, and any number of digits.
    return f"[{Decimal(step):f}]"


def show_value(value: Value) -> str:
    """A literal."""
    if isinstance(value, str):
        return f'"{HIDDEN.sub(escaped, value)}"'
    if isinstance(value, tuple):
        return f"[{', '.join(show_value(item) for item in value)}]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return show_number(value)


def escaped(match: re.Match[str]) -> str:
    """The escape of one character."""
    return ESCAPES.get(match[0]) or f"\\u{ord(match[0]):04x}"


def show_number(value: int | Decimal) -> str:
    """All digits of a number, and an exponent where there would be many zeros."""
    # Decimal reads and writes an int without asking the interpreter how many digits may be converted.
    sign, digits, written = Decimal(value).as_tuple()
    text = "".join(map(str, digits)).lstrip("0")
    kept = text.rstrip("0")
    if not kept:
        return "0"
    exponent = int(written) + len(text) - len(kept)
    minus = "-" if sign else ""
    if 0 <= exponent <= MOST_ZEROS:
        return minus + kept + "0" * exponent
    if exponent > 0 or len(kept) + exponent < -MOST_ZEROS:
        return f"{minus}{kept}e{exponent}"
    padded = kept.rjust(1 - exponent, "0")
    return f"{minus}{padded[:exponent]}.{padded[exponent:]}"


def show_not(node: syntax.Not) -> str:
    """`not in` in the middle, every other `not` in front."""
    inner = node.operand
    if isinstance(inner, syntax.Membership):
        return f"{show_operand(inner.operand)} not in {show_operand(inner.members)}"
    return f"not ({show(inner)})" if isinstance(inner, (syntax.And, syntax.Or)) else f"not {show(inner)}"


def show_and(node: syntax.And) -> str:
    """`or` binds less than `and`, so it needs parentheses inside."""
    return " and ".join(f"({show(item)})" if isinstance(item, syntax.Or) else show(item) for item in node.items)


def call(name: str, *arguments: str) -> str:
    """A function with its arguments."""
    return f"{name}({', '.join(arguments)})"


# A node's type says what it holds, which the type of the table cannot.
EXPRESSIONS: Mapping[type, Callable[[Any], str]] = {
    syntax.Comparison: lambda node: f"{show_operand(node.left)} {node.operator} {show_operand(node.right)}",
    syntax.Membership: lambda node: f"{show_operand(node.operand)} in {show_operand(node.members)}",
    syntax.TextTest: lambda node: call(node.test, show_operand(node.text), show_operand(node.part)),
    syntax.Matches: lambda node: call("matches", show_operand(node.text), show_value(node.pattern)),
    syntax.Within: lambda node: call("within", show_operand(node.path), *map(show_value, node.directories)),
    syntax.UrlHostIn: lambda node: call("url_host_in", show_operand(node.url), show_operand(node.hosts)),
    syntax.Exists: lambda node: call("exists", show_operand(node.path)),
    # No constraint can write it; people see it in what `explain` tells.
    syntax.InScope: lambda node: call("file_scope", show_operand(node.path)),
    syntax.Quantified: lambda node: call(node.kind, show_operand(node.path), show(node.body)),
    syntax.Not: show_not,
    syntax.And: show_and,
    syntax.Or: lambda node: " or ".join(show(item) for item in node.items),
}
