"""What the linter says about roles: what inheritance replaces, what nobody uses, what `default` gives away."""

from __future__ import annotations

import pytest

from hexgate.core.policy import Policy
from hexgate.core.policy.lint import Finding, lint


def linted(roles: str, consts: str = "{}") -> list[Finding]:
    return lint(Policy.from_text(f"consts: {consts}\nroles:\n{roles}"))


def found(roles: str, consts: str = "{}") -> list[tuple[str, str, str]]:
    return [(finding.code, finding.severity, finding.path) for finding in linted(roles, consts)]


def wider(old: str, new: str, consts: str = "{}") -> list[tuple[str, str]]:
    """What is said when a child replaces one rule of its parent by another; the parent stays selectable."""
    text = (
        f"  parent: {{tools: {{t: {old}, u: {{mode: allow}}}}}}\n  child: {{inherits: [parent], tools: {{t: {new}}}}}\n"
    )
    return [(finding.code, finding.severity) for finding in linted(text, consts)]


WIDENED = [
    ("{mode: deny}", "{mode: allow}", "warning"),
    ("{mode: deny}", "{mode: approval_required}", "warning"),
    ("{mode: approval_required}", "{mode: allow}", "note"),
    ("{mode: allow, constraints: [args.a == 1]}", "{mode: allow}", "warning"),
    ("{mode: allow, constraints: [args.a == 1, args.b == 2]}", "{mode: allow, constraints: [args.b == 2]}", "warning"),
    ("{mode: allow, file_scope: {allowed_paths: [a]}}", "{mode: allow}", "warning"),
    (
        "{mode: approval_required, constraints: [args.a == 1, args.b == 2, args.c == 3, args.d == 4]}",
        "{mode: approval_required}",
        "warning",
    ),
    ("{mode: allow, constraints: [args.a <= 100]}", "{mode: allow, constraints: [args.a <= 500]}", "note"),
    ("{mode: allow, constraints: [args.a <= 100]}", "{mode: allow, constraints: [args.a <= consts.limit]}", "note"),
    ("{mode: allow, constraints: ['args.a in [1]']}", "{mode: allow, constraints: ['args.a in [1, 2]']}", "note"),
    (
        "{mode: allow, constraints: [args.a <= 1], file_scope: {denied_paths: [a]}}",
        "{mode: allow, constraints: [args.a <= 2], file_scope: {denied_paths: [a]}}",
        "note",
    ),
]


@pytest.mark.parametrize(("old", "new", "severity"), WIDENED)
def test_a_rule_that_inheritance_replaces_by_a_wider_one_is_found(old: str, new: str, severity: str) -> None:
    assert wider(old, new, "{limit: 500}" if "limit" in new else "{}") == [("HX411", severity)]


NARROWED = [
    ("{mode: allow}", "{mode: deny}"),
    ("{mode: allow}", "{mode: approval_required}"),
    ("{mode: deny}", "{mode: deny, reason: other}"),
    ("{mode: allow}", "{mode: allow, constraints: [args.a == 1]}"),
    ("{mode: allow, constraints: [args.a <= 500]}", "{mode: allow, constraints: [args.a <= 100]}"),
    ("{mode: allow, constraints: [args.a == 1]}", "{mode: allow, constraints: [args.b == 1]}"),
    ("{mode: allow, constraints: [args.a == 1]}", "{mode: allow, constraints: ['1 == args.a', args.a == 1]}"),
    (
        "{mode: allow, file_scope: {allowed_paths: [a]}}",
        "{mode: allow, file_scope: {allowed_paths: [b]}}",
    ),
    (
        "{mode: allow, constraints: [args.a == 1], file_scope: {allowed_paths: [a]}}",
        "{mode: allow, file_scope: {allowed_paths: [b]}}",
    ),
]


@pytest.mark.parametrize(("old", "new"), NARROWED)
def test_a_rule_that_inheritance_does_not_widen_is_left_alone(old: str, new: str) -> None:
    assert wider(old, new) == []


def test_what_is_dropped_is_named() -> None:
    old = "{mode: allow, constraints: [args.a == 1, args.b == 2, args.c == 3, args.d == 4]}"
    text = f"  parent: {{tools: {{t: {old}}}}}\n  child: {{inherits: [parent], tools: {{t: {{mode: allow}}}}}}\n"
    finding = next(finding for finding in linted(text) if finding.code == "HX411")
    assert finding.message == (
        "`child` replaces the rule of `parent` for `t` and does not demand"
        " `args.a == 1` and `args.b == 2` and `args.c == 3` and more"
    )


def test_a_default_policy_that_inheritance_widens_is_noted() -> None:
    text = "  parent: {default_policy: {mode: deny}, tools: {t: {mode: allow}}}\n"
    text += "  child: {inherits: [parent], default_policy: {mode: allow}}\n"
    assert found(text) == [("HX411", "note", "roles.child.default_policy")]
    assert "replaces the `default_policy` of `parent`" in linted(text)[0].message


def test_a_parent_that_replaces_the_rule_of_another_is_found_once() -> None:
    text = "  a: {tools: {t: {mode: deny}, u: {mode: allow}}}\n  b: {tools: {t: {mode: allow}}}\n"
    text += "  c: {inherits: [a, b]}\n  d: {inherits: [a, b]}\n  e: {inherits: [b, a]}\n"
    assert [path for code, _, path in found(text) if code == "HX411"] == ["roles.b.tools.t"]


def test_a_rule_that_comes_back_through_two_parents_replaces_nothing() -> None:
    text = "  base: {tools: {t: {mode: deny}}}\n  a: {inherits: [base], tools: {u: {mode: allow}}}\n"
    text += "  b: {inherits: [base], default_policy: {mode: deny}}\n  c: {inherits: [a, b]}\n"
    assert found(text) == []


def test_mixins_may_be_inherited_along_two_ways() -> None:
    text = "  base: {is_mixin: true, tools: {t: {mode: allow, constraints: [args.a == consts.x]}}}\n"
    text += "  a: {is_mixin: true, inherits: [base], tools: {u: {mode: allow}}}\n"
    text += "  b: {is_mixin: true, inherits: [base], tools: {v: {mode: allow}}}\n"
    text += "  c: {inherits: [a, b]}\n  d: {inherits: [a, b]}\n"
    assert found(text, "{x: 1}") == []


def test_constants_that_a_mixin_leaves_to_its_heirs_are_no_ground_to_judge() -> None:
    text = "  base: {is_mixin: true, tools: {t: {mode: allow, constraints: [args.a < consts.x]}}}\n"
    text += "  mid: {is_mixin: true, inherits: [base], tools: {t: {mode: allow, constraints: [args.a <= consts.x]}}}\n"
    text += "  top: {inherits: [mid], consts: {x: 1}}\n"
    assert [code for code, _, _ in found(text)] == ["HX410", "HX414"]


def test_a_rule_that_every_heir_replaces_is_found() -> None:
    text = "  base: {is_mixin: true, default_policy: {mode: deny}, tools: {t: {mode: allow}, u: {mode: allow}}}\n"
    text += "  a: {inherits: [base], default_policy: {mode: deny}, tools: {t: {mode: deny}}}\n"
    text += "  b: {inherits: [a]}\n"
    assert found(text) == [
        ("HX410", "warning", "roles.base.default_policy"),
        ("HX410", "warning", "roles.base.tools.t"),
    ]


def test_a_rule_that_one_heir_keeps_is_left_alone() -> None:
    text = "  base: {is_mixin: true, tools: {t: {mode: allow}, u: {mode: allow}}}\n"
    text += "  a: {inherits: [base], tools: {t: {mode: deny}}}\n  b: {inherits: [base]}\n"
    assert found(text) == []


def test_a_mixin_that_no_role_inherits_is_found_once() -> None:
    text = "  lonely: {is_mixin: true, tools: {t: {mode: allow, constraints: ['1 == 2']}}}\n"
    text += "  friend: {is_mixin: true, inherits: [lonely]}\n  a: {tools: {t: {mode: allow}}}\n"
    assert found(text) == [
        ("HX413", "warning", "roles.lonely.is_mixin"),
        ("HX413", "warning", "roles.friend.is_mixin"),
    ]


def test_a_mixin_that_is_inherited_from_afar_is_left_alone() -> None:
    text = "  far: {is_mixin: true, tools: {t: {mode: allow}}}\n  near: {is_mixin: true, inherits: [far]}\n"
    text += "  a: {inherits: [near]}\n"
    assert found(text) == []


USELESS = [
    "  p: {tools: {t: {mode: allow}}}\n  c: {inherits: [p], tools: {t: {mode: deny}}}\n",
    "  p: {default_policy: {mode: allow}}\n  c: {inherits: [p], default_policy: {mode: deny}}\n",
    "  p: {}\n  c: {inherits: [p], tools: {t: {mode: deny}}}\n",
    "  p: {consts: {x: 1}}\n  c: {inherits: [p], consts: {x: 2}, tools: {t: {mode: allow, constraints: [args.a == consts.x]}}}\n",
]


@pytest.mark.parametrize("text", USELESS)
def test_a_parent_of_which_nothing_is_left_is_noted(text: str) -> None:
    assert found(text) == [("HX414", "note", "roles.c.inherits")]


READS_X = "{mode: allow, constraints: [args.a < consts.x]}"
USEFUL = [
    "  p: {tools: {t: {mode: allow}, u: {mode: deny}}}\n  c: {inherits: [p], tools: {t: {mode: deny}}}\n",
    "  p: {default_policy: {mode: allow}}\n  c: {inherits: [p], tools: {t: {mode: deny}}}\n",
    f"  p: {{inherits: [g]}}\n  g: {{consts: {{x: 1}}}}\n  c: {{inherits: [p], tools: {{t: {READS_X}}}}}\n",
]


@pytest.mark.parametrize("text", USEFUL)
def test_a_parent_of_which_something_is_left_is_left_alone(text: str) -> None:
    assert found(text) == []


GENEROUS = [
    ("tools: {t: {mode: allow}}", "tools: {u: {mode: allow}}", "tools.t"),
    ("tools: {t: {mode: allow}}", "tools: {t: {mode: deny}}", "tools.t"),
    ("tools: {t: {mode: allow}}", "tools: {t*: {mode: deny}}, default_policy: {mode: allow}", "tools.t"),
    ("tools: {t-*: {mode: allow}}", "tools: {u-*: {mode: allow}, t-x: {mode: deny}}", "tools.t-*"),
    ("default_policy: {mode: allow}", "tools: {t: {mode: allow}}", "default_policy"),
    ("default_policy: {mode: allow}", "default_policy: {mode: deny}", "default_policy"),
]


@pytest.mark.parametrize(("default", "other", "path"), GENEROUS)
def test_a_default_that_gives_what_no_named_role_has_is_found(default: str, other: str, path: str) -> None:
    assert found(f"  default: {{{default}}}\n  other: {{{other}}}\n") == [("HX412", "warning", f"roles.default.{path}")]


SHARED = [
    ("tools: {t: {mode: allow}}", "tools: {t: {mode: allow, constraints: [args.a == 1]}}"),
    ("tools: {t: {mode: allow}}", "tools: {t*: {mode: approval_required}, u: {mode: deny}}"),
    ("tools: {t: {mode: allow}}", "default_policy: {mode: allow}"),
    ("tools: {t: {mode: deny}, u: {mode: approval_required}}", "tools: {}"),
    ("tools: {t-*: {mode: allow}}", "tools: {t-x: {mode: allow}}"),
    ("tools: {t-*: {mode: allow}}", "tools: {t*: {mode: allow}}"),
    ("tools: {t-*: {mode: allow}}", "default_policy: {mode: approval_required}"),
    ("default_policy: {mode: allow}", "default_policy: {mode: approval_required}"),
]


@pytest.mark.parametrize(("default", "other"), SHARED)
def test_a_default_that_gives_what_a_named_role_has_is_left_alone(default: str, other: str) -> None:
    assert found(f"  default: {{{default}}}\n  other: {{{other}}}\n") == []


def test_a_default_that_never_allows_is_told_of_for_that_alone() -> None:
    text = "  default: {tools: {t: {mode: allow, constraints: ['1 == 2']}}}\n  other: {}\n"
    assert [code for code, _, _ in found(text)] == ["HX401"]


@pytest.mark.parametrize(
    "text", ["  default: {tools: {t: {mode: allow}}}\n", "  other: {tools: {t: {mode: allow}}}\n  more: {}\n"]
)
def test_without_a_default_or_without_named_roles_nothing_is_given_away(text: str) -> None:
    assert found(text) == []


def test_a_constant_that_nothing_reads_is_noted() -> None:
    text = "  a: {consts: {used: 1, unused: 2}, tools: {t: {mode: allow, constraints: ['args.a == consts.used']}}}\n"
    assert found(text, "{spare: 1}") == [
        ("HX415", "note", "consts.spare"),
        ("HX415", "note", "roles.a.consts.unused"),
    ]
    assert [finding.help for finding in linted("  a: {tools: {t: {mode: allow}}}\n", "{x: 1}")] == [
        "delete it, or compare with it"
    ]


def test_an_unused_constant_is_told_of_where_it_stands() -> None:
    text = "  a:\n    consts: {unused: 2}\n"
    assert [str(finding.span) for finding in linted(text, "{spare: 1}")] == ["<policy>:1:10", "<policy>:4:14"]


def test_a_role_of_approvers_that_is_nearly_a_defined_one_is_noted() -> None:
    ask = "{mode: approval_required, approvers: {role: %s}}"
    text = f"  finance: {{tools: {{a: {ask % 'finanse'}, b: {ask % 'finanse'}, c: {ask % 'finance'}}}}}\n"
    assert found(text) == [
        ("HX420", "note", "roles.finance.tools.a.approvers.role"),
        ("HX420", "note", "roles.finance.tools.b.approvers.role"),
    ]
    assert {finding.help for finding in linted(text)} == {"did you mean `finance`?"}


def test_approvers_may_have_roles_that_the_policy_does_not_define() -> None:
    rules = (
        "a: {mode: approval_required, approvers: {role: board}}, b: {mode: approval_required, approvers: {not: caller}}"
    )
    assert found(f"  finance: {{tools: {{{rules}}}}}\n") == []


def test_constants_are_read_wherever_they_stand() -> None:
    text = "  a: {tools: {t: {mode: allow, constraints: ['every(args.l, lower(consts.x) == . or not (. in consts.y))']}}}\n"
    assert found(text, "{x: a, y: [b]}") == []


def test_a_rule_is_judged_by_all_roles_that_see_it() -> None:
    constraints = "['role == \"a\"', 'args.a < consts.x and args.a > 5']"
    text = f"  base: {{is_mixin: true, tools: {{t: {{mode: allow, constraints: {constraints}}}}}}}\n"
    text += "  a: {inherits: [base], consts: {x: 1}}\n  b: {inherits: [base], consts: {x: 10}}\n"
    assert found(text) == []
    alone = text.replace("  b: {inherits: [base], consts: {x: 10}}\n", "")
    assert [code for code, _, _ in found(alone)] == ["HX403", "HX401"]


def test_a_flat_file_and_a_directory_have_shorter_paths() -> None:
    rule = "tools: {t: {mode: allow, constraints: ['1 == 2']}}"
    assert [finding.path for finding in lint(Policy.from_text(rule))] == ["tools.t.constraints[0]"]
    (finding,) = lint(Policy.from_files({"a.yaml": rule}))
    assert finding.path == "tools.t.constraints[0]"
    assert finding.span is not None
    assert finding.span.source.name == "a.yaml"


def test_the_same_words_about_the_same_place_are_said_once() -> None:
    text = "  a: {tools: {t: &rule {mode: allow, constraints: &c ['1 == 2']}}}\n  b: {tools: {t: {mode: allow, constraints: *c}}}\n"
    assert [code for code, _, _ in found(text)] == ["HX401"]
