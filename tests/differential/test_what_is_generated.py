"""The judges are judged: generated policies and calls reach every leaf, every operand, every truth and every answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from hexgate.core.expr import syntax
from hexgate.core.policy.policy import Policy
from tests.differential.choices import RandomChoices
from tests.differential.reference import Question, facts_for, lineage, rule_for, selectable
from tests.differential.reference_truth import Facts, Truth, truth
from tests.differential.strategies import document, question

LEAVES = (syntax.Comparison, syntax.Membership, syntax.TextTest, syntax.Matches, syntax.Within, syntax.UrlHostIn)
OPERANDS = (syntax.Literal, syntax.Const, syntax.Path, syntax.Count, syntax.Lower)
JOINS = (syntax.Not, syntax.And, syntax.Or, syntax.Quantified)


def asked(count: int) -> Iterator[tuple[syntax.Expression, Facts]]:
    """Every constraint that generated questions lead to, with the facts that it is asked about."""
    for number in range(count):
        choose = RandomChoices(f"generated/{number}")
        data = document(choose)
        policy = Policy.model_validate(data)
        for _ in range(20):
            yield from constraints_of(policy, question(choose, data))


def constraints_of(policy: Policy, one: Question) -> Iterator[tuple[syntax.Expression, Facts]]:
    """The constraints of the rule that the first role has for the tool."""
    name = one.roles[0] if one.roles else "default"
    if selectable(policy, name):
        bodies = lineage(policy, policy.roles[name])
        rule, _ = rule_for(bodies, one.tool)
        for constraint in rule.constraints if rule else ():
            yield constraint.expression, facts_for(policy, bodies, name, one)


def nodes(node: Any) -> Iterator[Any]:
    """A tree and everything in it."""
    if isinstance(node, tuple):
        for item in node:
            yield from nodes(item)
    elif is_dataclass(node):
        yield node
        for field in fields(node):
            yield from nodes(getattr(node, field.name))


def test_every_leaf_and_join_is_found_true_false_and_unknown() -> None:
    seen: Counter[tuple[type, Truth]] = Counter()
    kinds: Counter[type] = Counter()
    for expression, facts in asked(400):
        for node in nodes(expression):
            kinds[type(node)] += 1
        seen[type(expression), truth(expression, facts)] += 1
        if isinstance(expression, syntax.And | syntax.Or):
            for item in expression.items:
                seen[type(item), truth(item, facts)] += 1
    rare = {
        f"{kind.__name__} {value}" for kind in LEAVES + JOINS for value in (True, False, None) if seen[kind, value] < 5
    }
    assert not rare, seen
    assert min(seen[syntax.Exists, True], seen[syntax.Exists, False]) > 5
    assert min(kinds[kind] for kind in OPERANDS) > 50, kinds


def test_quantifiers_are_nested_and_paths_take_every_step() -> None:
    found = [node for number in range(150) for node in nodes(trees(number))]
    bodies = [inner for node in found if isinstance(node, syntax.Quantified) for inner in nodes(node.body)]
    assert any(isinstance(inner, syntax.Quantified) for inner in bodies)
    paths = [node for node in found if isinstance(node, syntax.Path)]
    assert {path.root for path in paths} == {"args", "ctx", "user", "session", "role", "tool", "item"}
    assert {type(step) for path in paths for step in path.steps} == {str, int}


def trees(number: int) -> tuple[syntax.Expression, ...]:
    """The constraints of one generated policy."""
    policy = Policy.model_validate(document(RandomChoices(f"trees/{number}")))
    rules = [rule for role in policy.roles.values() for rule in [*role.tools.values(), role.default_policy] if rule]
    return tuple(constraint.expression for rule in rules for constraint in rule.constraints)
