"""An author's value in, the structure that the runtime compares with out; and operands, which read such values or a call's."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from hexgate.core.expr import syntax
from hexgate.core.wasm.blob import NOWHERE, Blob, packing
from hexgate.core.wasm.layout import LARGEST_INDEX, ROOTS, Kind, OperandKind

__all__ = ["constant", "operand", "sorted_constants"]

WORD = 0xFFFFFFFF
VALUE = packing(8)
VALUE_SIZE = 32
NEGATIVE, POSITIVE = 0xFF00, 0x0100
PLAIN = {None: Kind.NULL, False: Kind.FALSE, True: Kind.TRUE}
# Beyond it Python may have been told to write no integer; by way of Decimal it always can.
WRITTEN_BY_PYTHON = 10**15


def constant(blob: Blob, value: syntax.Value) -> int:
    """The address of a value."""
    if value is None or isinstance(value, bool):
        return blob.words(PLAIN[value], 0, 0, 0, 0, 0, 0, 0)
    if isinstance(value, str):
        start, length = blob.text(value)
        return blob.words(Kind.STRING, 0, 0, 0, start, length, 0, 0)
    if isinstance(value, tuple):
        items = [constant(blob, item) for item in value]
        return blob.words(Kind.LIST, 0, 0, 0, blob.words(*items), len(items), 0, 0)
    address = blob.known.get((Kind.NUMBER, value))
    if address is None:
        address = blob.known[Kind.NUMBER, value] = number(blob, value)
    return address


def number(blob: Blob, value: int | Decimal) -> int:
    """The address of a number: its sign, the exponent of its first digit, and behind it its digits, no zero at either end."""
    if type(value) is int and -WRITTEN_BY_PYTHON < value < WRITTEN_BY_PYTHON:
        digits = str(abs(value))
        exponent = len(digits) - 1
    else:
        value = Decimal(value)
        digits = "".join(map(str, value.as_tuple().digits))
        exponent = value.adjusted()
    text = digits.rstrip("0").encode()
    sign = NEGATIVE if value < 0 else POSITIVE if value else 0
    return blob.append(VALUE(Kind.NUMBER | sign, 0, 0, 0, blob.end + VALUE_SIZE, len(text), exponent & WORD, 0) + text)


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
    # The two of which nearly every constraint is made come first.
    if isinstance(read, syntax.Path):
        address = blob.known.get((read.root, read.steps))
        if address is None:
            address = blob.known[read.root, read.steps] = path(blob, read)
        return address
    if isinstance(read, syntax.Literal):
        return constant(blob, read.value)
    if isinstance(read, syntax.Count):
        return blob.words(OperandKind.COUNT_OF, operand(blob, read.path), 0, 0)
    if isinstance(read, syntax.Lower):
        blob.lowers = True
        return blob.words(OperandKind.LOWER_OF, operand(blob, read.operand), 0, 0)
    raise KeyError(f"the constant {read.name} was not put in")


def path(blob: Blob, read: syntax.Path) -> int:
    """The address of a fact. Of a user and of a session there is the id and nothing else, so no step is left to go."""
    steps = () if read.root in ("user", "session") else read.steps
    words = [word for each in steps for word in step(blob, each)]
    return blob.words(OperandKind.PATH, ROOTS[read.root], blob.words(*words), len(steps))


def step(blob: Blob, each: str | int) -> tuple[int, int]:
    """The two words of a step."""
    if isinstance(each, str):
        return blob.text_at(each), 0
    return NOWHERE, min(each, LARGEST_INDEX)
