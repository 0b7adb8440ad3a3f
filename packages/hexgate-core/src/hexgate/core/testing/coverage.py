"""Results in, coverage out: which rules no case has reached, and which constraints no case has seen true, or seen false.

Unknown is neither: a constraint whose facts were missing was not seen. A rule that several roles inherit is one rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import floor
from typing import Any

from hexgate.core.call import ToolCall
from hexgate.core.engine.conditions import prepare
from hexgate.core.expr.normal import Condition, opposite
from hexgate.core.identity import User
from hexgate.core.policy import Policy
from hexgate.core.policy.document import Rule
from hexgate.core.policy.roles import FlatRole, flatten
from hexgate.core.program import CompiledRule, Program, compile_policy
from hexgate.core.program.work import WorkExceededError
from hexgate.core.testing.run import Results, SuiteResult
from hexgate.core.testing.suite import Case
from hexgate.core.text import Span

__all__ = ["ConstraintCoverage", "Coverage", "PolicyCoverage", "RuleCoverage", "coverage_of"]


@dataclass(slots=True)
class ConstraintCoverage:
    """One constraint of a rule, and what it was seen to be."""

    text: str
    place: str | None
    seen_true: bool = False
    seen_false: bool = False

    def as_dict(self) -> dict[str, Any]:
        """The constraint as JSON knows it."""
        return {"text": self.text, "place": self.place, "seen_true": self.seen_true, "seen_false": self.seen_false}


@dataclass(slots=True)
class RuleCoverage:
    """One rule as it was written, whichever roles have it."""

    roles: list[str]
    tool: str
    place: str | None
    constraints: tuple[ConstraintCoverage, ...]
    reached: bool = False

    @property
    def full(self) -> bool:
        """The rule was reached and each of its constraints seen both true and false."""
        return self.reached and all(item.seen_true and item.seen_false for item in self.constraints)

    def as_dict(self) -> dict[str, Any]:
        """The rule as JSON knows it."""
        constraints = [item.as_dict() for item in self.constraints]
        return {
            "roles": self.roles,
            "tool": self.tool,
            "place": self.place,
            "reached": self.reached,
            "constraints": constraints,
        }


@dataclass(slots=True)
class PolicyCoverage:
    """One policy."""

    name: str
    rules: tuple[RuleCoverage, ...]

    def as_dict(self) -> dict[str, Any]:
        """The policy as JSON knows it."""
        return {"policy": self.name, "rules": [rule.as_dict() for rule in self.rules]}


@dataclass(slots=True)
class Coverage:
    """All policies, and the numbers over them."""

    policies: tuple[PolicyCoverage, ...] = ()
    rules: int = 0
    reached: int = 0
    constraints: int = 0
    seen_true: int = 0
    seen_false: int = 0

    @property
    def percent(self) -> float:
        """What was seen of all that there is to see, in percent; 100 only when nothing is missing."""
        return share(self.reached + self.seen_true + self.seen_false, self.rules + 2 * self.constraints)

    def as_dict(self) -> dict[str, Any]:
        """The coverage as JSON knows it."""
        return {
            "percent": self.percent,
            "rules": {"total": self.rules, "reached": self.reached, "percent": share(self.reached, self.rules)},
            "constraints": {
                "total": self.constraints,
                "seen_true": self.seen_true,
                "seen_false": self.seen_false,
                "percent_true": share(self.seen_true, self.constraints),
                "percent_false": share(self.seen_false, self.constraints),
            },
            "policies": [policy.as_dict() for policy in self.policies],
        }


def share(part: int, whole: int) -> float:
    """Percent with one digit, rounded down, so that what is missing never rounds away."""
    return floor(1000 * part / whole) / 10 if whole else 100.0


def coverage_of(results: Results) -> Coverage:
    """What the cases of these results have seen of their policies."""
    trackers: dict[int, Tracker] = {}
    for suite in results.suites:
        if suite.policy is not None:
            if id(suite.policy) not in trackers:
                trackers[id(suite.policy)] = Tracker(suite.policy, name_of(suite, suite.policy))
            tracker = trackers[id(suite.policy)]
            for case in [result.case for result in suite.cases if result.case is not None]:
                tracker.see(case)
    policies = tuple(tracker.coverage for tracker in trackers.values())
    rules = [rule for policy in policies for rule in policy.rules]
    constraints = [item for rule in rules for item in rule.constraints]
    return Coverage(
        policies,
        len(rules),
        sum(rule.reached for rule in rules),
        len(constraints),
        sum(item.seen_true for item in constraints),
        sum(item.seen_false for item in constraints),
    )


def name_of(suite: SuiteResult, policy: Policy) -> str:
    """The policy of a suite, as people know it: its file, or the suite that it stands in."""
    names = {role.span.source.name for role in policy.roles.values() if role.span}
    written_inside = not names or any(name.startswith("<") for name in names)
    return f"{suite.file}: {suite.name}" if written_inside else ", ".join(sorted(names))


class Tracker:
    """Watches the rules of one policy."""

    def __init__(self, policy: Policy, name: str) -> None:
        self.program: Program = compile_policy(policy)
        # By role and rule: the coverage, which roles that inherit the same rule share.
        self.rules: dict[tuple[str, str, bool], RuleCoverage] = {}
        shared: dict[int, RuleCoverage] = {}
        written: list[tuple[Rule, RuleCoverage]] = []
        for role, rule, compiled in written_rules(flatten(policy).values(), self.program):
            fresh = RuleCoverage([], compiled.tool, place_of(rule.span), constraints_of(rule, compiled))
            found = shared.setdefault(id(rule), fresh)
            if found is fresh:
                written.append((rule, found))
            found.roles.append(role)
            self.rules[role, compiled.tool, compiled.listed] = found
        self.coverage = PolicyCoverage(name, tuple(found for _, found in sorted(written, key=in_order_of_the_text)))

    def see(self, case: Case) -> None:
        """Takes note of what one case reaches."""
        call = ToolCall(case.tool, case.arguments)
        if call.refusal is not None:
            return
        asked = [self.program.role(name) for name in case.user.roles or ("default",)]
        for role in {role.name: role for role in asked if role is not None}.values():
            rule = role.find(call.tool)
            found = self.rules.get((role.name, rule.tool, rule.listed))
            if found is not None:
                reach(found, rule, call, case.user, role.name)


def in_order_of_the_text(written: tuple[Rule, RuleCoverage]) -> tuple[str, int, int]:
    """Where a rule stands among the others; those of a policy without a text stay as they are."""
    span = written[0].span
    return (span.source.name, span.line, span.column) if span else ("", 0, 0)


def written_rules(roles: Iterable[FlatRole], program: Program) -> Iterator[tuple[str, Rule, CompiledRule]]:
    """Every rule that somebody wrote, by the roles that have it."""
    for role in roles:
        index = program.roles[role.name]
        for tool, rule in role.tools.items():
            yield role.name, rule, index.prefixes[tool[:-1]] if tool.endswith("*") else index.exact[tool]
        if role.default_policy is not None:
            yield role.name, role.default_policy, index.rest


def constraints_of(rule: Rule, compiled: CompiledRule) -> tuple[ConstraintCoverage, ...]:
    """The constraints of a rule, not yet seen; a file scope counts as one and stands where its rule does."""
    spans = [*(constraint.span for constraint in rule.constraints), rule.span]
    return tuple(
        ConstraintCoverage(check.text, place_of(span)) for check, span in zip(compiled.checks, spans, strict=False)
    )


def place_of(span: Span | None) -> str | None:
    """A place as editors understand it."""
    return f"{span.source.name}:{span.line}" if span else None


def reach(found: RuleCoverage, rule: CompiledRule, call: ToolCall, user: User, role: str) -> None:
    """A rule is asked: what each of its constraints is known to be."""
    found.reached = True
    for item, check in zip(found.constraints, rule.checks, strict=True):
        item.seen_true = item.seen_true or holds(check.condition, call, user, role)
        item.seen_false = item.seen_false or holds(opposite(check.condition), call, user, role)


def holds(condition: Condition, call: ToolCall, user: User, role: str) -> bool:
    """Whether the condition holds; not when it asks for more work than a decision may be."""
    try:
        return prepare(condition)(call, user, role, None)
    except WorkExceededError:
        return False
