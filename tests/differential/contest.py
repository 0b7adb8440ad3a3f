"""One policy and one question in, the native engine's answer and the reference's out, and whether they are the same.

A bulk run asks many, and makes the first disagreement small before it is shown.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from hexgate.core.call import ToolCall
from hexgate.core.engine.native import NativeEngine
from hexgate.core.errors import PolicyError
from hexgate.core.identity.user import User
from hexgate.core.policy.policy import Policy
from hexgate.core.program import compile_policy
from tests.differential.choices import RandomChoices
from tests.differential.reference import Answer, Question, answer
from tests.differential.shrinking import smallest
from tests.differential.strategies import PolicyDict, document, question

__all__ = ["CALLS_PER_POLICY", "Contest", "Difference", "Judged", "native_answer", "reduced", "search", "user_of"]

CALLS_PER_POLICY = 40


@dataclass(frozen=True)
class Difference:
    """A question to which the two answers are not the same."""

    policy: PolicyDict
    question: Question
    native: Answer
    reference: Answer
    seed: str = ""

    def __str__(self) -> str:
        answers = {"native": asdict(self.native), "reference": asdict(self.reference)}
        parts = {"policy": self.policy, "question": asdict(self.question), **answers}
        shown = "\n".join(f"{name}: {json.dumps(part, ensure_ascii=True, indent=1)}" for name, part in parts.items())
        return f"native and reference disagree (seed {self.seed!r})\n{shown}"


class Contest:
    """Both readers of one policy."""

    def __init__(self, policy: PolicyDict) -> None:
        self.policy = policy
        self.document = Policy.model_validate(policy)
        self.engine = NativeEngine(compile_policy(self.document))

    def difference(self, asked: Question) -> Difference | None:
        """What the two say, unless it is the same."""
        native, reference = native_answer(self.engine, asked), answer(self.document, asked)
        return None if native == reference else Difference(self.policy, asked, native, reference)


def user_of(asked: Question) -> User:
    """The caller of a question."""
    return User(asked.user_id, session_id=asked.session_id, roles=asked.roles, attributes=asked.ctx)


def native_answer(engine: NativeEngine, asked: Question) -> Answer:
    """The engine's decision in the words of the reference."""
    decision = engine.decide(ToolCall(asked.tool, dict(asked.args)), user_of(asked))
    return Answer(
        outcome=str(decision.outcome),
        code=decision.code,
        violations=decision.violations,
        deciding_role=decision.deciding_role,
        monitor=decision.monitor,
        approvers=None if decision.approvers is None else dict(decision.approvers),
        explicit_deny=decision.code == "tool_denied",
        line=decision.rule.line if decision.rule else None,
    )


@dataclass(frozen=True)
class Judged:
    """What a bulk run saw: how many decisions there were, and the answers by outcome and code."""

    decisions: int
    seen: dict[str, int]


def search(seed: str, decisions: int) -> Judged:
    """Asks that many generated questions; raises on the first disagreement, made small."""
    seen: dict[str, int] = {}
    asked = 0
    for number in range(-(-decisions // CALLS_PER_POLICY)):
        choose = RandomChoices(f"{seed}/{number}")
        policy = document(choose)
        contest = Contest(policy)
        for _ in range(CALLS_PER_POLICY):
            one = question(choose, policy)
            found = contest.difference(one)
            if found is not None:
                raise AssertionError(str(reduced(found, f"{seed}/{number}")))
            asked += 1
            code = native_answer(contest.engine, one).code
            seen[code] = seen.get(code, 0) + 1
    return Judged(asked, seen)


def reduced(found: Difference, seed: str) -> Difference:
    """The smallest policy and question that can be found from here on which the two still disagree."""

    def still(policy: Any, asked: Question) -> Difference | None:
        try:
            return Contest(policy).difference(asked)
        except (PolicyError, ValueError, TypeError, AttributeError):
            return None

    policy, asked = smallest(found.policy, found.question, lambda policy, asked: still(policy, asked) is not None)
    last = still(policy, asked) or found
    return Difference(policy, asked, last.native, last.reference, seed)
