"""A program in, its text as Rego out: package `hexgate.policy`, whose `decision` is what a module of the program answers.

The text has four parts: how an answer is made, which is the same for every policy; the roles; their rules, each followed by its
checks where they first stand; and the functions that the checks are made of.

# INVARIANT: the same program gives the same text on every machine and Python.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from hexgate.core.program import Check, CompiledRule, Program, RoleIndex
from hexgate.core.rego.conditions import NAME, check_rules, functions_in
from hexgate.core.rego.frame import FRAME
from hexgate.core.rego.helpers import definitions
from hexgate.core.rego.literals import comment, string, strings

__all__ = ["rego_text"]

HEAD = """\
# A policy of Hexgate as Rego. It answers as the policy does: `data.hexgate.policy.decision`.
# Program {digest}
package hexgate.policy

import rego.v1
"""
FOLDERS = re.compile(r".*[/\\\\]", re.DOTALL)


def rego_text(program: Program) -> str:
    """The program as one Rego module."""
    printer = Printer()
    rules = [text for role in program.roles.values() for text in printer.role(role)]
    functions = definitions(printer.called)
    parts = [HEAD.format(digest=program.digest), FRAME, *roles_of(program), *rules, *functions]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def roles_of(program: Program) -> Iterator[str]:
    """The roles, their prefixes, and what the document itself says."""
    yield f"document_monitor := {json.dumps(program.monitor)}"
    yield f"roles := {strings(program.roles)}"
    prefixes = "".join(f"\t{string(name)}: {strings(role.prefixes)},\n" for name, role in program.roles.items())
    yield f"# The prefixes of each role's rules, longest first.\nprefixes := {{\n{prefixes}}}"
    yield "# The checks of all rules, by their ids. What is no check does not hold.\ndefault holds(_) := false"


class Printer:
    """Prints the rules of all roles; checks that are the same in Rego are printed once."""

    def __init__(self) -> None:
        self.called: set[str] = set()
        self.names: dict[str, str] = {}
        # By the check itself, which many rules share, to print it for each role at most once.
        self.known: dict[tuple[int, str], str] = {}

    def role(self, role: RoleIndex) -> Iterator[str]:
        """The rules of a role."""
        for tool, rule in role.exact.items():
            yield from self.rule(role.name, "tool", tool, rule)
        for prefix, rule in role.prefixes.items():
            yield from self.rule(role.name, "prefix", prefix, rule)
        yield from self.rule(role.name, "rest", "", role.rest)

    def rule(self, role: str, kind: str, name: str, rule: CompiledRule) -> Iterator[str]:
        """A rule, and those of its checks that no rule before it has."""
        checks: list[str] = []
        printed: list[str] = []
        for check in rule.checks:
            id, rules = self.check(check, role)
            checks.append(f'\t\t{{"id": {string(id)}, "text": {string(check.text)}}},\n')
            printed += rules
        shown = f"[\n{''.join(checks)}\t]" if checks else "[]"
        fields = (
            ("approvers", approvers_of(rule)),
            ("checks", shown),
            ("explicit_deny", json.dumps(rule.listed and rule.mode == "deny")),
            ("mode", string(rule.mode)),
            ("monitor", json.dumps(rule.monitor)),
        )
        value = "".join(f"\t{string(field)}: {text},\n" for field, text in fields)
        asked = (("role", role), ("kind", kind), ("name", name))
        body = "".join(f"\t{variable} == {string(text)}\n" for variable, text in asked)
        yield f"{described(role, rule)}\nrule(role, kind, name) := {{\n{value}}} if {{\n{body}}}"
        yield from printed

    def check(self, check: Check, role: str) -> tuple[str, list[str]]:
        """The id of a check, and its rules if it has none yet."""
        found = self.known.get((id(check), role))
        if found is not None:
            return found, []
        rules = check_rules(check.condition, role)
        key = "\n\n".join(rules)
        name = self.names.get(key)
        is_new = name is None
        if name is None:
            name = self.names[key] = f"c{len(self.names) + 1}"
            self.called |= functions_in(key)
        self.known[id(check), role] = name
        if not is_new:
            return name, []
        first, *others = rules
        return name, [
            f"# {name}: {comment(check.text)}\n{first}".replace(NAME, name),
            *(rule.replace(NAME, name) for rule in others),
        ]


def described(role: str, rule: CompiledRule) -> str:
    """Comments that say for people what rule this is, where it stands, and why."""
    what = string(rule.tool) if rule.listed else rule.tool or "what no rule names"
    # The name of the file alone: where a policy lies changes nothing in its text.
    file = FOLDERS.sub("", rule.document or "")
    where = ":".join(str(part) for part in (file, rule.line) if part)
    lines = [f"# Role {string(role)}: {what}" + (f", {comment(where)}" if where else "")]
    return "\n".join([*lines, f"# reason: {comment(rule.note)}"] if rule.note else lines)


def approvers_of(rule: CompiledRule) -> str:
    """Who may approve, null where nobody has to or anybody may."""
    if rule.approvers is None or rule.mode != "approval_required":
        return "null"
    role, not_caller = rule.approvers.role, rule.approvers.not_caller
    fields = ([f'"not": {string("caller")}'] if not_caller else []) + (
        [f'"role": {string(role)}'] if role is not None else []
    )
    return f"{{{', '.join(fields)}}}"
