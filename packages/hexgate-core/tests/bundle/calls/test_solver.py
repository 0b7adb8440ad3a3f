"""A question is changed until what is wanted of it holds, or it is said that it was not found."""

from typing import Any

from hexgate.core.bundle.calls.chance import Chance
from hexgate.core.bundle.calls.nodes import Asked, Node
from hexgate.core.bundle.calls.pool import Pool
from hexgate.core.bundle.calls.question import Question
from hexgate.core.bundle.calls.solver import Goal, Solver
from hexgate.core.expr.normal import normalise
from hexgate.core.expr.parser import parse

ASKED = Asked("default")


def node_of(constraint: str) -> Node:
    return Node(normalise(parse(constraint), {}))


def question_of(**args: Any) -> Question:
    return Question("t", args, ("default",), {})


def solver_of(*nodes: Node) -> Solver:
    return Solver(lambda tool: tool == "t", Pool(nodes), Chance("x"))


def test_a_list_loses_the_element_that_stands_in_the_way() -> None:
    node = node_of("every(args.a, . == 1 or . == 2)")
    found = solver_of(node).solve(question_of(a=[1, 5, 2, 6]), [Goal(node, ASKED)])
    assert found is not None
    assert all(element in (1, 2) for element in found.args["a"])


def test_a_condition_that_must_not_hold_is_made_false_or_unknown() -> None:
    node = node_of("args.a == 1")
    found = solver_of(node).solve(question_of(a=1), [Goal(node, ASKED, wanted=False)])
    assert found is not None
    assert found.args.get("a") != 1
    always = node_of("exists(args.a) or not exists(args.a)")
    assert solver_of(always).solve(question_of(), [Goal(always, ASKED, wanted=False)]) is None


def test_nothing_is_found_without_work() -> None:
    node = node_of("args.a == 1")
    assert solver_of(node).solve(question_of(), [Goal(node, ASKED)], 0) is None
    found = solver_of(node).solve(question_of(), [Goal(node, ASKED)], 1)
    assert found is not None
    assert found.args == {"a": 1}


def test_what_takes_too_much_work_does_not_hold() -> None:
    node = node_of("every(args.a, .x == args.b)")
    question = question_of(a=[{"x": 1}] * 5000, b=1)
    assert not node.true_for(question, ASKED)
    assert node.true_for(question_of(a=[{"x": 1}] * 50, b=1), ASKED)


def test_what_cannot_be_found_out_is_not_called_impossible() -> None:
    parts = " and ".join(f"(args.a == {number} or args.b == {number} or args.c == {number})" for number in range(60))
    assert not node_of(parts).impossible
    long = parse("args.a in consts.many and args.a in consts.many and startswith(args.a, 'x')")
    assert not Node(normalise(long, {"many": tuple(map(str, range(1000)))})).impossible
    assert node_of("args.a == 1 and args.a == 2").impossible
