"""What roles and inheritance do to rules that cannot have been meant."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from hexgate.core.errors import MOST_MISTAKES
from hexgate.core.expr.syntax import Const, nodes_of
from hexgate.core.policy.document import Monitor, Rule
from hexgate.core.policy.lint.demands import impossible
from hexgate.core.policy.lint.findings import Remark
from hexgate.core.policy.lint.survey import DEFAULT, Placed, Survey, found
from hexgate.core.policy.roles import FlatRole
from hexgate.core.text import Span, suggestion
from hexgate.core.text.render import shown

__all__ = [
    "generous_default",
    "monitoring_has_ended",
    "unused_constant",
    "unused_mixin",
    "unused_rule",
    "unknown_approver",
    "useless_inheritance",
]


def unused_rule(survey: Survey) -> Iterator[Remark]:
    """A rule of a mixin that every role which inherits it replaces."""
    for placed in survey.rules:
        if not placed.roles and placed.owner.name in survey.inherited:
            yield Remark(
                f"no role uses {placed.name} of `{placed.owner.name}`: whoever inherits it replaces it",
                "delete it, or the rules that replace it: a whole rule replaces a whole rule, they are never joined",
                placed.rule.span,
                placed.path,
            )


def unused_mixin(survey: Survey) -> Iterator[Remark]:
    """A mixin that no selectable role inherits, near or far."""
    for role in survey.document.roles.values():
        if role.is_mixin and role.name not in survey.inherited:
            yield Remark(
                f"no selectable role inherits the mixin `{role.name}`, so nothing in it counts",
                "inherit it, delete it, or delete `is_mixin: true`",
                role.span,
                survey.path_of(role.name, "is_mixin"),
            )


def useless_inheritance(survey: Survey) -> Iterator[Remark]:
    """A parent of which nothing is left in the role that inherits it."""
    for role in survey.document.roles.values():
        for parent in role.inherits:
            if not leaves_something(survey, role.name, parent):
                yield Remark(
                    f"`{role.name}` inherits `{parent}`, and nothing of it is left: every rule is replaced",
                    "delete the parent from `inherits`, or the rules that replace its rules",
                    role.span,
                    survey.path_of(role.name, "inherits"),
                )


def leaves_something(survey: Survey, name: str, parent: str) -> bool:
    """Whether a role still holds a rule or a constant of a parent."""
    role, above = survey.flat[name], survey.flat[parent]
    if any(role.tools[tool] is rule for tool, rule in above.tools.items()):
        return True
    if role.default_policy is not None and role.default_policy is above.default_policy:
        return True
    own = survey.document.roles[name].consts
    family = (parent, *survey.ancestors[parent])
    return any(const not in own for member in family for const in survey.document.roles[member].consts)


def generous_default(survey: Survey) -> Iterator[Remark]:
    """`default`, which everyone without a role gets, allows what no named role may do."""
    default = survey.selectable.get("default")
    others = [role for name, role in survey.selectable.items() if name != "default"]
    if default is None or not others:
        return
    rest = [(DEFAULT, default.default_policy)] if default.default_policy else []
    for tool, rule in [*default.tools.items(), *rest]:
        placed = survey.by_rule[id(rule)]
        if rule.mode != "allow" or any(grants(other, placed) for other in others):
            continue
        if all(impossible(*view) for view in survey.views(placed)):
            continue
        what = f"`{tool}`" if placed.listed else "every tool that it does not list"
        yield Remark(
            f"`default` allows {what}, which no named role may use; callers without a role get `default`",
            "move the rule to the role that needs it, or give it to the named roles as well",
            rule.span,
            placed.path,
        )


def grants(role: FlatRole, placed: Placed) -> bool:
    """Whether a role lets anything through of what a rule is for."""
    if not placed.listed:
        return passes(role.default_policy)
    if not placed.is_prefix:
        return passes(found(role, placed.tool))
    # A prefix is shared where another rule is for it, for part of it, or for more than it.
    prefix = placed.tool[:-1]
    overlapping = (
        rule
        for tool, rule in role.tools.items()
        if tool.startswith(prefix) or (tool.endswith("*") and prefix.startswith(tool[:-1]))
    )
    return passes(role.default_policy) or any(map(passes, overlapping))


def passes(rule: Rule | None) -> bool:
    """Whether a rule lets anything through."""
    return rule is not None and rule.mode != "deny"


def unused_constant(survey: Survey) -> Iterator[Remark]:
    """A constant that no constraint reads."""
    read = {
        node.name
        for placed in survey.rules
        for constraint in placed.rule.constraints
        if "consts" in constraint.text
        for node in nodes_of(constraint.expression)
        if isinstance(node, Const)
    }
    document = survey.document
    places = [(name, document.consts_at.get(name), f"consts.{name}") for name in document.consts]
    for role in document.roles.values():
        places += [
            (name, role.consts_at.get(name), survey.path_of(role.name, f"consts.{name}")) for name in role.consts
        ]
    for name, span, path in places:
        if name not in read:
            help = "delete it, or compare with it" if not read else f"delete it, or read it as `consts.{name}`"
            yield Remark(f"no constraint reads the constant `{name}`", help, span, path)


def unknown_approver(survey: Survey) -> Iterator[Remark]:
    """A role of approvers that is not defined, and nearly called like one that is: the others may be roles of people elsewhere."""
    near: dict[str, str | None] = {}
    for placed in survey.rules:
        name = placed.rule.approvers.role if placed.rule.approvers else None
        if name is None or name in survey.document.roles:
            continue
        if name not in near and len(near) < MOST_MISTAKES:
            near[name] = suggestion(name, survey.selectable)
        help = near.get(name)
        if help:
            message = f"{placed.name} wants approvers with the role `{shown(name)}`, which is not defined here"
            yield Remark(message, help, placed.rule.span, f"{placed.path}.approvers.role")


def monitoring_has_ended(survey: Survey) -> Iterator[Remark]:
    """`until` a day that has passed: what was monitored is enforced by now."""
    document = survey.document
    places: list[tuple[Monitor, str, Span | None, str]] = [(document.monitor, "the document", None, "until")]
    places += [
        (role.monitor, f"the role `{role.name}`", role.span, survey.path_of(role.name, "until"))
        for role in document.roles.values()
    ]
    places += [(placed.rule.monitor, placed.name, placed.rule.span, f"{placed.path}.until") for placed in survey.rules]
    for monitor, name, span, path in places:
        if isinstance(monitor, date) and monitor < survey.today:
            message = f"the monitoring of {name} ended on {monitor.isoformat()}: it is enforced by now"
            yield Remark(message, "delete `enforce` and `until`, or write a later day", span, path)
