"""Rules that inheritance replaces by wider ones: a whole rule replaces a whole rule, so what it demanded is gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hexgate.core.expr import syntax
from hexgate.core.expr.normal import Condition, Holds, normalise
from hexgate.core.expr.syntax import Path
from hexgate.core.policy.document import Role, Rule
from hexgate.core.policy.lint.demands import implies
from hexgate.core.policy.lint.findings import Remark
from hexgate.core.policy.lint.survey import DEFAULT, Survey, short
from hexgate.core.policy.roles import FlatRole

__all__ = ["widened_rule"]

RANKS = {"deny": 0, "approval_required": 1, "allow": 2}
ANSWERS = {"approval_required": "asks for approval", "allow": "allows"}


@dataclass(frozen=True, slots=True)
class Replacement:
    """One rule that takes the place of another when a role is put together."""

    old: Rule
    new: Rule
    tool: str
    listed: bool


def widened_rule(survey: Survey) -> Iterator[Remark]:
    """A rule that replaces an inherited one and lets more through."""
    seen: set[tuple[int, int]] = set()
    for role in survey.document.roles.values():
        for step in replacements(survey, role):
            key = (id(step.old), id(step.new))
            if key not in seen:
                seen.add(key)
                yield from compared(survey, step, survey.flat[role.name])


def replacements(survey: Survey, role: Role) -> Iterator[Replacement]:
    """What replaces what while a role takes over its parents, from left to right, and then its own rules."""
    tools: dict[str, Rule] = {}
    rest: Rule | None = None
    own = FlatRole(role.name, role.default_policy, role.tools, {}, None)
    for layer in [*(survey.flat[parent] for parent in role.inherits), own]:
        # Nothing is replaced by what comes first, which is the whole of many a role.
        for tool, rule in layer.tools.items() if tools else ():
            old = tools.get(tool, rule)
            if old is not rule:
                yield Replacement(old, rule, tool, True)
        tools.update(layer.tools)
        if rest and layer.default_policy and rest is not layer.default_policy:
            yield Replacement(rest, layer.default_policy, DEFAULT, False)
        rest = layer.default_policy or rest


def compared(survey: Survey, step: Replacement, role: FlatRole) -> Iterator[Remark]:
    """What the new rule lets through that the old one did not."""
    old, new = survey.by_rule[id(step.old)].owner.name, survey.by_rule[id(step.new)]
    if step.listed:
        what = f"`{new.owner.name}` replaces the rule of `{old}` for `{step.tool}`"
    else:
        what = f"`{new.owner.name}` replaces the `{DEFAULT}` of `{old}`"
    help = "a whole rule replaces a whole rule: repeat what should still hold"
    place = (step.new.span, new.path)
    if RANKS[step.new.mode] > RANKS[step.old.mode]:
        before = "denied" if step.old.mode == "deny" else "asked for approval"
        message = f"{what}: that one {before}, this one {ANSWERS[step.new.mode]}"
        final = step.old.mode == "deny" and step.listed
        yield Remark(message, help, *place, "warning" if final else "note")
    elif step.new.mode == step.old.mode != "deny":
        dropped = dropped_by(step)
        if dropped:
            yield Remark(f"{what} and does not demand {dropped}", help, *place, "warning")
        elif is_weaker(step, role):
            yield Remark(f"{what} and demands less", help, *place, "note")


def dropped_by(step: Replacement) -> str | None:
    """What the old rule demanded, when the new one demands the same but for that."""
    before = {constraint.text: None for constraint in step.old.constraints}
    after = {constraint.text for constraint in step.new.constraints}
    missing = [f"`{short(text)}`" for text in before if text not in after]
    kept_scope = step.new.file_scope in (step.old.file_scope, None)
    if step.old.file_scope and not step.new.file_scope:
        missing.append("its `file_scope`")
    if not missing or not kept_scope or not after <= set(before):
        return None
    return " and ".join(missing[:3]) + (" and more" if len(missing) > 3 else "")


def is_weaker(step: Replacement, role: FlatRole) -> bool:
    """Whether all that the new rule demands follows from the old one, but not the other way round."""
    old, new = conditions(step.old, role), conditions(step.new, role)
    if old is None or new is None:
        return False
    return covers(old, new) and not covers(new, old)


def covers(conditions: list[Condition], others: list[Condition]) -> bool:
    """Whether whoever meets the conditions meets the others."""
    return all(any(implies(each, other) for each in conditions) for other in others)


def conditions(rule: Rule, role: FlatRole) -> list[Condition] | None:
    """What a rule demands, with the constants of a role; None when the role is a mixin that leaves some of them to its heirs."""
    try:
        demanded = [normalise(constraint.expression, role.consts) for constraint in rule.constraints]
    except KeyError:
        return None
    scope = rule.file_scope
    if scope is not None:
        leaf = syntax.InScope(Path("args", (scope.argument or "",)), scope.allowed_paths, scope.denied_paths)
        demanded.append(Holds(leaf, True))
    return demanded
