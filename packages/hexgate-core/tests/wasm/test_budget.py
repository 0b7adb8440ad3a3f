"""A module of a program may take what its rules can cost, and so ends where the native engine ends; any other ends soon."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hexgate.core import Policy, Program, ToolCall, User, compile_policy
from hexgate.core.engine import NativeEngine
from hexgate.core.program.work import MOST_LOOP_WORK
from hexgate.core.wasm.assemble import assemble
from hexgate.core.wasm.budget import A_BYTE_READ, budget_of
from hexgate.core.wasm.compiled import compiled
from hexgate.core.wasm.engine import WasmEngine
from hexgate.core.wasm.instance import Instance
from hexgate.core.wasm.limits import FOREIGN, Budget
from hexgate.core.wasm.question import question_of

Module = Callable[..., bytes]
USER = User("alice", "r" * 1024, "s" * 1024, attributes={"allowed": [2] * 900 + [1]})
PLENTY = 10**15
WORDS = [str(number) * 20 for number in range(10, 60)]
# What costs most, leaf by leaf and loop by loop, with as much data as a call may hold or work as a loop may do.
WORST: list[tuple[str, dict[str, Any]]] = [
    ("args.a == 1", {"a": 1}),
    ("args.a == 1", {"a": [0] * 500_000}),
    ("args.a == 1", {"a": [{"a": 0}] * 120_000}),
    ("args.a == 1", {"a": [[]] * 300_000}),
    ("args.a == 1", {"a": ["\x01\\"] * 90_000}),
    ("args.a == args.b", {"a": [0] * 260_000, "b": [0] * 260_000}),
    ("args.a < args.b", {"a": int("9" * 4300), "b": int("9" * 4299 + "8")}),
    ("contains(args.a, args.b)", {"a": "ab" * 250_000, "b": "ab" * 240_000 + "c"}),
    ('lower(args.a) == "x"', {"a": "É" * 500_000}),
    ("count(args.a) == 1", {"a": "é" * 500_000}),
    ("args.a not in args.b", {"a": "xxz", "b": ["xxy"] * 170_000}),
    ('within(args.a, "/a/b", "/c")', {"a": "/a" * 500_000}),
    ('url_host_in(args.a, ["*.example.com", "x.y"])', {"a": f"http://{'a.' * 400_000}b"}),
    ('matches(args.a, "^(a+b?)+$")', {"a": "ab" * 500_000}),
    ('not matches(args.a, "(x+x+)+y")', {"a": "x" * 1_000_000}),
    ('not matches(args.a, "[^x]{50}Q")', {"a": "éèß" * 100_000}),
    ('not matches(args.a, "[^x]{9}[0-9a-fé]{9}Q")', {"a": "".join(chr(97 + n * n % 26) for n in range(900_000))}),
    ('every(args.a, not matches(., "[ab].{100}Q"))', {"a": ["a"] * 250_000}),
    ("every(args.a, . == 0)", {"a": [0] * 500_000}),
    ("every(args.a, . != 1 and . != 2 and . != 3)", {"a": [0] * 340_000}),
    (f"every(args.a, . not in {WORDS})".replace("'", '"'), {"a": ["3" * 20] * 40_000}),
    ("every(args.a, not contains(role, .))", {"a": ["rz"] * 200_000}),
    ("every(args.a, not contains(args.b, .))", {"a": ["zq"] * 900, "b": "z" * 3_000}),
    ("any(args.a, any(args.b, . == 7))", {"a": [1] * 900, "b": [2] * 1_000}),
    ("any(args.a, any(args.b, any(args.c, . == 7)))", {"a": [1] * 100, "b": [2] * 100, "c": [3] * 100}),
    ("any(args.a, any(args.b, . == 1e4299))", {"a": [1] * 100, "b": [10**4299 + 1]}),
    ("every(args.a, any(ctx.allowed, . == 1))", {"a": [1] * 1_000}),
    ("every(args.a, any(., . == 1 or . == 2))", {"a": [[3, 1]] * 120_000}),
]


def program(*constraints: str, scope: dict[str, Any] | None = None) -> Program:
    rule = {"mode": "allow", "constraints": list(constraints), **({"file_scope": scope} if scope else {})}
    return compile_policy(Policy.model_validate({"tools": {"t": rule}}))


def both(of: Program, arguments: dict[str, Any]) -> None:
    """Both engines say the same, and the module takes no more than a quarter of what it may."""
    call = ToolCall("t", arguments)
    assert call.refusal is None
    wasm = assemble(of)
    decision = WasmEngine(wasm, program=of).decide(call, USER)
    assert decision._replace(engine="native") == NativeEngine(of).decide(call, USER)
    assert decision.code in {"allowed", "constraint_failed"}
    question = question_of(call, USER)
    instance = Instance(compiled(wasm), len(wasm), len(question))
    instance.answer(0, question, PLENTY)
    taken = PLENTY - instance.callee.store.get_fuel()
    assert taken * 3 < budget_of(of).fuel("t", USER.roles, question)


@pytest.mark.unwatched
@pytest.mark.parametrize(("constraint", "arguments"), WORST, ids=[constraint[:60] for constraint, _ in WORST])
def test_what_is_answered_natively_is_never_ended_by_fuel(constraint: str, arguments: dict[str, Any]) -> None:
    both(program(constraint), arguments)


@pytest.mark.parametrize("constraint", [constraint for constraint, _ in WORST], ids=lambda constraint: constraint[:60])
def test_a_larger_call_is_given_more_fuel_whatever_the_constraint(constraint: str) -> None:
    budget = budget_of(program(constraint))
    small, large = (question_of(ToolCall("t", {"a": ["1"] * count}), USER) for count in (1, 1_000))
    assert 0 < budget.fuel("t", USER.roles, small) < budget.fuel("t", USER.roles, large)


def test_a_file_scope_is_looked_at_with_all_its_patterns() -> None:
    scope = {"allowed_paths": ["a/**/b?/*c"] * 20, "denied_paths": ["**/x*y"] * 20}
    both(program(scope=scope), {"file_path": "a/" * 200_000 + "bb/c"})


def test_all_rules_that_can_be_asked_count_each_once() -> None:
    tools = {"t": {"mode": "allow", "constraints": ["every(args.a, any(args.b, . == 1))"]}}
    of = compile_policy(
        Policy.model_validate({"roles": {name: {"tools": tools} for name in ("one", "other", "default")}})
    )
    budget = budget_of(of)
    free = FOREIGN.base + A_BYTE_READ * 1000
    one = budget.fuel("t", ["one"], bytes(1000)) - free
    assert one > 0
    assert budget.fuel("t", ["one", "other"], bytes(1000)) - free == 2 * one
    assert budget.fuel("t", [], bytes(1000)) - free == budget.fuel("t", ["who", "what"], bytes(1000)) - free == one
    assert budget.fuel("t", ["one"], bytes(1000)) - free == one
    assert budget.fuel("other", ["one"], bytes(1000)) == free


def test_who_has_no_role_in_the_policy_costs_no_rule() -> None:
    of = compile_policy(Policy.model_validate({"roles": {"one": {"tools": {"t": {"mode": "allow"}}}}}))
    assert budget_of(of).fuel("t", ["other"], bytes(10)) == FOREIGN.base + 10 * A_BYTE_READ


def test_loops_cost_by_the_elements_that_lists_can_have_until_their_work_is_exceeded() -> None:
    budget = budget_of(program("every(args.a, any(args.b, . == 1))"))
    costs = [budget.fuel("t", (), b"0," * count) for count in (25, 50, 500, 5_000, 50_000, 500_000)]
    assert costs == sorted(costs)
    assert costs[1] < 400_000_000
    assert costs[5] < MOST_LOOP_WORK * 20_000


@pytest.mark.parametrize(
    "constraint",
    [
        "every(args.a, . in args.b)",
        "every(args.a, any(args.b, . == 1))",
        "every(args.a, any(., . == 1))",
        "every(args.a, any(., . == 1 or . == 2 or . == 3))",
        "every(args.a, . != 1)",
    ],
)
def test_a_question_without_long_lists_costs_little_however_its_rules_loop(constraint: str) -> None:
    of, call = program(constraint), ToolCall("t", {"a": [[1]], "b": [1]})
    # At first what a module about which nothing is known may take, five times; with a long text, a hundred and fifty times.
    assert budget_of(of).fuel("t", (), question_of(call, User("alice", "staff"))) < 5 * FOREIGN.base
    text = ToolCall("t", {"a": [[1]], "b": "x" * 10_000})
    assert budget_of(of).fuel("t", (), question_of(text, User("alice", "staff"))) < 150 * FOREIGN.base


LOOPS = (
    "(local $n i32) (loop (br_if 0 (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const {}))))"
)


def test_a_module_that_is_not_made_of_the_program_may_take_no_more_for_it(module: Module) -> None:
    tools = {"t": {"mode": "allow", "constraints": ["any(args.a, any(args.b, . == 1))"]}}
    of = compile_policy(Policy.model_validate({"roles": {"staff": {"tools": tools}}}))
    call, staff = ToolCall("t", {"a": [1], "b": [2]}), User("alice", "staff")
    size = len(question_of(call, staff))
    assert budget_of(of).fuel("t", staff.roles, question_of(call, staff)) > FOREIGN.fuel(size)
    # A turn takes seven instructions.
    less, more = (LOOPS.format(FOREIGN.fuel(size) // 7 + change) + "(i32.const 4096)" for change in (-9, 9))
    for known in (None, of):
        assert WasmEngine(module(less), program=known).decide(call, staff).allowed
        decision = WasmEngine(module(more), program=known).decide(call, staff)
        assert (decision.code, decision.detail) == ("module_fault", "it took more instructions than it may")


def test_only_the_very_module_of_a_program_may_take_what_its_rules_may_cost() -> None:
    of, other = program("any(args.a, any(args.b, . == 1))"), program("any(args.a, any(args.b, . == 2))")
    wasm = assemble(of)
    # A custom section, which changes nothing but the bytes.
    touched = wasm + b"\0\2\1x"
    for size in (100, 64 * 1024):
        question, foreign = b"," * size, FOREIGN.fuel(size)
        own = WasmEngine(wasm, program=of)
        assert own.most_fuel("t", ("r",), question) == budget_of(of).fuel("t", ("r",), question) > foreign
        assert WasmEngine(wasm).most_fuel("t", ("r",), question) == foreign
        assert WasmEngine(wasm, program=other).most_fuel("t", ("r",), question) == foreign
        assert WasmEngine(touched, program=of).most_fuel("t", ("r",), question) == foreign
        assert WasmEngine(wasm, program=of, budget=Budget(5, 1)).most_fuel("t", ("r",), question) == size + 5


def test_a_budget_of_the_callers_own_is_no_first_try() -> None:
    of = program("any(args.a, any(args.b, . == 7))")
    call = ToolCall("t", {"a": [1] * 900, "b": [2] * 1_000})
    assert WasmEngine(assemble(of), program=of, budget=Budget(1000, 0)).decide(call, USER).code == "module_fault"
    assert WasmEngine(assemble(of), program=of).decide(call, USER).code == "constraint_failed"
