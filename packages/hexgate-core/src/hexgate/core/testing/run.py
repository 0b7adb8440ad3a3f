"""Suites in, results out: each case with the decision that was made and every key in which it differs from what was wanted.

A case never raises. A policy that cannot be loaded is an error of its suite, told once: none of its cases is run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

from hexgate.core.call import ToolCall
from hexgate.core.decision import Decision
from hexgate.core.errors import MOST_MISTAKES, Mistake, PolicyError
from hexgate.core.hexgate import Hexgate
from hexgate.core.policy import Policy
from hexgate.core.testing.slips import slips
from hexgate.core.testing.suite import Case, Origin, Suite, SuiteFile, WantedMistake

__all__ = ["CaseResult", "Difference", "Results", "SuiteResult", "answered", "run_suites"]

REFUSED = "the policy is refused"


@dataclass(frozen=True, slots=True)
class Difference:
    """A key in which an answer is not what was wanted."""

    key: str
    wanted: Any
    got: Any


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What came of a case. `place` is where it stands; no decision where no call was decided about; `strict` fails on warnings."""

    name: str
    place: str | None
    decision: Decision | None
    differences: tuple[Difference, ...]
    seconds: float = 0.0
    case: Case | None = None
    warnings: tuple[str, ...] = ()
    strict: bool = False

    @property
    def passed(self) -> bool:
        """Nothing differs."""
        return not self.differences and not (self.strict and self.warnings)

    @property
    def rule_text(self) -> str | None:
        """The rule that decided and where it stands, in words."""
        rule = self.decision.rule if self.decision is not None else None
        if rule is None:
            return None
        return f"the rule is `{rule.tool}` at {rule.place}" if rule.place else f"the rule is `{rule.tool}`"

    @property
    def violations(self) -> tuple[str, ...]:
        """The violations that a failed case got, unless they are among what differs."""
        told = self.passed or any(item.key == "violations" for item in self.differences)
        return () if told or self.decision is None else self.decision.violations

    def as_dict(self) -> dict[str, Any]:
        """The result as JSON knows it."""
        return {
            "name": self.name,
            "place": self.place,
            "passed": self.passed,
            "differences": [{"key": item.key, "wanted": item.wanted, "got": item.got} for item in self.differences],
            "warnings": list(self.warnings),
            "decision": None if self.decision is None else self.decision.as_dict(),
        }


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """What came of a suite: its cases, and the policy under which they were run or the mistakes for which they were not."""

    file: str
    name: str
    cases: tuple[CaseResult, ...]
    policy: Policy | None = None
    mistakes: tuple[Mistake, ...] = ()
    not_run: int = 0

    def as_dict(self) -> dict[str, Any]:
        """The result as JSON knows it."""
        mistakes = [mistake.as_dict() for mistake in self.mistakes[:MOST_MISTAKES]]
        return {
            "file": self.file,
            "name": self.name,
            "mistakes": mistakes,
            "mistake_count": len(self.mistakes),
            "not_run": self.not_run,
            "cases": [case.as_dict() for case in self.cases],
        }


@dataclass(frozen=True, slots=True)
class Results:
    """What came of all suites."""

    suites: tuple[SuiteResult, ...]

    @property
    def total(self) -> int:
        """How many cases were run."""
        return sum(len(suite.cases) for suite in self.suites)

    @property
    def failures(self) -> tuple[tuple[SuiteResult, CaseResult], ...]:
        """The cases that differ from what was wanted."""
        return tuple((suite, case) for suite in self.suites for case in suite.cases if not case.passed)

    @property
    def errors(self) -> tuple[SuiteResult, ...]:
        """The suites that were not run, as their policy has mistakes."""
        return tuple(suite for suite in self.suites if suite.mistakes)

    @property
    def warnings(self) -> tuple[tuple[SuiteResult, CaseResult], ...]:
        """The cases that may have mistyped something."""
        return tuple((suite, case) for suite in self.suites for case in suite.cases if case.warnings)

    def as_dict(self) -> dict[str, Any]:
        """The results as JSON knows them."""
        failed = len(self.failures)
        counts = {"suites": len(self.suites), "cases": self.total, "passed": self.total - failed, "failed": failed}
        more = {"errors": len(self.errors), "warnings": sum(len(case.warnings) for _, case in self.warnings)}
        return {**counts, **more, "results": [suite.as_dict() for suite in self.suites]}


def run_suites(
    files: Iterable[SuiteFile],
    *,
    policy: Policy | None = None,
    only: str = "",
    strict: bool = False,
    tick: Callable[[], None] = lambda: None,
) -> Results:
    """Runs suites. `policy` stands in for their own, `only` is a text that a case's names hold, `tick` is called after each.

    A case that may have mistyped a name has warnings; with `strict` they fail it.
    """
    runner = Runner(policy, only.casefold(), tick, strict=strict)
    results = [runner.suite(file.name, suite) for file in files for suite in file.suites]
    return Results(tuple(result for result in results if result.cases or result.mistakes))


class Runner:
    """Runs suites one by one and loads each policy once."""

    def __init__(self, policy: Policy | None, only: str, tick: Callable[[], None], *, strict: bool) -> None:
        self.strict = strict
        self.instead = None if policy is None else (policy, Hexgate.from_policy(policy))
        self.only = only
        self.tick = tick
        self.loaded: dict[Origin, tuple[Policy, Hexgate] | PolicyError] = {}

    def suite(self, file: str, suite: Suite) -> SuiteResult:
        """One suite; without cases when none of them is meant."""
        if suite.mistakes is not None:
            return SuiteResult(file, suite.name, self.refusal(file, suite, suite.mistakes))
        cases = [case for case in suite.cases if self.meant(file, suite.name, case.name)]
        if not cases:
            return SuiteResult(file, suite.name, ())
        loaded = self.instead or self.load(suite.origin)
        if isinstance(loaded, PolicyError):
            for _ in cases:
                self.tick()
            return SuiteResult(file, suite.name, (), None, loaded.mistakes, len(cases))
        policy, hexgate = loaded
        return SuiteResult(file, suite.name, tuple(self.case(hexgate, case) for case in cases), policy)

    def meant(self, *names: str) -> bool:
        """Whether the filter holds for something of these names."""
        return self.only in "/".join(names).casefold()

    def load(self, origin: Origin) -> tuple[Policy, Hexgate] | PolicyError:
        """The policy of an origin and what decides by it, or why it cannot be loaded."""
        if origin not in self.loaded:
            try:
                policy = origin.load()
                self.loaded[origin] = policy, Hexgate.from_policy(policy)
            except PolicyError as error:
                self.loaded[origin] = PolicyError(map(in_a_suite, error.mistakes))
        return self.loaded[origin]

    def case(self, hexgate: Hexgate, case: Case) -> CaseResult:
        """One call, decided and compared."""
        started = perf_counter()
        decision = hexgate.decide(ToolCall(case.tool, case.arguments, hexgate.agent), user=case.user)
        got = answered(decision)
        differences = tuple(
            Difference(key, wanted, got[key]) for key, wanted in case.wanted.items() if not same(wanted, got[key])
        )
        self.tick()
        seconds, warnings = perf_counter() - started, tuple(slips(hexgate.program, case))
        return CaseResult(case.name, place_of(case), decision, differences, seconds, case, warnings, self.strict)

    def refusal(self, file: str, suite: Suite, wanted: Sequence[WantedMistake]) -> tuple[CaseResult, ...]:
        """The one case of a suite of mistakes: that the policy has these, in this order, and no others."""
        if not self.meant(file, suite.name, REFUSED):
            return ()
        loaded = self.load(suite.origin)
        found = loaded.mistakes[: len(wanted) + MOST_MISTAKES] if isinstance(loaded, PolicyError) else ()
        missing = max(0, len(wanted) - len(found))
        got = [found_as(mistake, want) for mistake, want in zip(found, [*wanted, *[None] * len(found)], strict=False)]
        told = [written(want) for want in wanted]
        differences = () if got == told and not missing else (Difference("mistakes", told, got),)
        self.tick()
        return (CaseResult(REFUSED, str(suite.span) if suite.span else None, None, differences),)


def in_a_suite(mistake: Mistake) -> Mistake:
    """A mistake of loading, in words that fit a file of suites."""
    help = "check the path that `policy:` names and the permissions"
    return replace(mistake, help=help) if mistake.code == "HX110" else mistake


def place_of(case: Case) -> str | None:
    """Where a case stands."""
    return str(case.span) if case.span else None


def answered(decision: Decision) -> dict[str, Any]:
    """The keys of an answer that can be compared."""
    return {
        "outcome": str(decision.outcome),
        "code": decision.code,
        "violations": list(decision.violations),
        "deciding_role": decision.deciding_role,
        "monitor": decision.monitor,
        "approvers": dict(decision.approvers) if decision.approvers else None,
        "line": decision.rule.line if decision.rule else None,
    }


def same(wanted: Any, got: Any) -> bool:
    """Equality that does not take true for 1."""
    return type(wanted) is type(got) and bool(wanted == got)


def written(want: WantedMistake) -> dict[str, Any]:
    """A wanted mistake with what was written of it."""
    keys = {"code": want.code, "line": want.line, "column": want.column, "suggest": want.suggest}
    return {key: value for key, value in keys.items() if value is not None}


def found_as(mistake: Mistake, want: WantedMistake | None) -> dict[str, Any]:
    """A mistake that was found, with the keys of the one that was wanted in its place."""
    span = mistake.span
    place = {"code": mistake.code, "line": span.line if span else None, "column": span.column if span else None}
    if want is None:
        return place
    help = mistake.help or ""
    suggested = {"suggest": want.suggest if f"`{want.suggest}`" in help else help}
    return {key: {**place, **suggested}[key] for key in written(want)}
