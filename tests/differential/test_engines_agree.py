"""Law 1: the native engine, a policy's module, its Rego under OPA and the reference answer every generated question alike, to the
last violation."""

from __future__ import annotations

import os
import time

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from hexgate.core import Decision, Outcome, ToolCall, User
from hexgate.core.engine.explain import explain
from hexgate.core.policy.document import Document
from tests.differential.choices import RandomChoices
from tests.differential.contest import CALLS_PER_POLICY, Contest, reduced, search, user_of
from tests.differential.reference import Question, facts_for, lineage, roles_that_count, rule_for
from tests.differential.reference_truth import truth
from tests.differential.strategies import PolicyDict, contests, document, question

SHARDS = 10
DECISIONS = 20_000
FEWEST_POLICIES = 500
FUZZ_SHARDS = 20
# Making a module and a Rego costs as much as asking them a hundred times, so a long search asks more of each policy.
FUZZ_CALLS = 200
FUZZ_DECISIONS = int(os.environ.get("HEXGATE_FUZZ_DECISIONS", "1000000"))
CODES = {"allowed", "constraint_failed", "tool_denied", "default_denied", "approval_required", "no_role"}


@pytest.mark.parametrize("shard", range(SHARDS))
def test_twenty_thousand_generated_decisions_over_five_hundred_policies_are_the_same(shard: int) -> None:
    assert DECISIONS // CALLS_PER_POLICY >= FEWEST_POLICIES
    judged = search(f"hexgate/{shard}", DECISIONS // SHARDS)
    assert judged.decisions == DECISIONS // SHARDS
    assert set(judged.seen) == CODES
    assert min(judged.seen.values()) > judged.decisions // 200, f"some answers are hardly ever provoked: {judged.seen}"


# What differs is made small by `reduced`, which knows what a policy is; so hypothesis need not.
@settings(max_examples=80, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(contests())
def test_what_hypothesis_thinks_of_is_answered_the_same(thought_of: tuple[PolicyDict, list[Question]]) -> None:
    policy, asked = thought_of
    contest = Contest(policy)
    for one in asked:
        difference = contest.difference(one)
        assert difference is None, str(reduced(difference, "hypothesis"))


def test_an_explanation_says_of_every_constraint_what_the_reference_makes_of_it() -> None:
    told = 0
    for number in range(150):
        choose = RandomChoices(f"explained/{number}")
        policy = document(choose)
        contest = Contest(policy, {})
        for _ in range(15):
            one = question(choose, policy)
            call, user = ToolCall(one.tool, dict(one.args)), user_of(one)
            explanation = explain(contest.engine.program, contest.engine.decide(call, user), call=call, user=user)
            assert [role.role for role in explanation.roles] == [
                name for name in roles_that_count(contest.document, one.roles) if name
            ]
            for role in explanation.roles:
                wanted = truths(contest.document, role.role, one)
                assert [(check.text, check.truth) for check in role.checks[: len(wanted)]] == wanted
                told += len(wanted)
    assert told > 2000


def truths(policy: Document, role: str, one: Question) -> list[tuple[str, str]]:
    """The constraints of the rule that a role has for the tool, and what the reference makes of each."""
    bodies = lineage(policy, policy.roles[role])
    rule, _ = rule_for(bodies, one.tool)
    facts = facts_for(policy, bodies, role, one)
    words = {True: "true", False: "false", None: "unknown"}
    return [(each.text, words[truth(each.expression, facts)]) for each in rule.constraints] if rule else []


class Generous:
    """An engine that allows everything."""

    digest = ""

    def decide(self, call: ToolCall, user: User | None) -> Decision:
        return Decision(Outcome.ALLOW, "allowed", call.tool, "agent", (), None, None, (), False, None, "", "generous")


def test_a_disagreement_is_noticed_and_made_small() -> None:
    engines = {"generous": lambda program: Generous()}
    with pytest.raises(AssertionError, match="native and generous disagree"):
        search("planted", CALLS_PER_POLICY, engines)
    choose = RandomChoices("planted/small")
    policy = document(choose)
    found = Contest(policy, engines).difference(question(choose, policy))
    assert found is not None
    small = reduced(found, "planted/small", engines)
    assert len(str(small.policy)) < len(str(policy))


@pytest.mark.fuzz
@pytest.mark.parametrize("shard", range(FUZZ_SHARDS))
def test_a_million_generated_decisions_are_the_same(shard: int) -> None:
    # A seed that no run had before, unless one is given; a failure names it.
    seed = os.environ.get("HEXGATE_FUZZ_SEED") or f"{time.time_ns():x}"
    judged = search(f"{seed}/{shard}", max(FUZZ_DECISIONS // FUZZ_SHARDS, FUZZ_CALLS), calls=FUZZ_CALLS)
    assert judged.decisions >= FUZZ_DECISIONS // FUZZ_SHARDS
