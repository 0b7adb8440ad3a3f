"""What is equal, what comes first, and what a fault looks like where values are read."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from hexgate.core.engine.values import compared, equal, operand_getter
from hexgate.core.expr.syntax import Const


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (1, True, False),
        ([1, [0]], [True, [False]], False),
        ({"a": [1.0]}, {"a": [1]}, True),
        ({"a": 1}, {"a": 1, "b": None}, False),
        (10**23, 1e23, True),
        (2**53 + 1, float(2**53), False),
        (0.1, Decimal("0.1"), True),
        (0, -0.0, True),
        (None, False, False),
        ("1", 1, False),
        ([], {}, False),
    ],
)
def test_values_are_equal_as_json_and_decimals_say(left: Any, right: Any, same: bool) -> None:
    assert equal(left, right) is same
    assert equal(right, left) is same


def test_numbers_compare_as_the_decimals_that_they_are_written_as() -> None:
    assert [compared(10**23, 1e23), compared(10**23 - 1, 1e23), compared(1e23, 10**23 - 1)] == [0, -1, 1]


def test_a_constant_that_nobody_put_in_is_a_fault_and_no_value() -> None:
    with pytest.raises(KeyError, match="max_refund"):
        operand_getter(Const("max_refund"))
