"""A constraint without `not` and without constants asks the same leaves, each for true or for false."""

from __future__ import annotations

from decimal import Decimal

import pytest

from hexgate.core.expr import Value, parse
from hexgate.core.expr.normal import All, AnyOf, Condition, Each, Holds, normalise, opposite
from hexgate.core.expr.printer import show, show_operand

CONSTS: dict[str, Value] = {"limit": Decimal(7), "name": "Ada", "hosts": ("a.example", "b.example")}


def drawn(condition: Condition) -> str:
    """The condition on one line, every leaf with what is wanted of it."""
    match condition:
        case Holds(leaf, wanted):
            return f"{'yes' if wanted else 'no'}[{show(leaf)}]"
        case All(items):
            return f"all({', '.join(map(drawn, items))})"
        case AnyOf(items):
            return f"some({', '.join(map(drawn, items))})"
        case Each(kind, path, body):
            return f"{kind} {show_operand(path)}: {drawn(body)}"


@pytest.mark.parametrize(
    ("constraint", "wanted"),
    [
        ("args.x == 1", "yes[args.x == 1]"),
        ("not args.x == 1", "no[args.x == 1]"),
        ("not not args.x == 1", "yes[args.x == 1]"),
        ("args.x == 1 and args.y == 2", "all(yes[args.x == 1], yes[args.y == 2])"),
        ("not (args.x == 1 and args.y == 2)", "some(no[args.x == 1], no[args.y == 2])"),
        ("args.x == 1 or args.y == 2", "some(yes[args.x == 1], yes[args.y == 2])"),
        ("not (args.x == 1 or args.y == 2)", "all(no[args.x == 1], no[args.y == 2])"),
        ("every(args.l, . == 1)", "every args.l: yes[. == 1]"),
        ("any(args.l, . == 1)", "any args.l: yes[. == 1]"),
        ("not every(args.l, . == 1)", "any args.l: no[. == 1]"),
        ("not any(args.l, . == 1)", "every args.l: no[. == 1]"),
        ("not any(args.l, every(., not . == 1))", "every args.l: any .: yes[. == 1]"),
    ],
)
def test_a_no_goes_down_to_the_leaves(constraint: str, wanted: str) -> None:
    assert drawn(normalise(parse(constraint), {})) == wanted


@pytest.mark.parametrize(
    ("constraint", "wanted"),
    [
        ("args.x <= consts.limit", "yes[args.x <= 7]"),
        ("consts.limit > args.x", "yes[7 > args.x]"),
        ("args.x in consts.hosts", 'yes[args.x in ["a.example", "b.example"]]'),
        ("consts.name in args.l", 'yes["Ada" in args.l]'),
        ("startswith(args.x, consts.name)", 'yes[startswith(args.x, "Ada")]'),
        ("contains(consts.name, args.x)", 'yes[contains("Ada", args.x)]'),
        ("matches(consts.name, 'a')", 'yes[matches("Ada", "a")]'),
        ("within(consts.name, 'src')", 'yes[within("Ada", "src")]'),
        ("url_host_in(args.u, consts.hosts)", 'yes[url_host_in(args.u, ["a.example", "b.example"])]'),
        ("url_host_in(consts.name, ['a.example'])", 'yes[url_host_in("Ada", ["a.example"])]'),
        ("lower(consts.name) == args.x", 'yes[lower("Ada") == args.x]'),
        ("args.y == 1 and args.x == consts.limit", "all(yes[args.y == 1], yes[args.x == 7])"),
        ("args.y == 1 or not args.x == lower(consts.name)", 'some(yes[args.y == 1], no[args.x == lower("Ada")])'),
        (
            "every(args.l, . < consts.limit and . != lower(consts.name))",
            'every args.l: all(yes[. < 7], yes[. != lower("Ada")])',
        ),
        ("not any(args.l, any(., . == consts.limit))", "every args.l: every .: no[. == 7]"),
    ],
)
def test_a_constant_gives_way_to_its_value_wherever_it_stands(constraint: str, wanted: str) -> None:
    assert drawn(normalise(parse(constraint), CONSTS)) == wanted


@pytest.mark.parametrize(
    "constraint",
    ["args.x == 1", "args.x == 1 and (args.y == 2 or not exists(args.z))", "every(args.l, any(., . == 1) or . == 2)"],
)
def test_the_opposite_is_what_a_no_in_front_makes_and_its_opposite_is_the_condition(constraint: str) -> None:
    condition = normalise(parse(constraint), {})
    assert opposite(condition) == normalise(parse(f"not ({constraint})"), {})
    assert opposite(condition) == normalise(parse(constraint), {}, wanted=False)
    assert opposite(opposite(condition)) == condition != opposite(condition)
