"""Hexgate's core: whether this user, in this role, may run this tool with these arguments.

The storeys, from the top; each imports only what lies below it:

    testing       suites of policy cases: read, run, covered
    adapters      what a door to a framework is made of: runs, events, manifests
    hexgate       the class `Hexgate`, where the parts are joined
    audit         what passed the gate → a record on disk, redacted and chained
    gate          a tool and a call → decided, acted on, recorded
    sources       where a program comes from, and how it is kept fresh
    bundle        a program ↔ a signed directory
    engine · wasm · rego        three readers of a program, strangers to one another
    program       a policy → its flat, indexed, immutable form
    policy        text → a policy; roles, builder, writer, linter
    expr          one constraint: text → tree → condition
    identity      who is calling: `User` and its scope, and the tokens that carry it
    decision · call · errors · codes · text      frozen values, places, the exception tree and its codes

A name is loaded when it is first asked for, so that whoever needs one storey does not wait for the others.
"""

from importlib import import_module
from typing import Any

__all__ = [
    "AgentManifest",
    "AgentPolicy",
    "ApprovalError",
    "ApprovalFile",
    "Approver",
    "Audit",
    "AuditError",
    "BanGate",
    "BannedError",
    "C",
    "Decision",
    "Explanation",
    "FileBans",
    "Finding",
    "Halt",
    "Hexgate",
    "HexgateError",
    "Mistake",
    "ModuleError",
    "NotRunError",
    "Outcome",
    "Policy",
    "PolicyBuilder",
    "PolicyError",
    "PolicySource",
    "Program",
    "Redaction",
    "Replace",
    "Result",
    "RuleReference",
    "Spool",
    "SuiteError",
    "TokenError",
    "ToolCall",
    "User",
    "UserError",
    "after_tool",
    "before_tool",
    "compile_policy",
    "create_manifest",
    "current_user",
    "json_schema",
    "lint",
    "secrets_in_arguments",
    "secrets_in_results",
    "verify_caller",
]

__version__ = "0.1.0"

TABLE = {
    "AgentManifest": ("hexgate.core.adapters", "AgentManifest"),
    "AgentPolicy": ("hexgate.core.policy", "Policy"),
    "ApprovalError": ("hexgate.core.gate.approval_file", "ApprovalError"),
    "ApprovalFile": ("hexgate.core.gate.approval_file", "ApprovalFile"),
    "Approver": ("hexgate.core.gate.approvals", "Approver"),
    "Audit": ("hexgate.core.audit", "Audit"),
    "AuditError": ("hexgate.core.errors", "AuditError"),
    "BanGate": ("hexgate.core.gate.bans", "BanGate"),
    "BannedError": ("hexgate.core.gate.bans", "BannedError"),
    "C": ("hexgate.core.policy.builder", "C"),
    "Decision": ("hexgate.core.decision", "Decision"),
    "Explanation": ("hexgate.core.engine", "Explanation"),
    "FileBans": ("hexgate.core.gate.bans", "FileBans"),
    "Finding": ("hexgate.core.policy.lint", "Finding"),
    "Halt": ("hexgate.core.gate.guards", "Halt"),
    "Hexgate": ("hexgate.core.hexgate", "Hexgate"),
    "HexgateError": ("hexgate.core.errors", "HexgateError"),
    "Mistake": ("hexgate.core.errors", "Mistake"),
    "ModuleError": ("hexgate.core.errors", "ModuleError"),
    "NotRunError": ("hexgate.core.gate.gate", "NotRunError"),
    "Outcome": ("hexgate.core.decision", "Outcome"),
    "Policy": ("hexgate.core.policy", "Policy"),
    "PolicyBuilder": ("hexgate.core.policy.builder", "PolicyBuilder"),
    "PolicyError": ("hexgate.core.errors", "PolicyError"),
    "PolicySource": ("hexgate.core.sources", "PolicySource"),
    "Program": ("hexgate.core.program", "Program"),
    "Redaction": ("hexgate.core.audit", "Redaction"),
    "Replace": ("hexgate.core.gate.guards", "Replace"),
    "Result": ("hexgate.core.gate.passage", "Result"),
    "RuleReference": ("hexgate.core.decision", "RuleReference"),
    "Spool": ("hexgate.core.audit", "Spool"),
    "SuiteError": ("hexgate.core.errors", "SuiteError"),
    "TokenError": ("hexgate.core.errors", "TokenError"),
    "ToolCall": ("hexgate.core.call", "ToolCall"),
    "User": ("hexgate.core.identity", "User"),
    "UserError": ("hexgate.core.errors", "UserError"),
    "after_tool": ("hexgate.core.gate.guards", "after_tool"),
    "before_tool": ("hexgate.core.gate.guards", "before_tool"),
    "compile_policy": ("hexgate.core.program", "compile_policy"),
    "create_manifest": ("hexgate.core.adapters", "create_manifest"),
    "current_user": ("hexgate.core.identity", "current_user"),
    "json_schema": ("hexgate.core.policy.schema", "json_schema"),
    "lint": ("hexgate.core.policy.lint", "lint"),
    "secrets_in_arguments": ("hexgate.core.gate.ready", "secrets_in_arguments"),
    "secrets_in_results": ("hexgate.core.gate.ready", "secrets_in_results"),
    "verify_caller": ("hexgate.core.identity.tokens", "verify_caller"),
}


def __getattr__(name: str) -> Any:
    """Loads the storey in which a public name lives, once."""
    if name not in TABLE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = TABLE[name]
    value = getattr(import_module(module), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names, loaded or not."""
    return sorted([*__all__, "__version__"])
