"""Around a value stand the values on which engines that are nearly right would part."""

import json
from decimal import Decimal
from typing import Any

import pytest

from hexgate.core.bundle.calls.numbers import around, as_call_holds, containers
from hexgate.core.bundle.calls.places import around_directories, around_globs, around_hosts, glob_samples
from hexgate.core.bundle.calls.question import ABSENT
from hexgate.core.bundle.calls.series import through
from hexgate.core.call import ToolCall
from hexgate.core.expr import syntax
from hexgate.core.expr.clean import glob_regex, normal_path
from hexgate.core.expr.patterns import compile_pattern


def test_a_number_is_tried_itself_one_above_and_one_below() -> None:
    assert around(500)[:5] == [500, 501, 499, ABSENT, "500"]
    assert around(Decimal("0.1"))[:3] == [0.1, 1, -1]
    assert {0.1 + 1.4e-17, 0.09999999999999999} & set(map(repr, around(0.1))) or 0.09999999999999999 in around(0.1)


@pytest.mark.parametrize(
    "value",
    [
        0,
        -1,
        2**53,
        2**64,
        10**30,
        0.5,
        Decimal("1e400"),
        Decimal("-1e999999"),
        Decimal("1e-400"),
        Decimal("0.30000000000000000001"),
        1.7976931348623157e308,
        "",
        "prod",
        "\ue000",
        "\ud7ff",
        "\U0010ffff",
        "\0",
        True,
        None,
        [],
        [1, 2],
        [True],
        ["a"],
        [Decimal("1e999999")],
        {"a": 1},
        ABSENT,
    ],
)
def test_whatever_is_tried_can_be_asked(value: Any) -> None:
    tried = [*around(value), *containers(value)]
    assert len(tried) > 10
    for item in tried:
        assert item is ABSENT or ToolCall("t", {"x": item}).refusal is None


def test_a_decimal_that_no_call_can_hold_becomes_the_nearest_that_one_can() -> None:
    assert as_call_holds(Decimal("1e400")) == 10**400
    assert as_call_holds([Decimal("0.30000000000000000001"), "a"]) == [0.3, "a"]
    assert as_call_holds(Decimal("-1e999999")) == -(10**4298)


@pytest.mark.parametrize(
    ("now", "value", "first"),
    [
        ([7, 8, 9], 2, [7, 8]),
        ([7], 3, [7, 7, 7]),
        ([], 2, [0, 0]),
        ("abc", 2, "ab"),
        ("a", 2, "a\U0001f600"),
        ({"a": 1, "b": 2}, 1, {"a": 1}),
        ({"a": 1}, 2, {"a": 1, "key 0": 0}),
        (None, 2, [0, 0]),
    ],
)
def test_for_a_count_what_is_there_is_cut_or_filled(now: Any, value: int, first: Any) -> None:
    found = through(syntax.Count(syntax.Path("args", ("x",))), value, now)
    assert found[0] == first
    assert all(len(item) == value for item in found)


@pytest.mark.parametrize(
    ("value", "found"), [(-1, [-1]), (10**9, [10**9]), ("5", []), (ABSENT, [ABSENT]), (0.5, [0.5])]
)
def test_what_is_no_count_is_tried_as_the_fact_itself(value: Any, found: list[Any]) -> None:
    assert through(syntax.Count(syntax.Path("args", ("x",))), value, None) == found


def test_capitals_of_a_text_are_tried_and_those_that_tables_disagree_about() -> None:
    found = through(syntax.Lower(syntax.Path("args", ("x",))), "kiss", None)
    assert {"kiss", "KISS", "\u212aiss", "k\u0130ss", "ki\u1e9e"} <= set(found)
    assert through(syntax.Lower(syntax.Path("args", ("x",))), 5, None) == [5]


def test_paths_in_and_beside_a_directory_are_tried_and_unclean_ones() -> None:
    found = around_directories(("work", "/"))
    assert {"work/a", "worka/b", "work/../b", "work", "./work/a", "/work/a", "..", "/a"} <= {
        item for item in found if isinstance(item, str)
    }


@pytest.mark.parametrize("pattern", ["src/*.py", "docs/**", "**/.env", "a?c", "**", "./x/*", "a/**/b/**/*/?"])
def test_a_file_pattern_takes_its_first_sample(pattern: str) -> None:
    path = normal_path(glob_samples(pattern)[0], absolute=False)
    assert path is not None
    assert compile_pattern(glob_regex(pattern)).search(path.encode()) is not None


def test_a_denied_name_is_tried_in_each_allowed_place() -> None:
    assert "docs/a/.env" in around_globs(("src/*", "docs/**"), ("**/.env",))
    assert "a" in around_globs(None, ())


def test_urls_at_a_host_and_near_it_are_tried() -> None:
    found = json.dumps([item for item in around_hosts(("example.com", "*.test")) if item is not ABSENT])
    for url in (
        "https://example.com/a",
        "https://sub.test/a",
        "https://user@example.com/",
        "HTTPS://EXAMPLE.COM:443/?a#b",
    ):
        assert json.dumps(url) in found
