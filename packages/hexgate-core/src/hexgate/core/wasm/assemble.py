"""A program in, its `policy.wasm` out: the runtime that all policies share, and this one as data that is ready to be walked.

# INVARIANT: equal programs give equal bytes, whatever the process, the folder, the hash seed or the Python.
"""

from __future__ import annotations

import json
from itertools import chain
from typing import Any

from hexgate.core.expr.lower import runs
from hexgate.core.program import Check, CompiledRule, Program, RoleIndex
from hexgate.core.wasm.blob import NOWHERE, Blob, Words
from hexgate.core.wasm.conditions import condition
from hexgate.core.wasm.layout import HEADER_SIZE, MAGIC, MODES
from hexgate.core.wasm.link import Runtime, runtime
from hexgate.core.wasm.values import constant

__all__ = ["LANGUAGE", "assemble"]

# The `version` that a policy may state.
LANGUAGE = 1
WORD = 0xFFFFFFFF
written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def assemble(program: Program) -> bytes:
    """The module that answers by a program."""
    shared = runtime()
    policy = PolicyWriter(shared.base).policy(program)
    return shared.with_policy(policy, stamp(program, shared))


def stamp(program: Program, shared: Runtime) -> bytes:
    """What a module says of itself."""
    said = {"language": LANGUAGE, "runtime": shared.digest, "source": program.digest}
    return json.dumps(said, separators=(",", ":"), sort_keys=True).encode()


class PolicyWriter:
    """Writes the roles of one program. A check that rules share is written once."""

    __slots__ = ("blob", "checks", "violations")

    def __init__(self, base: int) -> None:
        self.blob = Blob(base, HEADER_SIZE)
        self.checks: dict[int, Words] = {}
        self.violations: dict[str, int] = {}

    def policy(self, program: Program) -> bytes:
        """All bytes of the policy."""
        roles = {name: self.role(index) for name, index in sorted(program.roles.items())}
        table = self.blob.table(roles)
        monitor = self.monitor(program.monitor)
        lower_runs = sorted(runs()) if self.blob.lowers else []
        lower = self.blob.words(*(word & WORD for run in lower_runs for word in run)) if lower_runs else NOWHERE
        fallback = roles.get("default", NOWHERE)
        return self.blob.finished(
            (MAGIC, self.blob.end, *table, fallback, monitor, len(self.violations), lower, len(lower_runs))
        )

    def role(self, index: RoleIndex) -> int:
        """The address of a role."""
        exact = {tool: self.rule(rule) for tool, rule in sorted(index.exact.items())}
        prefixes = {prefix: self.rule(rule) for prefix, rule in sorted(index.prefixes.items())}
        return self.blob.words(
            constant(self.blob, index.name),
            self.shown(index.name),
            *self.blob.table(exact),
            *self.blob.table(prefixes),
            self.rule(index.rest),
        )

    def rule(self, rule: CompiledRule) -> int:
        """The address of a rule."""
        checks = chain.from_iterable(map(self.check, rule.checks))
        head = MODES[rule.mode], rule.listed, self.monitor(rule.monitor), self.approvers(rule), len(rule.checks)
        return self.blob.words(*head, *checks)

    def check(self, check: Check) -> Words:
        """The three words of a check. The program outlives the writer, so the id of a check is that check's alone."""
        words = self.checks.get(id(check))
        if words is None:
            number = self.violations.setdefault(check.text, len(self.violations))
            words = self.checks[id(check)] = self.shown(check.text), number, condition(self.blob, check.condition)
        return words

    def approvers(self, rule: CompiledRule) -> int:
        """Who may approve, as answers show it."""
        if rule.approvers is None:
            return NOWHERE
        role, not_caller = rule.approvers.role, rule.approvers.not_caller
        return self.shown({**({"not": "caller"} if not_caller else {}), **({} if role is None else {"role": role})})

    def monitor(self, monitor: bool | str) -> int:
        """False and True as numbers, a day as the address of what is shown."""
        return self.shown(monitor) if isinstance(monitor, str) else int(monitor)

    def shown(self, value: Any) -> int:
        """The address of a value's JSON, as it stands in an answer."""
        return self.blob.text_at(written(value))
