"""Everything that the linter looks for, in one tuple: the tuple is the documentation, and the list of rules in SARIF."""

from __future__ import annotations

from hexgate.core.policy.lint import rules_constraints as constraints
from hexgate.core.policy.lint import rules_manifest as manifest
from hexgate.core.policy.lint import rules_replaced as replaced
from hexgate.core.policy.lint import rules_roles as roles
from hexgate.core.policy.lint import rules_texts as texts
from hexgate.core.policy.lint.findings import LintRule

__all__ = ["RULES", "STOPPED"]

# Not looked for, but said by the linter itself when it gives up.
STOPPED = LintRule(
    "HX421", "linter-stopped", "note", "A policy that is too large to lint completely.", lambda _: iter(())
)

RULES: tuple[LintRule, ...] = (
    LintRule("HX401", "never-true", "warning", "A constraint that no call can meet.", constraints.never_true),
    LintRule(
        "HX402",
        "contradicting-constraints",
        "warning",
        "Constraints of one rule that cannot all hold.",
        constraints.contradicting,
    ),
    LintRule("HX403", "always-true", "note", "A constraint that every call meets.", constraints.always_true),
    LintRule(
        "HX404",
        "unreachable-alternative",
        "warning",
        "A side of an `or` that decides nothing.",
        constraints.unreachable_alternative,
    ),
    LintRule(
        "HX405",
        "widening-exists",
        "warning",
        "`exists` where leaving a field out, or giving it any value, lets a call pass.",
        constraints.widening_exists,
    ),
    LintRule(
        "HX406",
        "negated-shape",
        "warning",
        "`not within` and its like, which malformed values pass.",
        texts.negated_shape,
    ),
    LintRule(
        "HX407",
        "constraints-of-a-denial",
        "warning",
        "Constraints on a rule that denies either way.",
        constraints.constraints_of_a_denial,
    ),
    LintRule("HX408", "large-repeats", "warning", "A pattern that counted repeats make large.", texts.large_repeats),
    LintRule(
        "HX409",
        "unreachable-approval",
        "warning",
        "An approval that no call can ask for.",
        constraints.unreachable_approval,
    ),
    LintRule("HX410", "unused-rule", "warning", "A rule that everyone who inherits it replaces.", roles.unused_rule),
    LintRule(
        "HX411",
        "widened-rule",
        "note",
        "A rule that replaces an inherited one and lets more through.",
        replaced.widened_rule,
    ),
    LintRule(
        "HX412", "generous-default", "warning", "`default` allows what no named role may do.", roles.generous_default
    ),
    LintRule("HX413", "unused-mixin", "warning", "A mixin that no selectable role inherits.", roles.unused_mixin),
    LintRule("HX414", "useless-inheritance", "note", "A parent of which nothing is left.", roles.useless_inheritance),
    LintRule("HX415", "unused-constant", "note", "A constant that no constraint reads.", roles.unused_constant),
    LintRule(
        "HX416",
        "monitoring-has-ended",
        "warning",
        "Monitoring until a day that has passed.",
        roles.monitoring_has_ended,
    ),
    LintRule(
        "HX417", "unknown-tool", "warning", "A rule for a tool that the manifest does not have.", manifest.unknown_tool
    ),
    LintRule(
        "HX418", "unknown-argument", "warning", "An argument that the tool does not declare.", manifest.unknown_argument
    ),
    LintRule(
        "HX419",
        "shadowed-prefix",
        "warning",
        "A prefix all of whose tools have more exact rules.",
        manifest.shadowed_prefix,
    ),
    LintRule(
        "HX420",
        "unknown-approver",
        "note",
        "A role of approvers that is nearly called like a defined one.",
        roles.unknown_approver,
    ),
    STOPPED,
)
