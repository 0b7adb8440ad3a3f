"""A number or a text that something is compared with in, the values around it out, those that decide first."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

from hexgate.core.bundle.calls.question import ABSENT

__all__ = ["around", "around_number", "around_text", "as_call_holds", "containers"]

# What no integer of a call is longer than.
MOST_DIGITS = 4299
# Beyond 53 and 64 bits, and beyond what a float can be.
HUGE = (2**53 + 1, 2**64 + 1, 10**400)
PLAIN: tuple[Any, ...] = (0, 1, "a", "", True, [], {}, None)


def as_call_holds(value: Any) -> Any:
    """An author's value as a call can hold it: a decimal that no float and no integer is becomes the nearest one."""
    if isinstance(value, Decimal):
        return around_number(value)[0]
    return [as_call_holds(item) for item in value] if isinstance(value, list) else value


def around(value: Any) -> list[Any]:
    """Values equal to this one, near to it, and of other types."""
    if isinstance(value, bool):
        return [value, not value, ABSENT, int(value), str(value).lower(), None, [value]]
    if isinstance(value, int | float | Decimal):
        return around_number(value)
    if isinstance(value, str):
        return around_text(value)
    if isinstance(value, list):
        return around_list(value)
    if isinstance(value, dict):
        return [value, {**value, "more": 1}, ABSENT, {}, [value], list(value.values()), None]
    # Null, or a fact that is not there yet: then anything plain will do.
    return [None, False, ABSENT, 0, "", "null", [], {}] if value is None else list(PLAIN)


def around_number(value: float | Decimal) -> list[Any]:
    """The number as calls can hold it, the numbers next to it, and what only looks like it."""
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    nearest = float(exact) if exact.adjusted() < 308 else math.copysign(1.7976931348623157e308, exact)
    whole = whole_near(exact)
    same: list[Any] = [whole] if whole == exact or exact.adjusted() >= 308 else [nearest]
    found = [*same, whole + 1, whole - 1, ABSENT, str(value)]
    found += [nearest, math.nextafter(nearest, math.inf), math.nextafter(nearest, -math.inf)]
    found += [whole + 0.5 if abs(whole) < 2**50 else whole, -whole, whole == 1, None, same]
    found += [*HUGE, -HUGE[-1], 0, -0.0]
    return [item for item in found if type(item) is not float or math.isfinite(item)]


def whole_near(exact: Decimal) -> int:
    """The whole number just below, as far as a call can hold it."""
    largest: int = 10 ** (MOST_DIGITS - 1)
    if exact.adjusted() > MOST_DIGITS - 2:
        return (-1 if exact < 0 else 1) * largest
    return 0 if exact.adjusted() < -400 else math.floor(exact)


def around_text(text: str) -> list[Any]:
    """The text, texts that differ from it by one character, and what only looks like it."""
    found: list[Any] = [text, f"{text}a", text[:-1], ABSENT, 5, text.swapcase(), f"{text}\n", f" {text}"]
    if text:
        found += [text[:-1] + beside(text[-1], -1), text[:-1] + beside(text[-1], 1), text[1:]]
    found += ["", None, [text], True, f"{text}\0", f"{text}\uffff", f"{text}\U00010000", f"{text}e\u0301", {text: text}]
    return found


def beside(char: str, distance: int) -> str:
    """The character next to this one that a text can hold; nothing where there is none."""
    code = ord(char) + distance
    return chr(code) if 0 <= code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else ""


def around_list(items: list[Any]) -> list[Any]:
    """The list, and lists that differ from it in one place."""
    items = as_call_holds(items)
    found: list[Any] = [items, [*items, 0], items[:-1], ABSENT, items[::-1], [items], None]
    if items:
        first = items[0]
        other = first + 1 if type(first) is int else int(first) if type(first) is bool else [first]
        found += [[other, *items[1:]], first]
    return found


def containers(value: Any) -> list[Any]:
    """Lists that hold a value, that nearly do, and what is no list but holds it."""
    value = as_call_holds(value)
    near = [item for item in around(value) if item is not ABSENT]
    held = [[value], ["other", value], [value, value]] if value is not ABSENT else []
    return [
        *held,
        [],
        near[1:4],
        ABSENT,
        {"value": value if held else 0},
        *([item] for item in near[1:6]),
        "other",
        None,
        5,
    ]
