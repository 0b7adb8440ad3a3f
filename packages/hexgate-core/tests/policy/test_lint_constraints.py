"""What the linter says about constraints, and where it stays quiet because it cannot be sure."""

from __future__ import annotations

import pytest

from hexgate.core.policy import Policy
from hexgate.core.policy.lint import Finding, lint


def linted(
    *constraints: str, tool: str = "t", mode: str = "allow", consts: dict[str, object] | None = None
) -> list[Finding]:
    """The findings about one rule with these constraints."""
    rule = {"mode": mode, "constraints": list(constraints)}
    read = {name: value for name, value in (consts or {}).items() if any(name in text for text in constraints)}
    return lint(Policy.model_validate({"consts": read, "tools": {tool: rule}}))


def codes(*constraints: str, **more: object) -> list[str]:
    return [finding.code for finding in linted(*constraints, **more)]  # type: ignore[arg-type]


CONSTS = {"limit": 500, "none": [], "words": ["a", "b"], "name": "a"}

NEVER = [
    "args.a < 1 and args.a > 5",
    "args.a < 5 and args.a >= 5",
    "not (args.a < 5 or args.a >= 5)",
    "args.a == 1 and args.a == 2",
    'args.a == 1 and args.a == "1"',
    "args.a == true and args.a == 1",
    "args.a == 1 and args.a != 1",
    "args.a in [1, 2] and args.a > 2",
    "args.a in [1, 2] and args.a not in [2, 1]",
    "args.a >= 5 and args.a <= 5 and args.a != 5",
    'args.a < 1 and args.a < "a"',
    'args.a < "b" and args.a > "c"',
    'args.a < ""',
    "args.a < true",
    "null <= args.a",
    "args.a < [1]",
    "args.a in []",
    "args.a in consts.none",
    "args.a > consts.limit and args.a < 100",
    "1 > 2",
    '1 == "1"',
    '"a" in ["b", ["a"]]',
    "[1, true] == [1, 1]",
    '1 < "a"',
    'startswith("abc", "b")',
    "startswith(1, args.a)",
    'endswith("abc", "b")',
    'contains("abc", "d")',
    'matches("abc", "^b")',
    'matches(1, "^b")',
    'within("a/../b", "a")',
    'url_host_in("ftp://example.com", ["example.com"])',
    'count(args.a) == "a"',
    "count(args.a) < 0",
    "count(args.a) > 3 and count(args.a) < 4",
    "count(args.a) >= 3.2 and count(args.a) < 4",
    "count(args.a) == 3 and args.a == 5",
    "count(args.a) == 3 and args.a == [1, 2]",
    "count(args.a) == 1.5 and count(args.a) < 1",
    'lower(args.a) == "PROD"',
    'lower(args.a) in ["PROD", "Test"]',
    'startswith(lower(args.a), "P")',
    "lower(args.a) == 5",
    'lower("ABC") == "ABC"',
    "lower(1) == args.a",
    "lower(count(args.a)) == args.b",
    "user.id == 5",
    "session.id in [1, 2]",
    "tool == 'other'",
    "tool in ['other']",
    "role == 'other'",
    "args.a in role",
    "1 in tool",
    "every(tool, . == 1)",
    "args.a != args.a",
    "args.a < args.a",
    "not (args.a <= args.a)",
    "any(args.a, . > 1 and . < 1)",
    "any(args.a, . == 1) and args.a == 5",
    "every(args.a, . == 1) and startswith(args.a, 'x')",
    "args.a in args.b and args.b == 5",
    "args.a < args.b and args.b == true",
    "args.a == count(args.b) and args.a == 'x'",
    'startswith(args.a, "x") and startswith(args.a, "yz")',
    'endswith(args.a, ".py") and endswith(args.a, ".js")',
    "not exists(args.a) and args.a == 1",
    "not exists(args.a) and args.a.b == 1",
    "not exists(args.a) and count(args.a) == 1",
    "not exists(tool)",
    "(args.a < 1 or args.a == 0) and args.a > 5",
    "args.a == 1 and (args.a == 2 or args.a == 3)",
    "not (args.a == 1 or args.a != 1)",
]


@pytest.mark.parametrize("constraint", NEVER)
def test_a_constraint_that_no_call_meets_is_found(constraint: str) -> None:
    found = linted(constraint, consts=CONSTS)
    assert ("HX401", "warning") in [(finding.code, finding.severity) for finding in found]


POSSIBLE = [
    "args.a < 5 and args.a > 1",
    "args.a <= 5 and args.a >= 5",
    "args.a <= 5 or args.a > 5",
    "args.a == 1 or args.a == 2",
    "args.a == 1 and args.b == 2",
    "args.a == 1 and args.a in [1, 2]",
    "args.a == 1 and args.a < 2 and not (args.a == 2)",
    "args.a != 1 and args.a != 2",
    "args.a == 5.0 and args.a == 5",
    'args.a > "a" and args.a < "b"',
    'args.a <= ""',
    "args.a in consts.words and args.a != consts.name",
    "args.a < args.b and args.b < args.a",
    "args.a <= args.a",
    "args.a == args.b and args.a != args.c",
    "count(args.a) == 0",
    "count(args.a) >= 2.5 and count(args.a) < 3.5",
    "count(args.a) > 1e30 and count(args.a) < 1e31",
    'lower(args.a) == "prod"',
    'lower(args.a) == "Ä"',
    'lower("Ä") == "Ä"',
    'startswith(lower(args.a), "p")',
    'args.a == "PROD" and lower(args.a) == "prod"',
    'startswith(args.a, "x") and startswith(args.a, "xy")',
    'startswith(args.a, "x") and endswith(args.a, "y") and contains(args.a, "z")',
    'startswith(args.a, args.b) and startswith(args.a, "y")',
    'args.a == "abc" and matches(args.a, "^a") and contains(args.a, "b")',
    'args.a == "src/x" and within(args.a, "src") and not within(args.a, "doc")',
    'args.a == "/x" and within(args.a, "/")',
    'args.a == "https://a.example.com/" and url_host_in(args.a, ["*.example.com"])',
    "role == 'default' and args.a == 1",
    "tool != 'other' and args.a == 1",
    "user.id == 'bob'",
    "args.a in args.b and count(args.b) < 3",
    "args.a in args.a",
    "every(args.a, . > 1 and . < 1)",
    "any(args.a, . > 1) and every(args.a, . < 2)",
    "exists(args.a.b) and args.a.c == 1",
    "args.a.b == 1 and args.a.c == 2",
    "args['a'] == 1 and args.a == 1",
    "args.a == null",
    "args.a[0] == 1 and args.a[1] == 2",
    'args.a == "x" and args.b < "x"',
    "not (args.a < 1 and args.a > 5)",
    " and ".join(f"(args.a{number} == 1 or args.b{number} == 1)" for number in range(20)),
    " or ".join(f"args.a{number} == 1" for number in range(200)),
]


@pytest.mark.parametrize("constraint", POSSIBLE)
def test_a_constraint_that_some_call_may_meet_is_left_alone(constraint: str) -> None:
    assert codes(constraint, consts=CONSTS) in ([], ["HX406"], ["HX405"])


def test_what_a_prefix_is_for_is_not_known() -> None:
    assert codes("tool == 'other'", tool="o*") == []
    assert codes("tool == 'other'", tool="other") == ["HX403"]
    assert codes("tool == 5", tool="o*") == ["HX401"]


def test_constraints_that_exclude_one_another_are_named_both() -> None:
    (found,) = linted("args.b == 1", "args.a < 1", "args.c == 1", "args.a > 5")
    assert (found.code, found.path) == ("HX402", "tools.t.constraints[3]")
    assert found.message == "`args.a < 1` and `args.a > 5` cannot both be true, so the rule `t` never allows"


def test_constraints_that_exclude_one_another_only_together_are_found() -> None:
    (found,) = linted("args.a in [1, 2]", "args.a != 1", "args.a != 2")
    assert (found.code, found.path) == ("HX402", "tools.t.constraints[2]")


@pytest.mark.parametrize(
    "pair", [("args.a < 5", "args.a > 1"), ("args.a < 1", "args.b > 5"), ("args.a == 1", "args.a == 1")]
)
def test_constraints_that_go_together_are_left_alone(pair: tuple[str, str]) -> None:
    assert codes(*pair) == []


def test_a_constraint_that_is_never_true_alone_is_told_of_once() -> None:
    assert codes("1 == 2", "args.a == 1", "args.a == 1") == ["HX401"]


ALWAYS = [
    "1 == 1",
    "1 < 2.5",
    "1 in [1, 2]",
    '"b" not in ["a"]',
    "exists(role)",
    "tool == 't'",
    "role != 'x'",
    "not (1 == 2)",
]
ALWAYS += ['startswith("abc", "a") or args.a == 1', 'within("a", "a") and 1 == 1', 'lower("A") == "a"']


@pytest.mark.parametrize("constraint", ALWAYS)
def test_a_constraint_that_every_call_meets_is_noted(constraint: str) -> None:
    assert [(finding.code, finding.severity) for finding in linted(constraint)] == [("HX403", "note")]


@pytest.mark.parametrize(
    "constraint", ["args.a == args.a", "exists(args.a)", "every(args.a, 1 == 1)", "exists(user.id)", "args.a in [1]"]
)
def test_a_constraint_that_something_missing_fails_is_left_alone(constraint: str) -> None:
    assert codes(constraint) == []


USELESS = [
    ("args.a == 1 or args.b == 2 or args.a == 1", "args.a == 1", 30),
    ("args.a == 1 or args.a in [1, 2]", "args.a == 1", 0),
    ("args.a > 5 or args.a > 3", "args.a > 5", 0),
    ("3 < args.a or 5 <= args.a", "5 <= args.a", 14),
    ("args.a <= 3 or args.a < 3", "args.a < 3", 15),
    ("args.a == 1 or args.a == 1 and args.b == 2", "args.a == 1 and args.b == 2", 15),
    ("args.a == 1 and args.b == 2 or args.b == 2", "args.a == 1 and args.b == 2", 0),
    ("args.a == 1 or args.a in []", "args.a in []", 15),
    ("count(args.a) > 3 or count(args.a) > 5", "count(args.a) > 5", 21),
    ("args.a == 'x' or exists(args.b) or exists(args.a)", "args.a == 'x'", 0),
    ("args.c == 1 and (args.a == 1 or args.a == 1)", "args.a == 1", 32),
    ("every(args.l, .x == 1 or .x == 1)", ".x == 1", 25),
    (
        "(args.a == 1 or args.a == 2) and args.b == 1 or args.a in [1, 2, 3]",
        "(args.a == 1 or args.a == 2) and args.b == 1",
        0,
    ),
    ("any(args.l, . == 1) or any(args.l, . == 1) and args.a == 1", "any(args.l, . == 1) and args.a == 1", 23),
    ("any(args.l, .a == 1 and .b == 2) or any(args.l, .a == 1 and .b == 2)", "any(args.l, .a == 1 and .b == 2)", 36),
    ("startswith(args.a, 'x') or startswith(args.a, \"x\")", 'startswith(args.a, "x")', 27),
]


@pytest.mark.parametrize(("constraint", "part", "column"), USELESS)
def test_a_side_of_an_or_that_decides_nothing_is_found_at_its_place(constraint: str, part: str, column: int) -> None:
    quoted = constraint.replace('"', '\\"')
    policy = Policy.from_text(f'tools:\n  t:\n    mode: allow\n    constraints:\n      - "{quoted}"\n')
    found = [finding for finding in lint(policy) if finding.code == "HX404"]
    assert [finding.message.startswith(f"`{part}` ") for finding in found] == [True]
    span = found[0].span
    assert span is not None
    assert span.column == (10 + column if quoted == constraint else 9)


USEFUL = [
    "args.a == 1 or args.b == 1",
    "args.a == 1 or args.a == true",
    "args.a in [1, 2] or args.a in [2, 3]",
    "args.a < 3 or args.a > 5",
    "args.a > 3 or args.a > 'x'",
    "args.a > 3 or args.b > 5",
    "args.a == 1 and args.b == 2 or args.a == 1 and args.c == 2",
    "args.a != 1 or args.a > 1",
    "not (args.a == 1 or args.a == 1)",
    "args.a < args.b or args.a < 5",
    "count(args.a) > 3 or args.a == 'abc'",
    "any(args.a, . == 1) or every(args.a, . == 1)",
    "any(args.a, . == 1) or args.a == 1",
    "role == 'x' or args.a == 1",
    " or ".join(["args.a == 1"] * 65),
]


@pytest.mark.parametrize("constraint", USEFUL)
def test_a_side_of_an_or_that_may_decide_is_left_alone(constraint: str) -> None:
    found = codes(constraint)
    assert found == (["HX404"] if constraint.startswith("role") else [])


def test_an_or_that_is_never_true_is_told_of_as_a_whole() -> None:
    assert codes("args.a in [] or args.b in []") == ["HX401"]
    assert codes("args.a in [] or 1 == 1") == ["HX403"]
