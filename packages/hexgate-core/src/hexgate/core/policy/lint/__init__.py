"""A policy in, findings out: what is valid, and does hardly what was meant. `RULES` lists what is looked for, one function each.

    folding    one leaf → what it answers to every call, if that is certain
    subjects   leaves → what they demand of each operand
    demands    conditions → impossible, certain, implied
    survey     a policy → each rule with the roles in which it counts
    rules_*    a survey → remarks

# INVARIANT: a finding is certain. A rule that cannot tell stays quiet, as every false alarm costs the trust that a true one needs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from hexgate.core.policy.document import Document
from hexgate.core.policy.lint.budget import MOST_WORK, WorkExceededError, limited
from hexgate.core.policy.lint.findings import Finding, LintRule, Remark, Severity, render
from hexgate.core.policy.lint.rules import RULES, STOPPED
from hexgate.core.policy.lint.rules_manifest import tools_of
from hexgate.core.policy.lint.sarif import sarif
from hexgate.core.policy.lint.survey import Survey

__all__ = ["RULES", "Finding", "LintRule", "Severity", "lint", "render", "sarif"]


def lint(policy: Document, manifest: Mapping[str, Any] | None = None, *, today: date | None = None) -> list[Finding]:
    """The findings in a policy, in the order of its text.

    With the agent's manifest, `{"tools": [{"name": …, "input_schema": …}]}`, tools and arguments are looked at as well.
    `today` is the day in UTC on which monitoring may have ended.
    """
    tools = None if manifest is None else tools_of(manifest)
    survey = Survey(policy, tools, today or datetime.now(UTC).date())
    # The same words about the same place are said once, though an anchor may put a rule into many roles.
    findings: dict[tuple[str, str, str], Finding] = {}
    for rule, remark in remarks(survey):
        finding = Finding(
            rule.code, remark.severity or rule.severity, remark.message, remark.help, remark.span, remark.path
        )
        findings.setdefault((rule.code, finding.message, str(remark.span or remark.path)), finding)
    return sorted(findings.values(), key=in_order_of_the_text)


def remarks(survey: Survey) -> Iterator[tuple[LintRule, Remark]]:
    """What each rule remarks, until too much work is done: then the last rule says that the others were not asked."""
    rule = RULES[0]
    try:
        with limited(MOST_WORK):
            for rule in RULES:
                for remark in rule.find(survey):
                    yield rule, remark
    except WorkExceededError:
        message = f"the linter stopped here, at {rule.code}: the policy is too large to lint completely"
        help = "split long lists of constraints and alternatives, or move values into lists in `consts`"
        yield STOPPED, Remark(message, help, None, "")


def in_order_of_the_text(finding: Finding) -> tuple[str, int, int, str]:
    """Where a finding stands among the others; those without a place come first."""
    span = finding.span
    return (span.source.name, span.line, span.column, finding.code) if span else ("", 0, 0, finding.code)
