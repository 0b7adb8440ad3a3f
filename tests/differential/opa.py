"""Rego in, the answers of OPA's own evaluator out: a shared library that `.ci/oracles` brings into .tools/opa.

It evaluates as OPA does when errors of builtins are errors of the query, so a guard that is missing in the Rego shows. Nothing is
told to be denied here that OPA does not deny: whatever goes wrong is raised, for an oracle must not agree by failing.
"""

from __future__ import annotations

import ctypes
import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from hexgate.core.call import ToolCall
from hexgate.core.decision import Decision, Outcome, RuleReference
from hexgate.core.identity import User
from hexgate.core.program import Program
from hexgate.core.rego import rego_text

__all__ = ["Opa", "OpaEngine", "OpaError", "result_of", "sent"]

LIBRARY = Path(__file__).parents[2] / ".tools" / "opa" / "opa_bindings" / "libopabridge.so"


class OpaError(Exception):
    """What OPA has against a module or an evaluation."""


@cache
def library() -> ctypes.CDLL:
    """The library, loaded once a process."""
    if not LIBRARY.exists():
        raise FileNotFoundError(f"OPA's evaluator is not in {LIBRARY}: run `.ci/oracles opa`")
    # Go collects its garbage less often then, which spares a quarter of the time.
    os.environ.setdefault("GOGC", "400")
    loaded = ctypes.CDLL(str(LIBRARY))
    handle, text, flag = ctypes.c_uint64, ctypes.c_char_p, ctypes.c_int
    for name, result, arguments in (
        ("OpaNew", handle, []),
        ("OpaDestroy", None, [handle]),
        ("OpaFreeString", None, [ctypes.c_void_p]),
        ("OpaAddPolicy", ctypes.c_void_p, [handle, text, text]),
        ("OpaEvalQuery", ctypes.c_void_p, [handle, text, text, flag, flag]),
    ):
        function = getattr(loaded, name)
        function.restype, function.argtypes = result, arguments
    return loaded


class Opa:
    """One policy in OPA."""

    def __init__(self, rego: str) -> None:
        self.library = library()
        self.handle = self.library.OpaNew()
        if "\0" in rego:
            raise OpaError("a C string ends at a NUL")
        self.said(self.library.OpaAddPolicy(self.handle, b"policy.rego", rego.encode()))

    def __del__(self) -> None:
        if hasattr(self, "handle"):
            self.library.OpaDestroy(self.handle)

    def said(self, pointer: int) -> Any:
        """What a call of the library answers."""
        try:
            answer = json.loads(ctypes.string_at(pointer))
        finally:
            self.library.OpaFreeString(pointer)
        if answer.get("error"):
            raise OpaError(f"{answer['error'].get('code')}: {answer['error'].get('message')}")
        return answer.get("result")

    def query(self, query: str, question: bytes = b"") -> Any:
        """The value of an expression about an input; no bytes are no input, and an undefined value is an error."""
        found = self.said(self.library.OpaEvalQuery(self.handle, f"x = {query}".encode(), question, 0, 0))
        if not found:
            raise OpaError(f"{query} is undefined")
        return found[0]["bindings"]["x"]

    def decision(self, question: bytes = b"") -> Any:
        """The decision about an input as JSON."""
        return self.query("data.hexgate.policy.decision", question)


def sent(call: ToolCall, user: User) -> bytes:
    """A question as the input of a module: one role as `role`, else `roles`, and nothing where nothing is known."""
    roles = {"role": user.roles[0]} if len(user.roles) == 1 else {"roles": list(user.roles)}
    ids = {"user": user.user_id, "session": user.session_id}
    members = {**roles, "tool": call.tool, **{name: {"id": id} for name, id in ids.items() if id is not None}}
    # As they were encoded, so that every digit is there.
    facts = b',"args":' + call.encoded + b',"ctx":' + user.encoded + b"}"
    return orjson.dumps(members)[:-1] + facts


def result_of(decision: Decision) -> dict[str, Any]:
    """A decision as the result of a module."""
    return {
        "allow": decision.allowed,
        "requires_approval": decision.needs_approval,
        "violations": list(decision.violations),
        "explicit_deny": decision.code == "tool_denied",
        "deciding_role": decision.deciding_role,
        "monitor": decision.monitor,
        "approvers": None if decision.approvers is None else dict(decision.approvers),
    }


class OpaEngine:
    """The Rego of a program as an engine, for calls that some rule decides about."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.digest = program.digest
        self.opa = Opa(rego_text(program))

    def decide(self, call: ToolCall, user: User | None) -> Decision:
        """The decision that the result means."""
        assert user is not None
        result = self.opa.decision(sent(call, user))
        assert sorted(result) == sorted(KEYS)
        outcome, code = meaning_of(result)
        role, approvers = result["deciding_role"], result["approvers"]
        return Decision(
            outcome,
            code,
            call.tool,
            call.agent,
            user.roles,
            role,
            self.reference(role, call.tool),
            tuple(result["violations"]),
            result["monitor"],
            approvers,
            self.digest,
            "opa",
        )

    def reference(self, role: str | None, tool: str) -> RuleReference | None:
        """The rule of the role that decided; the program knows where it stands."""
        rule = None if role is None else self.program.roles[role].find(tool)
        if role is None or rule is None or not rule.tool:
            return None
        return RuleReference(role, rule.tool, rule.document, rule.line, rule.note)


KEYS = ("allow", "requires_approval", "violations", "explicit_deny", "deciding_role", "monitor", "approvers")


def meaning_of(result: dict[str, Any]) -> tuple[Outcome, str]:
    """The outcome and the code of a result."""
    if result["allow"]:
        return Outcome.ALLOW, "allowed"
    if result["requires_approval"]:
        return Outcome.APPROVAL_REQUIRED, "approval_required"
    if result["explicit_deny"]:
        return Outcome.DENY, "tool_denied"
    if result["violations"]:
        return Outcome.DENY, "constraint_failed"
    return Outcome.DENY, "no_role" if result["deciding_role"] is None else "default_denied"
