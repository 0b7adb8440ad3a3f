"""A module in, an engine that answers calls by it out. It never raises: whatever a module does, it comes to a denial at worst.

With the program that the module was made of, an answer names the rule that gave it, and says in all but its engine's name what the
native engine says.
"""

from __future__ import annotations

import logging
from contextlib import suppress

from hexgate.core.call import ToolCall
from hexgate.core.decision import Decision, RuleReference
from hexgate.core.errors import ModuleError
from hexgate.core.identity import User
from hexgate.core.program import Denials, Program
from hexgate.core.text import suggestion
from hexgate.core.text.render import shown
from hexgate.core.wasm.assemble import assemble
from hexgate.core.wasm.budget import budget_of
from hexgate.core.wasm.faults import ModuleFault, OutOfFuel
from hexgate.core.wasm.limits import FOREIGN, Budget
from hexgate.core.wasm.pool import Pool, digest_of, pool_of
from hexgate.core.wasm.question import question_of
from hexgate.core.wasm.result import Reader

__all__ = ["DECISION", "WasmEngine"]

ENGINE = "wasm"
DECISION = "hexgate/policy/decision"
log = logging.getLogger("hexgate.engine")
MOST_SHOWN = 8
# Kinds of failure of which the log hears; a module has as many as it has names for functions of the host.
MOST_LOGGED = 32
make = tuple.__new__


class WasmEngine:
    """Answers calls by a module of OPA's WebAssembly ABI: ours, or one that was made of hand-written Rego.

    # INVARIANT: only what `assemble` makes of the program may take what the program's rules may cost. Any other module is held to
    the budget for modules about which nothing is known, whichever program is given with it.
    """

    __slots__ = (
        *("budget", "denials", "digest", "entrypoint", "logged", "made_of_it", "more", "pool", "program", "read"),
        "references",
    )

    def __init__(
        self,
        module: bytes,
        *,
        program: Program | None = None,
        entrypoint: str | None = None,
        budget: Budget | None = None,
    ) -> None:
        """Loads a module. Raises a `ModuleError` when it is none, too large, of another ABI, or does not start.

        `entrypoint` is for modules that have several and not ours; `budget` says how many instructions an answer may take,
        whatever its rules are.
        """
        self.pool = pool_of(module)
        self.entrypoint = entrypoint_of(self.pool, entrypoint)
        self.program = program
        self.budget = budget or FOREIGN
        # A rule may take more than a module about which nothing is known. Whether the module has its rules, and how much they may
        # take, is worked out when it does.
        self.more = None if program is None or budget is not None else budget_of(program)
        self.made_of_it: bool | None = None
        self.digest = self.pool.digest if program is None else program.digest
        self.denials = Denials(self.digest, ENGINE)
        self.read = Reader()
        self.references: dict[tuple[str, int], RuleReference | None] = {}
        self.logged: set[str] = set()

    def decide(self, call: ToolCall, user: User | None) -> Decision:
        """The decision about a call. Whatever happens, it is returned."""
        try:
            if user is None or call.refusal is not None or user.obstacle(call.tool) is not None:
                return self.denials.refused(call, user)
            question = question_of(call, user)
            fuel = self.budget.fuel(len(question))
            try:
                result = self.pool.answer(self.entrypoint, question, fuel)
            except OutOfFuel:
                result = self.answer(call.tool, user.roles, question, fuel)
            outcome, code, role, violations, monitor, approvers = self.read(result)
            rule = None if role is None else self.reference(role, call.tool)
            return make(
                Decision,
                (
                    outcome,
                    code,
                    call.tool,
                    call.agent,
                    user.roles,
                    role,
                    rule,
                    violations,
                    monitor,
                    approvers,
                    self.digest,
                    ENGINE,
                    None,
                ),
            )
        except ModuleFault as fault:
            return self.module_failed(call, () if user is None else user.roles, fault)
        except Exception as fault:  # noqa: BLE001
            # The one fail-closed line: no fault of ours may become a yes.
            return self.denials.faulted(call, user, fault)

    def answer(self, tool: str, roles: tuple[str, ...], question: bytes, spent: int) -> bytes:
        """The result for a question that was not to be had for the usual fuel, if its rules may take more."""
        fuel = self.most_fuel(tool, roles, question)
        if fuel <= spent:
            raise OutOfFuel("it took more instructions than it may")
        return self.pool.answer(self.entrypoint, question, fuel)

    def most_fuel(self, tool: str, roles: tuple[str, ...], question: bytes) -> int:
        """The instructions that an answer to a question may take at most."""
        if self.more is None:
            return self.budget.fuel(len(question))
        if self.made_of_it is None:
            self.made_of_it = self.pool.digest == digest_of(assemble(self.more.program))
        return self.more.fuel(tool, roles, question) if self.made_of_it else self.budget.fuel(len(question))

    def reference(self, role: str, tool: str) -> RuleReference | None:
        """The rule that a role has for a tool, as answers name it: the module says who decided, and the program knows the rest."""
        if self.program is None:
            return None
        index = self.program.roles.get(role)
        if index is None:
            raise ModuleFault("it names a role that the policy does not have")
        rule = index.find(tool)
        key = (role, id(rule))
        if key not in self.references:
            named = RuleReference(role, rule.tool, rule.document, rule.line, rule.note) if rule.tool else None
            self.references[key] = named
        return self.references[key]

    def module_failed(self, call: ToolCall, names: tuple[str, ...], fault: ModuleFault) -> Decision:
        """The denial when a module gave no answer; the log hears of each kind of failure once, and not of many kinds."""
        if fault.detail not in self.logged and len(self.logged) < MOST_LOGGED:
            self.logged.add(fault.detail)
            said = f" It says: {fault.said}" if fault.said else ""
            with suppress(Exception):
                # A log that cannot be written must not take the answer with it.
                log.error("the policy module gave no answer, and the call is denied: %s.%s", fault.detail, said)
        return self.denials.denied(call, names, "module_fault", fault.detail)


def entrypoint_of(pool: Pool, wanted: str | None) -> int:
    """The number of the entrypoint that is meant: the one that was named, ours, or the only one."""
    names = pool.entrypoints
    if wanted is None and DECISION not in names and len(names) == 1:
        return next(iter(names.values()))
    name = DECISION if wanted is None else wanted
    if name not in names:
        has = ", ".join(f"`{shown(each)}`" for each in sorted(names)[:MOST_SHOWN]) or "none"
        raise ModuleError(
            "HX733",
            f"the module has no entrypoint `{shown(name)}`; it has {has}",
            help=suggestion(name, names) or "name one of them with `entrypoint`, or build the module with `-e`",
        )
    return names[name]
