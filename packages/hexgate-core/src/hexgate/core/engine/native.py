"""A program in, an engine that answers calls out. It never raises: a fault of its own is a denial with a code, and a log line.

Everything that an answer needs and that does not depend on the call is made when the engine is: a decision is a dictionary look-up,
a walk of closures and one tuple.

# INVARIANT: what is denied here stays denied: every way out but the two of a rule that holds is a denial.
"""

from __future__ import annotations

from types import MappingProxyType

from hexgate.core.call import ToolCall
from hexgate.core.decision import Decision, Outcome, RuleReference
from hexgate.core.engine.conditions import prepare
from hexgate.core.engine.functions import Closure
from hexgate.core.identity import User
from hexgate.core.program import Check, CompiledRule, Denials, Program, RoleIndex
from hexgate.core.program.work import WorkExceededError

__all__ = ["NativeEngine"]

ENGINE = "native"
make = tuple.__new__
OUTCOMES = {"allow": (Outcome.ALLOW, "allowed"), "approval_required": (Outcome.APPROVAL_REQUIRED, "approval_required")}


class PreparedRule:
    """A rule whose checks are closures and whose answers are made."""

    __slots__ = ("approvers", "checks", "code", "explicit", "monitor", "outcome", "passed_monitor", "reference")

    def __init__(self, rule: CompiledRule, role: str, closures: dict[int, Closure]) -> None:
        self.checks = tuple((closure_of(check, closures), check.text) for check in rule.checks)
        self.explicit = rule.listed and rule.mode == "deny"
        denied = (Outcome.DENY, "tool_denied" if rule.listed else "default_denied")
        self.outcome, self.code = OUTCOMES.get(rule.mode, denied)
        self.monitor = rule.monitor
        self.passed_monitor = False if rule.mode == "allow" else rule.monitor
        self.approvers = approvers_of(rule)
        self.reference = RuleReference(role, rule.tool, rule.document, rule.line, rule.note) if rule.tool else None


def closure_of(check: Check, closures: dict[int, Closure]) -> Closure:
    """The closure of a check; rules that share a check share it."""
    closure = closures.get(id(check))
    if closure is None:
        closure = closures[id(check)] = prepare(check.condition)
    return closure


def approvers_of(rule: CompiledRule) -> MappingProxyType[str, str] | None:
    """Who may approve, as answers carry it."""
    if rule.approvers is None or rule.mode != "approval_required":
        return None
    role, not_caller = rule.approvers.role, rule.approvers.not_caller
    return MappingProxyType(
        {**({"role": role} if role is not None else {}), **({"not": "caller"} if not_caller else {})}
    )


class PreparedRole:
    """A role whose rules are prepared: exact names, prefixes by their length, the rest."""

    __slots__ = ("exact", "lengths", "name", "prefixes", "rest")

    def __init__(self, index: RoleIndex, closures: dict[int, Closure]) -> None:
        self.name = index.name
        self.exact = {tool: PreparedRule(rule, index.name, closures) for tool, rule in index.exact.items()}
        self.prefixes = {prefix: PreparedRule(rule, index.name, closures) for prefix, rule in index.prefixes.items()}
        self.lengths = sorted({len(prefix) for prefix in self.prefixes}, reverse=True)
        self.rest = PreparedRule(index.rest, index.name, closures)

    def by_prefix(self, tool: str) -> PreparedRule:
        """The rule of the longest prefix, else the one for the rest."""
        for length in self.lengths:
            rule = self.prefixes.get(tool[:length])
            if rule is not None:
                return rule
        return self.rest


# What one role says: the rule that it found, and the texts of its checks that do not hold.
Answer = tuple[PreparedRole, PreparedRule, "list[str]"]


class NativeEngine:
    """Answers calls by closures in this process."""

    __slots__ = ("default", "denials", "digest", "program", "roles")

    def __init__(self, program: Program) -> None:
        closures: dict[int, Closure] = {}
        self.program = program
        self.digest = program.digest
        self.denials = Denials(program.digest, ENGINE)
        self.roles = {name: PreparedRole(index, closures) for name, index in program.roles.items()}
        self.default = self.roles.get("default")

    def decide(self, call: ToolCall, user: User | None) -> Decision:
        """The decision about a call. Whatever happens, it is returned."""
        try:
            if user is None or call.refusal is not None:
                return self.denials.refused(call, user)
            role = self.roles.get(user.direct_role)  # type: ignore[arg-type]
            if role is None:
                return self.by_roles(call, user)
            rule = role.exact.get(call.tool) or (role.by_prefix(call.tool) if role.lengths else role.rest)
            name = role.name
            failed: list[str] | None = None
            for holds, text in rule.checks:
                if not holds(call, user, name, None):
                    failed = [text] if failed is None else [*failed, text]
            if failed is None:
                # What `passed` does, without the call: this is the way that nearly every decision takes.
                return make(
                    Decision,
                    (
                        rule.outcome,
                        rule.code,
                        call.tool,
                        call.agent,
                        user.roles,
                        name,
                        rule.reference,
                        (),
                        rule.passed_monitor,
                        rule.approvers,
                        self.digest,
                        ENGINE,
                        None,
                    ),
                )
            return self.failed(call, user, role, rule, failed)
        except WorkExceededError:
            return self.denials.denied(call, () if user is None else user.roles, "work_exceeded")
        except Exception as fault:  # noqa: BLE001
            # The one fail-closed line: no fault of ours may become a yes.
            return self.denials.faulted(call, user, fault)

    def by_roles(self, call: ToolCall, user: User) -> Decision:
        """The decision for a caller with several roles or none, with one that the policy does not know, or with limits."""
        if user.obstacle(call.tool) is not None:
            return self.denials.refused(call, user)
        only = self.roles.get(user.roles[0], self.default) if len(user.roles) == 1 else None
        if only is not None:
            _, rule, failed = self.answer(call, user, only)
            return self.failed(call, user, only, rule, failed) if failed else self.passed(call, user, only, rule)
        known = dict.fromkeys(self.roles.get(name, self.default) for name in user.roles or ("default",))
        answers = [self.answer(call, user, role) for role in known if role is not None]
        if not answers:
            return self.denials.denied(call, user.roles, "no_role", monitor=self.program.monitor)
        if not any(rule.explicit for _, rule, _ in answers):
            for wanted in (Outcome.ALLOW, Outcome.APPROVAL_REQUIRED):
                for role, rule, failed in answers:
                    if rule.outcome is wanted and not failed:
                        return self.passed(call, user, role, rule)
        # A role that the policy does not know is denied everything, by the document.
        return self.by_denials(call, user.roles, answers, [self.program.monitor] if None in known else [])

    def passed(self, call: ToolCall, user: User, role: PreparedRole, rule: PreparedRule) -> Decision:
        """What the mode of a rule says, all of whose checks hold."""
        return make(
            Decision,
            (
                rule.outcome,
                rule.code,
                call.tool,
                call.agent,
                user.roles,
                role.name,
                rule.reference,
                (),
                rule.passed_monitor,
                rule.approvers,
                self.digest,
                ENGINE,
                None,
            ),
        )

    def failed(self, call: ToolCall, user: User, role: PreparedRole, rule: PreparedRule, texts: list[str]) -> Decision:
        """The denial of a caller's only role, some checks of whose rule do not hold."""
        violations = tuple(texts) if len(texts) == 1 else tuple(dict.fromkeys(texts))
        code = "tool_denied" if rule.explicit else "constraint_failed"
        return make(
            Decision,
            (
                Outcome.DENY,
                code,
                call.tool,
                call.agent,
                user.roles,
                role.name,
                rule.reference,
                violations,
                rule.monitor,
                None,
                self.digest,
                ENGINE,
                None,
            ),
        )

    def answer(self, call: ToolCall, user: User, role: PreparedRole) -> Answer:
        """What one role says."""
        rule = role.exact.get(call.tool) or (role.by_prefix(call.tool) if role.lengths else role.rest)
        return role, rule, [text for holds, text in rule.checks if not holds(call, user, role.name, None)]

    def by_denials(
        self, call: ToolCall, names: tuple[str, ...], answers: list[Answer], monitors: list[bool | str]
    ) -> Decision:
        """The denial that roles gave: an explicit one before a plain one, with every violation once."""
        denying = [answer for answer in answers if answer[2] or answer[1].outcome is Outcome.DENY]
        role, rule, _ = next((answer for answer in denying if answer[1].explicit), denying[0])
        violations = tuple(dict.fromkeys(text for _, _, failed in denying for text in failed))
        code = "tool_denied" if rule.explicit else "constraint_failed" if violations else "default_denied"
        monitor = together([*monitors, *(rule.monitor for _, rule, _ in denying)])
        return Decision(
            Outcome.DENY,
            code,
            call.tool,
            call.agent,
            names,
            role.name,
            rule.reference,
            violations,
            monitor,
            None,
            self.digest,
            ENGINE,
        )


def together(monitors: list[bool | str]) -> bool | str:
    """The monitoring of several denials: only when all are monitored, and only as long as all are."""
    if not all(monitors):
        return False
    days = [monitor for monitor in monitors if isinstance(monitor, str)]
    return min(days) if days else True
