"""A program in, calls out by callers with several roles, with none, with one that nobody knows, and with more than count."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product

from hexgate.core.bundle.calls.chance import Chance
from hexgate.core.bundle.calls.coverage import Coverage, Unit
from hexgate.core.bundle.calls.nodes import Asked
from hexgate.core.bundle.calls.pool import Pool
from hexgate.core.bundle.calls.question import Question, is_name
from hexgate.core.bundle.calls.solver import Goal, Solver
from hexgate.core.bundle.calls.tools import STRANGE_TOOLS, tool_for
from hexgate.core.identity.user import MOST_ROLES

__all__ = ["caller_calls"]

GHOST = "no such role"
MOST_TOOLS = 300
MOST_PAIRS = 300
# Of roles that answer a tool alike in everything but their constraints.
MOST_ALIKE = 2
ROUNDS = 8


def caller_calls(coverage: Coverage, chance: Chance) -> Iterator[Question]:
    """The calls by callers that have not just one known role."""
    tools = tools_of(coverage, chance)
    for tool in tools:
        question = Question(tool, {}, (), {}, "alice", "s-1")
        yield question
        yield question.with_caller((GHOST,), None, None)
    roles = [name for name in sorted(coverage.program.roles) if is_name(name)]
    crowd = tuple(f"{GHOST} {number}" for number in range(MOST_ROLES - 1))
    for role in roles[:MOST_PAIRS]:
        for tool in (chance.pick(tools), STRANGE_TOOLS[0]):
            question = Question(tool, {}, (role, GHOST), {}, "alice", None)
            yield question
            yield question.with_caller((GHOST, role), None, "s-1")
            yield question.with_caller((*crowd, role), "alice", None)
    yield from pair_calls(coverage, chance, tools)


def tools_of(coverage: Coverage, chance: Chance) -> list[str]:
    """A tool for every rule, of very many some, and one that no rule names."""
    found = dict.fromkeys(tool for unit in coverage.units if (tool := tool_for(unit)) is not None)
    tools, few = list(found), min(len(found), MOST_TOOLS)
    for at in range(few):
        other = at + chance.below(len(tools) - at)
        tools[at], tools[other] = tools[other], tools[at]
    return list(dict.fromkeys([*tools[:few], STRANGE_TOOLS[0]]))


def pair_calls(coverage: Coverage, chance: Chance, tools: list[str]) -> Iterator[Question]:
    """Two roles that answer one tool in different ways: each way with each other, both passing, one of them, none."""
    met: set[tuple[object, object]] = set()
    for tool in tools:
        units = distinct(coverage, tool)
        for first, second in product(units, units):
            signs = (signature(first), signature(second))
            if first.role == second.role or signs in met or len(met) >= MOST_PAIRS:
                continue
            met.add(signs)
            yield from joint_calls(first, second, tool, chance)
            yield from crowd_calls(units, first, second, tool)


def distinct(coverage: Coverage, tool: str) -> list[Unit]:
    """The rules by which the roles answer a tool, a few of each kind."""
    alike: dict[object, list[Unit]] = {}
    for name in sorted(filter(is_name, coverage.program.roles)):
        unit = coverage.by_rule[name, id(coverage.program.roles[name].find(tool))]
        alike.setdefault(signature(unit), []).append(unit)
    return [unit for units in alike.values() for unit in units[:MOST_ALIKE]]


def signature(unit: Unit) -> object:
    """What a rule brings into an answer, its constraints left aside."""
    rule = unit.rule
    return rule.mode, rule.listed, rule.monitor, rule.approvers, bool(rule.checks)


def joint_calls(first: Unit, second: Unit, tool: str, chance: Chance) -> Iterator[Question]:
    """Calls by a caller with two roles, of which both pass, one does, or none does."""
    solver = Solver(lambda name: name == tool, Pool([*first.nodes, *second.nodes]), chance)
    base = Question(tool, {}, (first.role, second.role), {}, "alice", "s-1")
    for passes in product((True, False), repeat=2):
        goals = [
            goal for unit, wanted in zip((first, second), passes, strict=True) for goal in goals_of(unit, wanted=wanted)
        ]
        yield (solver.solve(base, goals, ROUNDS) if goals else None) or base


def goals_of(unit: Unit, *, wanted: bool) -> list[Goal]:
    """What has to hold so that a role passes, or does not."""
    asked = Asked(unit.role)
    nodes = unit.nodes if wanted else unit.nodes[:1]
    return [Goal(node, asked, wanted) for node in nodes]


def crowd_calls(units: list[Unit], first: Unit, second: Unit, tool: str) -> Iterator[Question]:
    """The same two roles among others."""
    others = [unit.role for unit in units if unit.role not in (first.role, second.role)]
    for other in islice(others, 2):
        yield Question(tool, {}, (first.role, other, second.role), {}, None, "s-1")
    yield Question(tool, {}, tuple(dict.fromkeys([first.role, *others, second.role]))[:MOST_ROLES], {}, "alice", None)
