"""One policy and one question in, what every reader of the policy says out, and whether it is the same.

The engines are compared in every field of their decisions but the engine's name; the reference, which knows no more, in every
field of its answer. A bulk run asks many questions, and makes the first disagreement small before it is shown.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from hexgate.core.call import ToolCall
from hexgate.core.decision import Decision
from hexgate.core.engine.native import NativeEngine
from hexgate.core.errors import PolicyError
from hexgate.core.identity.user import User
from hexgate.core.policy.policy import Policy
from hexgate.core.program import Engine, Program, compile_policy
from hexgate.core.wasm.assemble import assemble
from hexgate.core.wasm.engine import WasmEngine
from tests.differential.choices import RandomChoices
from tests.differential.opa import OpaEngine, OpaError
from tests.differential.reference import Answer, Question, answer
from tests.differential.shrinking import smallest
from tests.differential.strategies import PolicyDict, document, question

__all__ = [
    "CALLS_PER_POLICY",
    "ENGINES",
    "Contest",
    "Difference",
    "Engines",
    "Judged",
    "native_answer",
    "reduced",
    "search",
    "user_of",
]

CALLS_PER_POLICY = 40

Engines = Mapping[str, Callable[[Program], Engine]]
# What has to answer as the native engine does, by what it is made of.
ENGINES: Engines = {
    "module": lambda program: WasmEngine(assemble(program), program=program),
    "rego": OpaEngine,
}


@dataclass(frozen=True)
class Difference:
    """A question to which the answers are not all the same."""

    policy: PolicyDict
    question: Question
    answers: Mapping[str, Any]
    seed: str = ""

    def __str__(self) -> str:
        parts = {"policy": self.policy, "question": asdict(self.question), **self.answers}
        shown = "\n".join(f"{name}: {json.dumps(part, ensure_ascii=True, indent=1)}" for name, part in parts.items())
        return f"{' and '.join(self.answers)} disagree (seed {self.seed!r})\n{shown}"


class Contest:
    """All readers of one policy."""

    def __init__(self, policy: PolicyDict, engines: Engines = ENGINES) -> None:
        self.policy = policy
        self.document = Policy.model_validate(policy)
        program = compile_policy(self.document)
        self.engine = NativeEngine(program)
        self.others = {name: make(program) for name, make in engines.items()}

    def difference(self, asked: Question) -> Difference | None:
        """What the native engine and those who disagree with it say, None when nobody does."""
        decision, wanted = decided(self.engine, asked), answer(self.document, asked)
        said: dict[str, Any] = {} if answer_of(decision) == wanted else {"reference": asdict(wanted)}
        for name, engine in self.others.items():
            try:
                other = decided(engine, asked)._replace(engine="native")
            except OpaError as error:
                said[name] = str(error)
            else:
                said.update({} if other == decision else {name: other.as_dict()})
        return Difference(self.policy, asked, {"native": decision.as_dict(), **said}) if said else None


def user_of(asked: Question) -> User:
    """The caller of a question."""
    return User(asked.user_id, session_id=asked.session_id, roles=asked.roles, attributes=asked.ctx)


def decided(engine: Engine, asked: Question) -> Decision:
    """An engine's decision."""
    return engine.decide(ToolCall(asked.tool, dict(asked.args)), user_of(asked))


def native_answer(engine: Engine, asked: Question) -> Answer:
    """An engine's decision in the words of the reference."""
    return answer_of(decided(engine, asked))


def answer_of(decision: Decision) -> Answer:
    """A decision in the words of the reference."""
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


def search(seed: str, decisions: int, engines: Engines = ENGINES, *, calls: int = CALLS_PER_POLICY) -> Judged:
    """Asks that many generated questions, so many of each policy; raises on the first disagreement, made small."""
    seen: dict[str, int] = {}
    for number in range(-(-decisions // calls)):
        choose = RandomChoices(f"{seed}/{number}")
        policy = document(choose)
        contest = Contest(policy, engines)
        for _ in range(calls):
            one = question(choose, policy)
            found = contest.difference(one)
            if found is not None:
                raise AssertionError(str(reduced(found, f"{seed}/{number}", engines)))
            code = decided(contest.engine, one).code
            seen[code] = seen.get(code, 0) + 1
    return Judged(sum(seen.values()), seen)


def reduced(found: Difference, seed: str, engines: Engines = ENGINES) -> Difference:
    """The smallest policy and question that can be found from here on which somebody still disagrees."""

    def still(policy: Any, asked: Question) -> Difference | None:
        try:
            return Contest(policy, engines).difference(asked)
        except (PolicyError, ValueError, TypeError, AttributeError):
            return None

    policy, asked = smallest(found.policy, found.question, lambda policy, asked: still(policy, asked) is not None)
    last = still(policy, asked) or found
    return Difference(policy, asked, last.answers, seed)
