"""What is asked of a program: each rule by name, by prefix and for the rest, each constraint on its sides, by all callers."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest

from hexgate.core.bundle.calls import Question
from hexgate.core.bundle.calls.chance import Chance
from hexgate.core.bundle.calls.coverage import FALSE, TRUE, UNKNOWN, Coverage
from hexgate.core.bundle.calls.covering import covering_calls
from hexgate.core.bundle.calls.mixing import MOST_KEPT, Kept
from hexgate.core.bundle.certificate import Certificate
from hexgate.core.policy.policy import Policy
from hexgate.core.program import CompiledRule, Program, RoleIndex, compile_policy


def program_of(text: str) -> Program:
    return compile_policy(Policy.from_text(text, "policy.yaml"))


def of_constraints(*constraints: str) -> Program:
    listed = {"tools": {"t": {"mode": "allow", "constraints": list(constraints)}}}
    return compile_policy(Policy.model_validate(listed))


def asked_of(program: Program, calls: int = 1) -> tuple[Coverage, list[Question]]:
    coverage = Coverage(program)
    return coverage, list(covering_calls(coverage, calls=calls, seed="1"))


def sides(program: Program) -> list[int]:
    """The sides of the constraints of the tool."""
    coverage, _ = asked_of(program)
    return coverage.units[0].seen


@pytest.mark.parametrize(
    "constraint",
    [
        "args.a <= 5",
        "args.a < 0.1",
        "args.a == 9007199254740993",
        "args.a > 1e400",
        'args.a >= "m"',
        "args.a == true",
        "args.a == null",
        'args.a == [1, "a", [true]]',
        "args.a != 5",
        'args.a in ["x", 1, null]',
        "5 in args.a",
        "args.a in ctx.b",
        'startswith(args.a, "x")',
        "startswith(args.a, args.b)",
        'endswith("suffix", args.a)',
        'contains(lower(args.a), "kiss")',
        'matches(args.a, "^[a-f0-9]{8}-[0-9]{2,3}$")',
        'within(args.a, "work")',
        'url_host_in(args.a, ["*.example.com"])',
        "count(args.a) == 3",
        "count(args.a) > count(args.b)",
        'lower(args.a) == "ok"',
        "args.a < args.b",
        "args.a.b[2].c == 7",
        'user.id == "bob"',
        'session.id in ["s-9"]',
        "every(args.a, . > 5 and . < 6)",
        'any(args.a, startswith(.n, "x"))',
        "every(args.a, any(., . == 3))",
        "any(args.a, .x == ctx.y and count(.z) == 2)",
        "not (every(args.a, .n != 1))",
        "args.a > 100 and args.a < 102",
        'startswith(args.a, "ab") and endswith(args.a, "yz") and contains(args.a, "m") and count(args.a) == 9',
        'args.a == 1 and (args.b == 2 or not (args.c == 3 and args.d == "x"))',
        "args.a == args.b and args.b == args.c and args.c == 4",
        "args.a < ctx.b and ctx.b < args.c and args.c < 3",
        "count(args.a) >= 2 and every(args.a, .n > 1)",
        'args.a[0] == "x" and count(args.a) == 4',
        "exists(args.a.b) and args.c == 1",
        "args.a > 1e400 and args.a < 1e401",
        'user.id == "x" or session.id == "y"',
        'every(args.a, .x == user.id) or user.id == "x"',
        "any(args.a, .n == 1 and .m == 2) and any(args.a, .n == 3) and count(args.a) == 2",
        "every(args.a, .n == 1) and args.a[1].n == args.b and args.b != 2",
    ],
)
def test_a_constraint_is_seen_true_false_and_unknown(constraint: str) -> None:
    assert sides(of_constraints(constraint)) == [TRUE | FALSE | UNKNOWN]


@pytest.mark.parametrize(
    ("constraint", "seen"),
    [
        ("exists(args.a)", TRUE | FALSE),
        ("args.a == args.a", TRUE | UNKNOWN),
        ("1 == 1", TRUE),
        ("args.a < 1 and args.a > 1", FALSE | UNKNOWN),
        ('role == "default"', TRUE),
        ('tool == "t"', TRUE),
        ('matches(args.a, "a\\\\bb")', FALSE | UNKNOWN),
        ("every(tool, every(., . == 1))", UNKNOWN),
        ("args.a[5000] == 1", UNKNOWN),
        ("any(role, . == 1)", UNKNOWN),
        ("any(args.a, 1 == 2)", FALSE | UNKNOWN),
        ('role == "x" or role == "y"', FALSE),
        ("every(args.a[5000], . == 1)", UNKNOWN),
    ],
)
def test_what_no_call_shows_is_not_seen(constraint: str, seen: int) -> None:
    assert sides(of_constraints(constraint)) == [seen]


def test_each_constraint_fails_alone_where_that_can_be() -> None:
    program = of_constraints("args.a <= 5", 'args.b == "x"', "every(args.c, . > 1)")
    coverage, questions = asked_of(program)
    unit = coverage.units[0]
    failed = {
        tuple(at for at, node in enumerate(unit.nodes) if not node.holds(one.call, one.user, "default", None))
        for one in questions
        if one.tool == "t"
    }
    assert {(), (0,), (1,), (2,)} <= failed


def test_a_tool_is_chosen_so_that_the_rule_and_its_constraints_hold() -> None:
    program = program_of(
        "tools: {mcp-*: {mode: allow, constraints: ['endswith(tool, \"-read\")']}, mcp-x: {mode: deny}, mcp-a*: {mode: deny}}"
    )
    coverage, _ = asked_of(program)
    assert [(unit.rule.tool, unit.reached, unit.seen) for unit in coverage.units] == [
        ("mcp-x", True, []),
        ("mcp-*", True, [TRUE | FALSE]),
        ("mcp-a*", True, []),
        ("", True, []),
    ]


ROLES = """
consts: {limit: 5}
roles:
  base: {is_mixin: true, tools: {t: {mode: allow, constraints: ["args.a <= consts.limit", "args.b == 1 or args.c == 1"]}}}
  default: {}
  one:
    inherits: [base]
    tools:
      u: {mode: allow, constraints: ["args.b == 1 or args.c == 1", "args.d == 2"]}
      x: {mode: allow, constraints: ["user.id != 'x' or session.id != 'y' or any(args.q, . == 1)", "args.d == 2"]}
      y: {mode: allow, constraints: ["user.id != 'x' or session.id != 'y' or any(args.q, . == 1)", "args.g == 2"]}
      v: {mode: allow, constraints: ["args.e == 1 and args.f == 1", "args.d == 2"]}
      w: {mode: allow, constraints: ["args.e == 1 and args.f == 1", "args.g == 2"]}
  two: {inherits: [base], consts: {limit: 6}}
  three: {inherits: [base], tools: {t: {mode: approval_required, enforce: false}}}
  four: {tools: {t: {mode: deny, enforce: false, until: 2027-01-31}}}
"""


def test_rules_that_share_constraints_are_all_covered() -> None:
    coverage, _ = asked_of(program_of(ROLES))
    assert all(unit.reached for unit in coverage.units)
    assert [seen for unit in coverage.units for seen in unit.seen] == [7] * 14


def test_callers_have_no_role_one_that_nobody_knows_and_several() -> None:
    _, questions = asked_of(program_of(ROLES))
    roles = {question.roles for question in questions}
    assert {(), ("no such role",), ("no such role", "one"), ("two", "no such role")} <= roles
    assert {("three", "four"), ("four", "three"), ("one", "three")} <= roles
    assert max(map(len, roles)) == 32


def test_as_many_calls_are_asked_as_were_wanted() -> None:
    _, few = asked_of(program_of(ROLES), 1)
    _, many = asked_of(program_of(ROLES), len(few) + 50)
    assert len(many) == len(few) + 50


def plain(question: Question) -> Mapping[str, Any]:
    return question.as_dict()


def test_the_calls_depend_on_the_digest_and_the_seed_alone() -> None:
    program = program_of(ROLES)
    turned = Program(dict(list(program.roles.items())[::-1]), program.monitor, program.digest)
    _, first = asked_of(program)
    _, second = asked_of(turned)
    other = list(covering_calls(Coverage(program), calls=1, seed="2"))
    assert list(map(plain, first)) == list(map(plain, second))
    assert list(map(plain, first)) != list(map(plain, other))


def test_a_rule_that_no_name_leads_to_is_said_not_to_be_reached() -> None:
    rest = CompiledRule("", listed=False, mode="deny")
    long, nameless = (CompiledRule(name, listed=True, mode="allow") for name in ("x" * 2000, "t"))
    roles = {
        "default": RoleIndex("default", MappingProxyType({"x" * 2000: long}), MappingProxyType({}), rest),
        "": RoleIndex("", MappingProxyType({"t": nameless}), MappingProxyType({}), rest),
    }
    coverage, questions = asked_of(Program(MappingProxyType(roles), False, "sha256:0"))
    certificate = Certificate.of(coverage, calls=len(questions), generator="g", seed="1")
    assert [(gap.role, gap.constraint, gap.side) for gap in certificate.gaps] == [
        ("", None, "reached"),
        ("", None, "reached"),
        ("default", None, "reached"),
    ]
    assert (certificate.rules, certificate.rules_reached) == (4, 1)


def test_of_very_many_calls_a_fair_part_is_kept_to_be_mixed() -> None:
    kept = Kept(Chance("x"))
    for number in range(3 * MOST_KEPT):
        kept.see(Question(f"t{number}", {}, (), {}))
    numbers = [int(question.tool[1:]) for question in kept.questions]
    assert len(numbers) == MOST_KEPT
    assert MOST_KEPT // 4 < sum(number < MOST_KEPT for number in numbers) < MOST_KEPT // 2


def test_file_scopes_are_seen_on_all_sides() -> None:
    scopes = "file_scope: {allowed_paths: ['src/**'], denied_paths: ['**/.env']}"
    named = "file_scope: {argument: path, allowed_paths: ['src/*.py']}"
    program = program_of(f"tools: {{t: {{mode: allow, {scopes}}}, u: {{mode: allow, {named}}}}}")
    coverage, _ = asked_of(program)
    assert [unit.seen for unit in coverage.units] == [[7], [7], []]


def test_a_loop_that_takes_too_much_work_does_not_stop_the_search() -> None:
    inner = " and ".join(f"args.b != {number}" for number in range(40))
    assert sides(of_constraints(f"every(args.a, {inner})", "count(args.a) > 900"))[1] == TRUE | FALSE | UNKNOWN
