"""Rego in, the answers of OPA's own evaluator out: a shared library that `.ci/oracles` brings into .tools/opa.

It evaluates as OPA does when errors of builtins are errors of the query, so a guard that is missing in the Rego shows.
"""

from __future__ import annotations

import ctypes
import json
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from hexgate.core.call import ToolCall
from hexgate.core.decision import Decision
from hexgate.core.identity import User

__all__ = ["Opa", "OpaError", "result_of", "sent"]

LIBRARY = Path(__file__).parents[2] / ".tools" / "opa" / "opa_bindings" / "libopabridge.so"


class OpaError(Exception):
    """What OPA has against a module or an evaluation."""


@cache
def library() -> ctypes.CDLL:
    """The library, loaded once a process."""
    if not LIBRARY.exists():
        raise FileNotFoundError(f"OPA's evaluator is not in {LIBRARY}: run `.ci/oracles opa`")
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
