"""An author's value in, the structure that the runtime compares with out; and operands, which read such values or a call's."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, assert_never

from hexgate.core.expr import syntax
from hexgate.core.wasm.blob import NOWHERE, Blob
from hexgate.core.wasm.layout import LARGEST_INDEX, ROOTS, Kind, OperandKind

__all__ = ["constant", "operand", "sorted_constants"]

WORD = 0xFFFFFFFF
PLAIN = {None: Kind.NULL, False: Kind.FALSE, True: Kind.TRUE}


def constant(blob: Blob, value: syntax.Value) -> int:
    """The address of a value."""
    match value:
        case None | bool():
            return blob.words(PLAIN[value], *[0] * 7)
        case str():
            return blob.words(Kind.STRING, 0, 0, 0, *blob.text(value), 0, 0)
        case int() | Decimal():
            return number(blob, Decimal(value))
        case _:
            items = [constant(blob, item) for item in value]
            return blob.words(Kind.LIST, 0, 0, 0, blob.words(*items), len(items), 0, 0)


def number(blob: Blob, value: Decimal) -> int:
    """The address of a number: its digits without zeros at either end, its sign, the exponent of the first digit."""
    sign, digits, _ = value.as_tuple()
    text = "".join(map(str, digits)).strip("0")
    word = Kind.NUMBER | ((0 if not text else -1 if sign else 1) & 0xFF) << 8
    exponent = value.adjusted() if text else 0
    return blob.words(word, 0, 0, 0, *blob.text(text), exponent & WORD, 0)


def sorted_constants(blob: Blob, values: Iterable[syntax.Value]) -> tuple[int, int]:
    """Where the addresses of values stand that are sorted as the runtime orders them, each once, and how many there are."""
    found = {order(value): value for value in values}
    addresses = [constant(blob, found[key]) for key in sorted(found)]
    return blob.words(*addresses), len(addresses)


def order(value: syntax.Value) -> tuple[Any, ...]:
    """What sorts values as `value_compare` does: by kind, then numbers and texts by their own order, lists by length first."""
    match value:
        case None | bool():
            return (PLAIN[value],)
        case str():
            return (Kind.STRING, value.encode())
        case int() | Decimal():
            return (Kind.NUMBER, value)
        case _:
            return (Kind.LIST, len(value), tuple(map(order, value)))


def operand(blob: Blob, read: syntax.Operand) -> int:
    """The address of what stands on one side of a leaf."""
    match read:
        case syntax.Literal(value):
            return blob.words(OperandKind.CONSTANT, constant(blob, value), 0, 0)
        case syntax.Path():
            steps = own_steps(read)
            words = [word for each in steps for word in step(blob, each)]
            return blob.words(OperandKind.PATH, ROOTS[read.root], blob.words(*words), len(steps))
        case syntax.Count(path):
            return blob.words(OperandKind.COUNT_OF, operand(blob, path), 0, 0)
        case syntax.Lower(inner):
            return blob.words(OperandKind.LOWER_OF, operand(blob, inner), 0, 0)
        case syntax.Const():
            raise KeyError(f"the constant {read.name} was not put in")
    assert_never(read)


def own_steps(path: syntax.Path) -> tuple[str | int, ...]:
    """The steps that are left to go: of a user and of a session there is the id and nothing else."""
    return () if path.root in ("user", "session") else path.steps


def step(blob: Blob, each: str | int) -> tuple[int, int]:
    """The two words of a step."""
    if isinstance(each, str):
        return blob.text_at(each), 0
    return NOWHERE, min(each, LARGEST_INDEX)
