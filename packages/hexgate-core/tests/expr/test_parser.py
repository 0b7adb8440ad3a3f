"""What each production of the grammar means, and where it stood."""

from __future__ import annotations

import pytest

from hexgate.core.expr import parse, syntax
from hexgate.core.expr.syntax import (
    And,
    Comparison,
    Const,
    Count,
    Expression,
    Literal,
    Lower,
    Membership,
    Not,
    Or,
    Path,
)

X = Path("args", ("x",))
ONE = Literal(1)


def equals_one(name: str) -> Comparison:
    return Comparison("==", Path("args", (name,)), ONE)


A, B, C = equals_one("a"), equals_one("b"), equals_one("c")
TREES: dict[str, Expression] = {
    "args.x == 1": Comparison("==", X, ONE),
    "1 >= args.x": Comparison(">=", ONE, X),
    "args.x<1": Comparison("<", X, ONE),
    "\t\r\n args.x\n!= 1  ": Comparison("!=", X, ONE),
    'args.x in ["a", 1]': Membership(X, Literal(("a", 1))),
    "args.x in []": Membership(X, Literal(())),
    "args.x in consts.y": Membership(X, Const("y")),
    "args.x not in ctx.y": Not(Membership(X, Path("ctx", ("y",)))),
    "not args.x in ctx.y": Not(Membership(X, Path("ctx", ("y",)))),
    "[1, [true, null], false] == args.x": Comparison("==", Literal((1, (True, None), False)), X),
    "count(args.x) > consts . limit": Comparison(">", Count(X), Const("limit")),
    "lower(lower(args.x)) == 'a'": Comparison("==", Lower(Lower(X)), Literal("a")),
    'startswith(args.x, "a")': syntax.TextTest("startswith", X, Literal("a")),
    "endswith(lower(args.x), consts.y)": syntax.TextTest("endswith", Lower(X), Const("y")),
    'contains("abc", args.x)': syntax.TextTest("contains", Literal("abc"), X),
    r'matches(args.x, "^\\d$")': syntax.Matches(X, r"^\d$"),
    "matches(args.x, '')": syntax.Matches(X, ""),
    'within(args.x, "src", "/", "./a")': syntax.Within(X, ("src", "/", "./a")),
    'url_host_in(args.x, ["a.b", "[::1]"])': syntax.UrlHostIn(X, Literal(("a.b", "[::1]"))),
    "url_host_in(args.x, consts.hosts)": syntax.UrlHostIn(X, Const("hosts")),
    "exists(ctx.a.b)": syntax.Exists(Path("ctx", ("a", "b"))),
    "exists (role)": syntax.Exists(Path("role")),
    'tool == "t"': Comparison("==", Path("tool"), Literal("t")),
    'user.id == session["id"]': Comparison("==", Path("user", ("id",)), Path("session", ("id",))),
    'args["a b"][0].c [12] == 1': Comparison("==", Path("args", ("a b", 0, "c", 12)), ONE),
    "args . x == 1": Comparison("==", X, ONE),
    "args. x .y.z .w == 1": Comparison("==", Path("args", ("x", "y", "z", "w")), ONE),
    "args . x.y == 1": Comparison("==", Path("args", ("x", "y")), ONE),
    r"args['\u0041'] == 1": Comparison("==", Path("args", ("A",)), ONE),
    "args[123456789012345678901234567890] == 1": Comparison("==", Path("args", (123456789012345678901234567890,)), ONE),
    "args.a == 1 or args.b == 1 and args.c == 1": Or((A, And((B, C)))),
    "args.a == 1 and args.b == 1 or args.c == 1": Or((And((A, B)), C)),
    "(args.a == 1 or args.b == 1) and args.c == 1": And((Or((A, B)), C)),
    "not args.a == 1 and args.b == 1": And((Not(A), B)),
    "not (args.a == 1 and args.b == 1)": Not(And((A, B))),
    "not not args.a == 1": Not(Not(A)),
    "((args.a == 1))": A,
    "(args.a == 1 and args.b == 1) and args.c == 1": And((A, B, C)),
    "args.a == 1 or (args.b == 1 or args.c == 1)": Or((A, B, C)),
    "every(args.x, . == 1)": syntax.Quantified("every", X, Comparison("==", Path("item"), ONE)),
    "any(args.x, .a.b == 1)": syntax.Quantified("any", X, Comparison("==", Path("item", ("a", "b")), ONE)),
    "any(args.x, ..a == 1)": syntax.Quantified("any", X, Comparison("==", Path("item", ("a",)), ONE)),
    'any(args.x, .["a"][0] == 1)': syntax.Quantified("any", X, Comparison("==", Path("item", ("a", 0)), ONE)),
    "any(args.x, . in [1])": syntax.Quantified("any", X, Membership(Path("item"), Literal((1,)))),
    "any(args.x, .in in [1])": syntax.Quantified("any", X, Membership(Path("item", ("in",)), Literal((1,)))),
    "any(args.x, . not in [1])": syntax.Quantified("any", X, Not(Membership(Path("item"), Literal((1,))))),
    "every(args.x, any(.a, . == 1) or .b == 1)": syntax.Quantified(
        "every",
        X,
        Or(
            (
                syntax.Quantified("any", Path("item", ("a",)), Comparison("==", Path("item"), ONE)),
                Comparison("==", Path("item", ("b",)), ONE),
            )
        ),
    ),
}


@pytest.mark.parametrize("text", TREES)
def test_a_constraint_means_what_the_grammar_says(text: str) -> None:
    assert repr(parse(text)) == repr(TREES[text])


@pytest.mark.parametrize("word", ["and", "or", "not", "in", "every", "count", "args", "consts", "true", "null", "role"])
def test_a_keyword_is_a_plain_name_after_a_dot(word: str) -> None:
    assert parse(f"args.{word} == consts.{word}") == Comparison("==", Path("args", (word,)), Const(word))


def test_every_node_knows_where_it_stood() -> None:
    text = '( not args.a in [1,2] ) and count( args["b"] ) == 1 or role == "x"'
    tree = parse(text)
    assert isinstance(tree, Or)
    both, role = tree.items
    assert isinstance(both, And)
    assert isinstance(role, Comparison)
    negation, counted = both.items
    assert isinstance(negation, Not)
    assert isinstance(negation.operand, Membership)
    assert isinstance(counted, Comparison)
    nodes = (tree, both, role, role.right, negation, negation.operand, negation.operand.members, counted, counted.left)
    assert [text[slice(*node.at)] for node in nodes] == [
        text,
        '( not args.a in [1,2] ) and count( args["b"] ) == 1',
        'role == "x"',
        '"x"',
        "not args.a in [1,2]",
        "args.a in [1,2]",
        "[1,2]",
        'count( args["b"] ) == 1',
        'count( args["b"] )',
    ]


def test_sixty_four_levels_are_not_too_many() -> None:
    parse("(" * 64 + "args.x == 1" + ")" * 64)
    parse("not " * 64 + "args.x == 1")
    parse("args.x == " + "[" * 64 + "]" * 64)
    parse("lower(" * 64 + "args.x" + ")" * 64 + ' == "a"')


def test_levels_are_left_where_they_end() -> None:
    parse(" and ".join(["not (count(args.x) == 1)"] * 70))


def test_a_list_may_have_a_thousand_items() -> None:
    tree = parse(f"args.x in [{','.join('1' * 1000)}]")
    assert isinstance(tree, Membership)
    assert tree.members == Literal((1,) * 1000)


def test_a_constraint_may_have_4096_characters() -> None:
    parse(f"args.x == {' ' * 4000}1".ljust(4096))
