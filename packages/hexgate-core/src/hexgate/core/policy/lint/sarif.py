"""Findings in, SARIF 2.1.0 out, which code hosts show beside the lines that are meant."""

from __future__ import annotations

import string
from collections.abc import Iterable
from typing import Any

from hexgate.core.policy.lint.findings import Finding, LintRule
from hexgate.core.policy.lint.rules import RULES
from hexgate.core.text import Span

__all__ = ["sarif"]

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
PLAIN = frozenset((string.ascii_letters + string.digits + "-._~/").encode())


def sarif(findings: Iterable[Finding], *, version: str) -> dict[str, Any]:
    """One run of the linter: what it looks for, and what it found. `version` is that of Hexgate."""
    numbers = {rule.code: number for number, rule in enumerate(RULES)}
    driver = {"name": "hexgate policy lint", "version": version, "rules": [rule_data(rule) for rule in RULES]}
    results = [result_data(finding, numbers[finding.code]) for finding in findings]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def rule_data(rule: LintRule) -> dict[str, Any]:
    """One thing that the linter looks for."""
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "defaultConfiguration": {"level": rule.severity},
    }


def result_data(finding: Finding, number: int) -> dict[str, Any]:
    """One finding."""
    place: dict[str, Any] = {}
    if finding.span is not None:
        place["physicalLocation"] = physical(finding.span)
    if finding.path:
        place["logicalLocations"] = [{"fullyQualifiedName": finding.path}]
    return {
        "ruleId": finding.code,
        "ruleIndex": number,
        "level": finding.severity,
        "message": {"text": f"{finding.message}. {finding.help}"},
        **({"locations": [place]} if place else {}),
    }


def physical(span: Span) -> dict[str, Any]:
    """A stretch of a file."""
    region = {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }
    return {"artifactLocation": {"uri": uri(span.source.name)}, "region": region}


def uri(name: str) -> str:
    """The name of a file as a relative reference: what has a meaning in a URI is escaped, a lone surrogate too."""
    path = name.replace("\\", "/").encode("utf-8", "surrogateescape")
    return "".join(chr(byte) if byte in PLAIN else f"%{byte:02X}" for byte in path)
