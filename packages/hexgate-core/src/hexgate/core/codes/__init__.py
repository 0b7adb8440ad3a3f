"""Every stable code that Hexgate tells people: what it means, what provokes it, what to do. The reference of errors is made of it.

# INVARIANT: a code is never given another meaning, and the table has exactly the codes that our source can raise.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hexgate.core.codes.audit import AUDIT
from hexgate.core.codes.bundles import BUNDLES, TRUST
from hexgate.core.codes.certificates import CERTIFICATES
from hexgate.core.codes.commands import COMMANDS
from hexgate.core.codes.constraints import CONSTRAINTS
from hexgate.core.codes.documents import DOCUMENTS
from hexgate.core.codes.doors import DOORS
from hexgate.core.codes.entry import ErrorCode, Way
from hexgate.core.codes.findings import FINDINGS
from hexgate.core.codes.gate import GATE
from hexgate.core.codes.modules import MODULES
from hexgate.core.codes.rules import RULES
from hexgate.core.codes.sources import SOURCES
from hexgate.core.codes.suites import SUITES
from hexgate.core.codes.tokens import TOKENS
from hexgate.core.codes.users import USERS

__all__ = ["CODES", "FAMILIES", "ErrorCode", "Way"]

FAMILIES: Mapping[str, tuple[ErrorCode, ...]] = MappingProxyType(
    {
        "Files and YAML": DOCUMENTS,
        "Roles, rules and constants": RULES,
        "Constraints": CONSTRAINTS,
        "Findings of the linter": FINDINGS,
        "Users": USERS,
        "Tokens": TOKENS,
        "Files of suites": SUITES,
        "The command line": COMMANDS,
        "Bundles": BUNDLES,
        "Certificates": CERTIFICATES,
        "Trust in bundles": TRUST,
        "Sources of policies": SOURCES,
        "WebAssembly modules": MODULES,
        "The gate": GATE,
        "The record": AUDIT,
        "Doors to frameworks": DOORS,
    }
)
CODES: Mapping[str, ErrorCode] = MappingProxyType(
    {entry.code: entry for family in FAMILIES.values() for entry in family}
)
