"""Numbers in a module are the decimals that they were written as, whatever their form: their order is that of `Decimal`."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from typing import Any

import pytest

ORDERS = [
    "args.a < args.b",
    "args.a <= args.b",
    "args.a == args.b",
    "args.a != args.b",
    "args.a >= args.b",
    "args.a > args.b",
]
NUMBERS = """
0 -0 0.0 0e5 -0.000e-7 1 1.0 1e0 10e-1 0.1e1 0.01E+2 -1 -1.0 2 9 10 1e1 99 100 1E2 0.1 0.10 1e-1 0.3 0.30000000000000004
9007199254740992 9007199254740993 9007199254740992.0 9223372036854775807 9223372036854775808 18446744073709551617
1e23 100000000000000000000000 100000000000000000000001 99999999999999991611392 1e400 1e-400 -1e400 -1e-400 1e100000000
1e-100000000 123456789012345678901234567890.123456789 123456789012345678901234567890.1234567890 5e-324 0.000001 1e-6
1.7976931348623157e308 -0.5 -5e-1 -50e-2 1000000000000000000000000000000e-30 0.5000000000000000000000000000000000001
"""
WRITTEN = NUMBERS.split()


def judged(host: Any, left: str, right: str) -> set[str]:
    """The orders that hold between two numbers."""
    content = f'{{"tool":"t","role":"default","args":{{"a":{left},"b":{right}}}}}'
    failed = json.loads(host.raw(content.encode()))[0]["result"]["violations"]
    return {order for order in ORDERS if order not in failed}


def wanted(left: Decimal, right: Decimal) -> set[str]:
    """The orders that hold between two decimals."""
    truths = [left < right, left <= right, left == right, left != right, left >= right, left > right]
    return {order for order, truth in zip(ORDERS, truths, strict=True) if truth}


def test_every_pair_of_awkward_numbers_is_ordered_as_by_decimal(one_rule: Any) -> None:
    host = one_rule(*ORDERS)
    for left in WRITTEN:
        for right in WRITTEN:
            assert judged(host, left, right) == wanted(Decimal(left), Decimal(right)), (left, right)


def written(choose: random.Random) -> str:
    """A number in one of its many forms."""
    digits = "".join(choose.choice("0019") for _ in range(choose.choice([1, 1, 2, 3, 20, 40]))).lstrip("0") or "0"
    fraction = (
        "." + "".join(choose.choice("0019") for _ in range(choose.choice([1, 2, 25]))) if choose.random() < 0.5 else ""
    )
    exponent = (
        f"{choose.choice('eE')}{choose.choice(['', '+', '-'])}{choose.choice(['0', '1', '01', '3', '21', '400'])}"
    )
    return choose.choice(["", "", "-"]) + digits + fraction + (exponent if choose.random() < 0.5 else "")


def test_generated_numbers_are_ordered_as_by_decimal(one_rule: Any) -> None:
    host, choose = one_rule(*ORDERS), random.Random("numbers")
    for _ in range(2_000):
        left, right = written(choose), written(choose)
        assert judged(host, left, right) == wanted(Decimal(left), Decimal(right)), (left, right)


@pytest.mark.parametrize(
    "constant", ["0", "-0.0", "500", "0.5", "1e23", "100000000000000000000001", "1e400", "-1e-400", "7" * 60]
)
def test_an_author_s_number_is_the_decimal_that_was_written(one_rule: Any, constant: str) -> None:
    host = one_rule(*(order.replace("args.b", constant) for order in ORDERS), f"args.a in [{constant}, 3, 'x']")
    for number in (*WRITTEN, constant):
        content = f'{{"tool":"t","role":"default","args":{{"a":{number}}}}}'
        failed = json.loads(host.raw(content.encode()))[0]["result"]["violations"]
        held = {order for order in ORDERS if order.replace("args.b", constant) not in failed}
        assert held == wanted(Decimal(number), Decimal(constant)), number
        assert (f"args.a in [{constant}, 3, 'x']" in failed) is (Decimal(number) not in (Decimal(constant), 3))


@pytest.mark.parametrize("count", [0, 1, 9, 10, 99, 100, 12345])
def test_a_count_is_a_number(one_rule: Any, count: int) -> None:
    host = one_rule(f"count(args.a) == {count}", "count(args.a) >= count(ctx.b)", "count(args.a) <= count(ctx.b)")
    for value in ("é" * count, [0] * count, {str(number): 0 for number in range(count)}):
        question = {"tool": "t", "role": "default", "args": {"a": value}, "ctx": {"b": [1] * count}}
        assert host.ask(question)["violations"] == []
