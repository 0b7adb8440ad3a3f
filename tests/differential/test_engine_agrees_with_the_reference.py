"""Law 1: the native engine answers every generated question as the reference does, to the last violation."""

from __future__ import annotations

import os
import time

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.differential.contest import CALLS_PER_POLICY, Contest, reduced, search
from tests.differential.reference import Question
from tests.differential.strategies import PolicyDict, contests

SHARDS = 4
DECISIONS = 20_000
FUZZ_SHARDS = 20
FUZZ_DECISIONS = int(os.environ.get("HEXGATE_FUZZ_DECISIONS", "1000000"))
CODES = {"allowed", "constraint_failed", "tool_denied", "default_denied", "approval_required", "no_role"}


@pytest.mark.parametrize("shard", range(SHARDS))
def test_twenty_thousand_generated_decisions_are_the_same(shard: int) -> None:
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
    for question in asked:
        difference = contest.difference(question)
        assert difference is None, str(reduced(difference, "hypothesis"))


@pytest.mark.fuzz
@pytest.mark.parametrize("shard", range(FUZZ_SHARDS))
def test_a_million_generated_decisions_are_the_same(shard: int) -> None:
    # A seed that no run had before, unless one is given; a failure names it.
    seed = os.environ.get("HEXGATE_FUZZ_SEED") or f"{time.time_ns():x}"
    judged = search(f"{seed}/{shard}", max(FUZZ_DECISIONS // FUZZ_SHARDS, CALLS_PER_POLICY))
    assert judged.decisions >= FUZZ_DECISIONS // FUZZ_SHARDS
