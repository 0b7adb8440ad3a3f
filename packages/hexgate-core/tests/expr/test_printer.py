"""Writing a tree and reading it again gives the tree back."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from decimal import Decimal
from types import ModuleType
from typing import Any, cast, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hexgate.core.expr import Value, parse, show, syntax
from hexgate.core.expr.printer import show_operand, show_value
from hexgate.core.expr.syntax import And, Comparison, InScope, Literal, Membership, Not, Or, Path

SLOW = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)


@given(data=st.data())
@SLOW
def test_what_is_written_reads_back_as_the_same_tree(strategies: ModuleType, data: st.DataObject) -> None:
    tree = data.draw(strategies.expressions())
    text = show(tree)
    again = parse(text)
    assert repr(again) == repr(tree)
    assert again == tree
    assert show(again) == text


@given(data=st.data())
@SLOW
def test_each_node_stands_where_its_own_text_is(strategies: ModuleType, data: st.DataObject) -> None:
    text = show(data.draw(strategies.expressions(depth=2)))
    check_places(parse(text), text)


def check_places(node: Any, text: str) -> None:
    if isinstance(node, tuple):
        for item in node:
            check_places(item, text)
    if not is_dataclass(node):
        return
    slot = text[slice(*cast(Any, node).at)]
    shown = show_operand(node) if isinstance(node, get_args(syntax.Operand)) else show(cast(syntax.Expression, node))
    assert slot == shown or (isinstance(node, Membership) and " not in " in slot)
    for field in fields(node):
        check_places(getattr(node, field.name), text)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("((args.a==1))", "args.a == 1"),
        ("(args.a==1 and args.b==2) or args.c==3", "args.a == 1 and args.b == 2 or args.c == 3"),
        ("args.a==1 and(args.b==2 or args.c==3)", "args.a == 1 and (args.b == 2 or args.c == 3)"),
        ("not(args.a==1)", "not args.a == 1"),
        ("not(args.a in[1,2])", "args.a not in [1, 2]"),
        ("not args.a not in [1]", "not args.a not in [1]"),
        ("not(args.a==1 or args.b==2)", "not (args.a == 1 or args.b == 2)"),
        ("not(every(args.a,(.==1)))", "not every(args.a, . == 1)"),
        ("""args['a']['b c'][0] == 'say "a"'""", r'args.a["b c"][0] == "say \"a\""'),
        ('any(args.a, ..b == .["c d"])', 'any(args.a, .b == .["c d"])'),
        ('within( args.a,"x","y" )', 'within(args.a, "x", "y")'),
        ('url_host_in(args.a,["x"])', 'url_host_in(args.a, ["x"])'),
        ("args.a == [true,false,null,-1.50]", "args.a == [true, false, null, -1.5]"),
    ],
)
def test_there_is_one_way_to_write_a_constraint(text: str, canonical: str) -> None:
    assert show(parse(text)) == canonical


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (Decimal("0E+5"), "0"),
        (-1200, "-1200"),
        (10**20, "1" + "0" * 20),
        (10**21, "1e21"),
        (Decimal("-0.001"), "-0.001"),
        (Decimal("12.340"), "12.34"),
        (Decimal("1E-20"), "0.00000000000000000001"),
        (Decimal("12E-25"), "12e-25"),
        (Decimal("1E+1000000"), "1e1000000"),
        ('a"\\\n\x7f\u2028\u202e', r'"a\"\\\n\u007f\u2028\u202e"'),
        (("é", "😀"), '["é", "😀"]'),
    ],
)
def test_there_is_one_way_to_write_a_value(value: Value, text: str) -> None:
    assert show_value(value) == text


def test_an_int_of_more_digits_than_python_writes_is_written() -> None:
    assert show_value(-7 * 10**5000) == "-7e5000"
    assert show_value(10**4999 + 1) == f"1{'0' * 4998}1"


def test_a_nested_join_is_written_as_the_flat_one_that_it_means() -> None:
    a, b, c = (Comparison("==", Path("args", (name,)), Literal(1)) for name in "abc")
    assert show(And((And((a, b)), c))) == "args.a == 1 and args.b == 1 and args.c == 1"
    assert show(Or((a, Or((b, c))))) == "args.a == 1 or args.b == 1 or args.c == 1"
    assert show(Not(And((a, b)))) == "not (args.a == 1 and args.b == 1)"


def test_a_file_scope_is_shown_to_people() -> None:
    assert show(InScope(Path("args", ("file_path",)), ("src/**",), ())) == "file_scope(args.file_path)"
