from hexgate.core.adapters import AgentManifest as AgentManifest
from hexgate.core.adapters import create_manifest as create_manifest
from hexgate.core.audit import Audit as Audit
from hexgate.core.audit import Redaction as Redaction
from hexgate.core.audit import Spool as Spool
from hexgate.core.call import ToolCall as ToolCall
from hexgate.core.decision import Decision as Decision
from hexgate.core.decision import Outcome as Outcome
from hexgate.core.decision import RuleReference as RuleReference
from hexgate.core.engine import Explanation as Explanation
from hexgate.core.errors import AuditError as AuditError
from hexgate.core.errors import HexgateError as HexgateError
from hexgate.core.errors import Mistake as Mistake
from hexgate.core.errors import ModuleError as ModuleError
from hexgate.core.errors import PolicyError as PolicyError
from hexgate.core.errors import SuiteError as SuiteError
from hexgate.core.errors import TokenError as TokenError
from hexgate.core.errors import UserError as UserError
from hexgate.core.gate.approval_file import ApprovalError as ApprovalError
from hexgate.core.gate.approval_file import ApprovalFile as ApprovalFile
from hexgate.core.gate.approvals import Approver as Approver
from hexgate.core.gate.bans import BanGate as BanGate
from hexgate.core.gate.bans import BannedError as BannedError
from hexgate.core.gate.bans import FileBans as FileBans
from hexgate.core.gate.gate import NotRunError as NotRunError
from hexgate.core.gate.guards import Halt as Halt
from hexgate.core.gate.guards import Replace as Replace
from hexgate.core.gate.guards import after_tool as after_tool
from hexgate.core.gate.guards import before_tool as before_tool
from hexgate.core.gate.passage import Result as Result
from hexgate.core.gate.ready import secrets_in_arguments as secrets_in_arguments
from hexgate.core.gate.ready import secrets_in_results as secrets_in_results
from hexgate.core.hexgate import Hexgate as Hexgate
from hexgate.core.identity import User as User
from hexgate.core.identity import current_user as current_user
from hexgate.core.identity.tokens import verify_caller as verify_caller
from hexgate.core.policy import Policy as AgentPolicy
from hexgate.core.policy import Policy as Policy
from hexgate.core.policy.builder import C as C
from hexgate.core.policy.builder import PolicyBuilder as PolicyBuilder
from hexgate.core.policy.lint import Finding as Finding
from hexgate.core.policy.lint import lint as lint
from hexgate.core.policy.schema import json_schema as json_schema
from hexgate.core.program import Program as Program
from hexgate.core.program import compile_policy as compile_policy
from hexgate.core.sources import PolicySource as PolicySource

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

__version__: str
