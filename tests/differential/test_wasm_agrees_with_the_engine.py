"""Law 1: a policy's module decides every generated question as the native engine does, in every field but the engine's name."""

from __future__ import annotations

import os
import time

import pytest

from hexgate.core import Decision, Outcome, ToolCall, User
from tests.differential.choices import RandomChoices
from tests.differential.contest import CALLS_PER_POLICY
from tests.differential.engines import engines_agree, reduced
from tests.differential.strategies import document, question

SHARDS = 4
DECISIONS = 20_000
FEWEST_POLICIES = 500
FUZZ_SHARDS = 20
FUZZ_DECISIONS = int(os.environ.get("HEXGATE_FUZZ_DECISIONS", "1000000"))
CODES = {"allowed", "constraint_failed", "tool_denied", "default_denied", "approval_required", "no_role"}


@pytest.mark.parametrize("shard", range(SHARDS))
def test_twenty_thousand_generated_decisions_over_five_hundred_policies_are_the_same(shard: int) -> None:
    assert DECISIONS // CALLS_PER_POLICY >= FEWEST_POLICIES
    judged = engines_agree(f"modules/{shard}", DECISIONS // SHARDS)
    assert judged.decisions == DECISIONS // SHARDS
    assert set(judged.seen) == CODES
    assert min(judged.seen.values()) > judged.decisions // 200, f"some answers are hardly ever provoked: {judged.seen}"


class Generous:
    """An engine that allows everything."""

    digest = ""

    def decide(self, call: ToolCall, user: User | None) -> Decision:
        return Decision(Outcome.ALLOW, "allowed", call.tool, "agent", (), None, None, (), False, None, "", "wasm")


def test_a_disagreement_is_noticed_and_made_small() -> None:
    with pytest.raises(AssertionError, match="the native engine and the module disagree"):
        engines_agree("planted", CALLS_PER_POLICY, lambda program: Generous())
    choose = RandomChoices("planted/small")
    policy = document(choose)
    found = reduced(policy, question(choose, policy), "planted/small", lambda program: Generous())
    assert found is not None
    assert len(str(found.policy)) < len(str(policy))


@pytest.mark.fuzz
@pytest.mark.parametrize("shard", range(FUZZ_SHARDS))
def test_a_million_generated_decisions_are_the_same(shard: int) -> None:
    # A seed that no run had before, unless one is given; a failure names it.
    seed = os.environ.get("HEXGATE_FUZZ_SEED") or f"{time.time_ns():x}"
    judged = engines_agree(f"{seed}/modules/{shard}", max(FUZZ_DECISIONS // FUZZ_SHARDS, CALLS_PER_POLICY))
    assert judged.decisions >= FUZZ_DECISIONS // FUZZ_SHARDS
