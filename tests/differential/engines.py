"""One policy and one question in, the native engine's decision and its module's out, and whether they are the same in every field.

A bulk run asks many, and makes the first disagreement small before it is shown.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass

from hexgate.core.call import ToolCall
from hexgate.core.decision import Decision
from hexgate.core.engine import NativeEngine
from hexgate.core.errors import PolicyError
from hexgate.core.policy import Policy
from hexgate.core.program import Engine, Program, compile_policy
from hexgate.core.wasm.assemble import assemble
from hexgate.core.wasm.engine import WasmEngine
from tests.differential.choices import RandomChoices
from tests.differential.contest import CALLS_PER_POLICY, Judged, user_of
from tests.differential.reference import Question
from tests.differential.shrinking import smallest
from tests.differential.strategies import PolicyDict, document, question

__all__ = ["EngineContest", "EnginesDiffer", "by_module", "engines_agree", "reduced"]

Make = Callable[[Program], Engine]


@dataclass(frozen=True)
class EnginesDiffer:
    """A question to which the two decisions are not the same."""

    policy: PolicyDict
    question: Question
    native: Decision
    module: Decision
    seed: str = ""

    def __str__(self) -> str:
        decisions = {"native": self.native.as_dict(), "module": self.module.as_dict()}
        parts = {"policy": self.policy, "question": asdict(self.question), **decisions}
        shown = "\n".join(f"{name}: {json.dumps(part, ensure_ascii=True, indent=1)}" for name, part in parts.items())
        return f"the native engine and the module disagree (seed {self.seed!r})\n{shown}"


def by_module(program: Program) -> Engine:
    """The engine by the module of a program."""
    return WasmEngine(assemble(program), program=program)


class EngineContest:
    """Both engines of one policy."""

    def __init__(self, policy: PolicyDict, make: Make) -> None:
        self.policy = policy
        program = compile_policy(Policy.model_validate(policy))
        self.native = NativeEngine(program)
        self.module = make(program)

    def decisions(self, asked: Question) -> tuple[Decision, Decision]:
        """What the two say. Only in the name of the engine may they differ."""
        call, user = ToolCall(asked.tool, dict(asked.args)), user_of(asked)
        return self.native.decide(call, user), self.module.decide(call, user)._replace(engine="native")

    def difference(self, asked: Question) -> EnginesDiffer | None:
        """What the two say, unless it is the same."""
        native, module = self.decisions(asked)
        return None if native == module else EnginesDiffer(self.policy, asked, native, module)


def engines_agree(seed: str, decisions: int, make: Make = by_module) -> Judged:
    """Asks that many generated questions; raises on the first disagreement, made small."""
    seen: dict[str, int] = {}
    for number in range(-(-decisions // CALLS_PER_POLICY)):
        choose = RandomChoices(f"{seed}/{number}")
        policy = document(choose)
        contest = EngineContest(policy, make)
        for _ in range(CALLS_PER_POLICY):
            asked = question(choose, policy)
            native, module = contest.decisions(asked)
            if native != module:
                raise AssertionError(str(reduced(policy, asked, f"{seed}/{number}", make)))
            seen[native.code] = seen.get(native.code, 0) + 1
    return Judged(sum(seen.values()), seen)


def reduced(policy: PolicyDict, asked: Question, seed: str, make: Make) -> EnginesDiffer | None:
    """The smallest policy and question that can be found from here on which the two still disagree."""

    def still(policy: PolicyDict, asked: Question) -> EnginesDiffer | None:
        try:
            return EngineContest(policy, make).difference(asked)
        except (PolicyError, ValueError, TypeError, AttributeError):
            return None

    policy, asked = smallest(policy, asked, lambda policy, asked: still(policy, asked) is not None)
    found = still(policy, asked)
    return None if found is None else EnginesDiffer(policy, asked, found.native, found.module, seed)
