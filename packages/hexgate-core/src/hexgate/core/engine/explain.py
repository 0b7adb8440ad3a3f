"""The same walk as a decision, in the open: which rule each role found and why, what every constraint read and what it made of it.

Nothing here is prepared in advance, and nothing here decides: the decision in an explanation is that of the engine that was asked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any
from typing import Literal as OneOf

from hexgate.core.call import ToolCall
from hexgate.core.decision import Decision
from hexgate.core.engine.conditions import prepare
from hexgate.core.engine.values import MISSING, operand_getter, path_getter
from hexgate.core.expr import syntax
from hexgate.core.expr.normal import All, AnyOf, Condition, Each, Holds, opposite
from hexgate.core.expr.printer import show, show_operand
from hexgate.core.identity import User
from hexgate.core.program import CompiledRule, Program, RoleIndex
from hexgate.core.program.work import WorkExceededError

__all__ = ["Explanation", "RoleExplanation", "Step", "explain"]

# How many elements of a list are shown, and of a list in a list, and so on: loops in loops would multiply them.
MOST_ELEMENTS = (10, 3, 1)
LONGEST_VALUE = 80
# Denials that no rule gave: there is no way to show.
UNDECIDED = frozenset(("call_refused", "user_expired", "tool_not_delegated", "work_exceeded", "engine_fault"))
Truth = OneOf["true", "false", "unknown"]


@dataclass(frozen=True, slots=True)
class Step:
    """A constraint or a part of one: its text, what it came to, the values that it read, its own parts."""

    text: str
    truth: Truth
    values: tuple[tuple[str, str], ...] = ()
    parts: tuple[Step, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The step as JSON knows it."""
        return {
            "text": self.text,
            "truth": self.truth,
            "values": dict(self.values),
            "parts": [part.as_dict() for part in self.parts],
        }


@dataclass(frozen=True, slots=True)
class RoleExplanation:
    """What one role said: the rule that it found, how, and its constraints."""

    role: str
    asked_as: tuple[str, ...]
    found_by: str
    rule: CompiledRule
    checks: tuple[Step, ...]

    def as_dict(self) -> dict[str, Any]:
        """The role's part as JSON knows it."""
        return {
            "role": self.role,
            "asked_as": list(self.asked_as),
            "found_by": self.found_by,
            "tool": self.rule.tool,
            "mode": self.rule.mode,
            "document": self.rule.document,
            "line": self.rule.line,
            "checks": [check.as_dict() for check in self.checks],
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision and the way to it."""

    decision: Decision
    roles: tuple[RoleExplanation, ...]

    def as_dict(self) -> dict[str, Any]:
        """The explanation as JSON knows it."""
        return {"decision": self.decision.as_dict(), "roles": [role.as_dict() for role in self.roles]}


def explain(program: Program, decision: Decision, *, call: ToolCall, user: User) -> Explanation:
    """The decision that an engine gave by this program and the way to it; a call that no rule saw has no way to show."""
    if decision.code in UNDECIDED:
        return Explanation(decision, ())
    asked: dict[str, tuple[str, ...]] = {}
    for name in user.roles or ("default",):
        index = program.role(name)
        if index is not None:
            asked[index.name] = (*asked.get(index.name, ()), name)
    return Explanation(
        decision, tuple(role_part(program.roles[role], names, call, user) for role, names in asked.items())
    )


def role_part(index: RoleIndex, names: tuple[str, ...], call: ToolCall, user: User) -> RoleExplanation:
    """One role's part."""
    rule = index.find(call.tool)
    question = Question(call, user, index.name)
    steps = []
    for check in rule.checks:
        step = question.step(check.condition, None)
        steps.append(Step(check.text, step.truth, step.values, step.parts))
    return RoleExplanation(index.name, names, found_by(rule, call.tool), rule, tuple(steps))


def found_by(rule: CompiledRule, tool: str) -> str:
    """How the rule was found, in words."""
    if not rule.listed:
        return (
            "no rule names the tool, so `default_policy` holds"
            if rule.tool
            else "no rule names the tool and there is no `default_policy`, so it is denied"
        )
    return "the rule has the tool's name" if rule.tool == tool else f"`{rule.tool}` is the longest prefix that fits"


@dataclass(frozen=True, slots=True)
class Question:
    """What conditions are asked about."""

    call: ToolCall
    user: User
    role: str

    def step(self, condition: Condition, item: Any, loops: int = 0) -> Step:
        """A condition inside of so many loops, with what it came to and why."""
        truth = self.truth(condition, item)
        match condition:
            case Holds(leaf, wanted):
                return Step(f"{'' if wanted else 'not '}{leaf_text(leaf)}", truth, tuple(self.values(leaf, item)))
            case All(items) | AnyOf(items):
                text = "all of" if isinstance(condition, All) else "at least one of"
                return Step(text, truth, (), tuple(self.step(part, item, loops) for part in items))
            case _:
                return self.loop_step(condition, truth, item, loops)

    def loop_step(self, each: Each, truth: Truth, item: Any, loops: int) -> Step:
        """A quantifier, with as many of its elements as a person will read."""
        elements = path_getter(each.path)(self.call, self.user, self.role, item)
        most = MOST_ELEMENTS[min(loops, len(MOST_ELEMENTS) - 1)]
        shown = elements[:most] if type(elements) is list else []
        text = f"{each.kind} element of {show_operand(each.path)}"
        return Step(
            text,
            truth,
            ((show_operand(each.path), shown_value(elements)),),
            tuple(self.step(each.body, element, loops + 1) for element in shown),
        )

    def truth(self, condition: Condition, item: Any) -> Truth:
        """True, false, or neither known, as also where finding out would take more work than a decision may."""
        question = (self.call, self.user, self.role, item)
        try:
            if prepare(condition)(*question):
                return "true"
            return "false" if prepare(opposite(condition))(*question) else "unknown"
        except WorkExceededError:
            return "unknown"

    def values(self, leaf: syntax.Leaf, item: Any) -> Iterator[tuple[str, str]]:
        """What the leaf read from the question."""
        for field in fields(leaf):
            operand = getattr(leaf, field.name)
            if isinstance(operand, syntax.Path | syntax.Count | syntax.Lower):
                value = operand_getter(operand)(self.call, self.user, self.role, item)
                yield show_operand(operand), shown_value(value)


def leaf_text(leaf: syntax.Leaf) -> str:
    """The leaf in the words of the language."""
    if isinstance(leaf, syntax.InScope):
        name = show_operand(leaf.path)
        allowed = "any clean path" if leaf.allowed is None else ", ".join(leaf.allowed)
        return f"{name} is within: {allowed}" + (f"; but not: {', '.join(leaf.denied)}" if leaf.denied else "")
    return show(leaf)


def shown_value(value: Any) -> str:
    """A value as JSON, cut where it grows long."""
    if value is MISSING:
        return "missing"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"
