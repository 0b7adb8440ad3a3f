"""A document and a question in, the answer that POLICY.md gives out. Slow, obvious, and judge of the engines.

It reads the document as the author wrote it, for every question anew: no index, no normal form, nothing shared with what it
judges. Each function says which sentence of POLICY.md it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from hexgate.core.expr.syntax import Path, Value
from hexgate.core.policy.document import Document, FileScope, Monitor, Role, Rule
from tests.differential.reference_text import in_file_scope
from tests.differential.reference_truth import MISSING, Facts, Truth, read, truth

__all__ = ["Answer", "Question", "answer"]

MOST_ROLES = 32


@dataclass(frozen=True)
class Question:
    """What is asked: a caller, and a tool with the arguments that were decoded for it."""

    tool: str
    args: Mapping[str, Any] = field(default_factory=dict)
    roles: tuple[str, ...] = ()
    ctx: Mapping[str, Any] = field(default_factory=dict)
    user_id: str | None = "user"
    session_id: str | None = None


@dataclass(frozen=True)
class Answer:
    """What must be equal in every engine."""

    outcome: str
    code: str
    violations: tuple[str, ...] = ()
    deciding_role: str | None = None
    monitor: bool | str = False
    approvers: Mapping[str, str] | None = None
    explicit_deny: bool = False
    line: int | None = None


@dataclass(frozen=True)
class Verdict:
    """What one role says. `role` is None for a name that the policy neither defines nor falls back from."""

    role: str | None
    outcome: str
    rule: Rule | None
    violations: tuple[str, ...]
    explicit_deny: bool
    monitor: Monitor


def answer(document: Document, question: Question) -> Answer:
    """Section 3: "Explicit deny in any of them wins. Else allow if any role allows, else approval if any asks, else deny." """
    verdicts = [verdict(document, name, question) for name in roles_that_count(document, question.roles)]
    for wanted in ("explicit deny", "allow", "approval_required"):
        for one in verdicts:
            if wanted == ("explicit deny" if one.explicit_deny else one.outcome):
                return answer_of(one, verdicts)
    defined = [one for one in verdicts if one.role is not None]
    return answer_of(defined[0] if defined else verdicts[0], verdicts)


def answer_of(deciding: Verdict, verdicts: list[Verdict]) -> Answer:
    """ "`deciding_role` names the role that decided; a deny collects the violations of all roles without repeats." """
    denied = deciding.outcome == "deny"
    violations = tuple(dict.fromkeys(text for one in verdicts for text in one.violations)) if denied else ()
    rule = deciding.rule
    return Answer(
        outcome=deciding.outcome,
        code=code(deciding, violations),
        violations=violations,
        deciding_role=deciding.role,
        monitor=monitored([one for one in verdicts if one.outcome == "deny"] if denied else [deciding]),
        approvers=approvers(rule) if deciding.outcome == "approval_required" else None,
        explicit_deny=deciding.explicit_deny,
        line=rule.span.line if rule is not None and rule.span is not None else None,
    )


def code(deciding: Verdict, violations: tuple[str, ...]) -> str:
    """One word for why."""
    if deciding.outcome != "deny":
        return {"allow": "allowed", "approval_required": "approval_required"}[deciding.outcome]
    if deciding.explicit_deny:
        return "tool_denied"
    if violations:
        return "constraint_failed"
    return "no_role" if deciding.role is None else "default_denied"


def roles_that_count(document: Document, roles: tuple[str, ...]) -> list[str | None]:
    """ "A role that the policy does not define counts as `default`; no roles counts as `default`; no `default` in the policy
    means deny everything for it", which is None here. "The first 32 in the caller's order count." """
    distinct = list(dict.fromkeys(roles))[:MOST_ROLES] or ["default"]
    found = [name if selectable(document, name) else "default" for name in distinct]
    return list(dict.fromkeys(name if selectable(document, name) else None for name in found))


def selectable(document: Document, name: str) -> bool:
    """A mixin is "never selectable, only inherited"."""
    return name in document.roles and not document.roles[name].is_mixin


def verdict(document: Document, name: str | None, question: Question) -> Verdict:
    """Section 2: one role's answer."""
    if name is None:
        return Verdict(None, "deny", None, (), False, nearest(document.monitor))
    role = document.roles[name]
    bodies = lineage(document, role)
    rule, listed = rule_for(bodies, question.tool)
    if rule is None:
        return Verdict(name, "deny", None, (), False, nearest(role.monitor, document.monitor))
    facts = facts_for(document, bodies, name, question)
    violations = failed(rule, facts)
    return Verdict(
        role=name,
        outcome="deny" if violations else rule.mode,  # "A failed constraint on an `approval_required` rule is a deny"
        rule=rule,
        violations=violations,
        explicit_deny=listed and rule.mode == "deny",
        monitor=nearest(rule.monitor, role.monitor, document.monitor),
    )


def lineage(document: Document, role: Role) -> list[Role]:
    """ "Parents left to right, then the child." What comes later replaces what came before."""
    bodies: list[Role] = []
    for parent in role.inherits:
        bodies.extend(lineage(document, document.roles[parent]))
    return [*bodies, role]


def rule_for(bodies: list[Role], tool: str) -> tuple[Rule | None, bool]:
    """ "Exact tool name, else the longest matching prefix rule, else `default_policy`", and whether the tool was listed."""
    tools: dict[str, Rule] = {}
    default: Rule | None = None
    for body in bodies:
        tools.update(body.tools)
        default = body.default_policy if body.default_policy is not None else default
    if tool in tools:
        return tools[tool], True
    prefixes = [name for name in tools if name.endswith("*") and tool.startswith(name[:-1])]
    if prefixes:
        return tools[max(prefixes, key=len)], True
    return default, False


def facts_for(document: Document, bodies: list[Role], role: str, question: Question) -> Facts:
    """The facts of section 4. Constants of the document lie below those of the parents, and these below the role's own."""
    consts: dict[str, Value] = dict(document.consts)
    for body in bodies:
        consts.update(body.consts)
    return Facts(
        args=question.args,
        ctx=question.ctx,
        user={} if question.user_id is None else {"id": question.user_id},
        session={} if question.session_id is None else {"id": question.session_id},
        role=role,
        tool=question.tool,
        consts=consts,
    )


def failed(rule: Rule, facts: Facts) -> tuple[str, ...]:
    """ "Every constraint must be true. All that are not are reported, verbatim and in order." """
    texts = [constraint.text for constraint in rule.constraints if truth(constraint.expression, facts) is not True]
    if rule.file_scope is not None and in_scope(rule.file_scope, facts) is not True:
        texts.append(f"file_scope({rule.file_scope.argument or 'file_path|path'})")
    return tuple(dict.fromkeys(texts))


def in_scope(scope: FileScope, facts: Facts) -> Truth:
    """ "Applies to the named argument (default: `file_path`, else `path`)." """
    names = [scope.argument] if scope.argument is not None else ["file_path", "path"]
    values = [read(Path("args", (name,)), facts) for name in names]
    value = next((found for found in values if found is not MISSING), MISSING)
    return in_file_scope(value, scope.allowed_paths, scope.denied_paths) if isinstance(value, str) else None


def nearest(*levels: Monitor) -> Monitor:
    """ "`enforce: false` (document, role or rule; the nearest one counts)": what was written nearest, False when nothing was."""
    return next((level for level in levels if level is not None), False)


def monitored(verdicts: list[Verdict]) -> bool | str:
    """ "Where several roles deny, when all of them do", and then until the earliest of their dates."""
    if any(one.outcome == "allow" or one.monitor is False for one in verdicts):
        return False
    days = [one.monitor for one in verdicts if isinstance(one.monitor, date)]
    return min(days).isoformat() if days else True


def approvers(rule: Rule | None) -> Mapping[str, str] | None:
    """Section 1: "`role`: one of the approver's roles; `not: caller`: someone other than the user who called." """
    if rule is None or rule.approvers is None:
        return None
    wanted = {"role": rule.approvers.role, "not": "caller" if rule.approvers.not_caller else None}
    return {key: value for key, value in wanted.items() if value is not None}
