"""The Rego of a policy: what people read in it. That it means the same is what OPA is asked in the tests of the whole house."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from decimal import Decimal
from typing import Any

import pytest

from hexgate.core import Policy, compile_policy
from hexgate.core.expr.normal import Holds
from hexgate.core.expr.syntax import InScope, Path
from hexgate.core.program import Check, CompiledRule, Program, RoleIndex
from hexgate.core.rego import rego_text

HOSTILE = ['x"} allow := true #', "a\nb", "back\\slash", "\u2028", "\x00", "{%s}", "x\x7fy", "\U0001f98a", "METADATA"]

BILLING = """\
roles:
  billing:
    tools:
      refund_order:
        mode: approval_required
        reason: finance limit 2026
        constraints: [args.amount <= 500]
        approvers: {role: finance, not: caller}
        enforce: false
        until: 2099-12-31
      mcp-*: {mode: deny}
"""


def rego(policy: str | dict[str, Any]) -> str:
    read = Policy.from_text(policy, "policies/p.yaml") if isinstance(policy, str) else Policy.model_validate(policy)
    return rego_text(compile_policy(read))


def condition(*constraints: str) -> str:
    """The rules of the checks of these constraints and what follows them."""
    text = rego({"tools": {"t": {"mode": "allow", "constraints": list(constraints)}}})
    return text[text.index("# c1: ") :]


def test_each_rule_says_whose_it_is_where_it_stands_and_why() -> None:
    text = rego(BILLING)
    assert (
        """\
# Role "billing": "refund_order", p.yaml:4
# reason: finance limit 2026
rule(role, kind, name) := {
	"approvers": {"not": "caller", "role": "finance"},
	"checks": [
		{"id": "c1", "text": "args.amount <= 500"},
	],
	"explicit_deny": false,
	"mode": "approval_required",
	"monitor": "2099-12-31",
} if {
	role == "billing"
	kind == "tool"
	name == "refund_order"
}

# c1: args.amount <= 500
holds(id) if {
	id == "c1"
	is_at_most(input.args.amount, 500)
}

# Role "billing": "mcp-*", p.yaml:11
rule(role, kind, name) := {
	"approvers": null,
	"checks": [],
	"explicit_deny": true,
	"mode": "deny",
	"monitor": false,
} if {
	role == "billing"
	kind == "prefix"
	name == "mcp-"
}

# Role "billing": what no rule names
"""
        in text
    )


def test_the_text_names_the_program_and_begins_with_what_is_the_same_for_all() -> None:
    program = compile_policy(Policy.from_text("tools: {t: {mode: allow}}"))
    lines = rego_text(program).splitlines()
    assert lines[1] == f"# Program {program.digest}"
    assert "package hexgate.policy" in lines
    assert "default decision := {" in lines


def test_where_a_policy_lies_changes_nothing_in_its_text() -> None:
    here, there = (
        rego_text(compile_policy(Policy.from_text("tools: {t: {mode: allow}}", name)))
        for name in ("/home/one/p.yaml", "C:\\two\\p.yaml")
    )
    assert here == there


def test_a_check_that_many_rules_have_stands_once() -> None:
    rule = {"mode": "allow", "constraints": ["args.n > 1", "args.n > 1", "args.m > 1"]}
    text = rego({"roles": {"one": {"tools": {"a": rule, "b": rule}}, "two": {"default_policy": rule}}})
    assert text.count("holds(id) if") == 2
    assert text.count('"id": "c1"') == 6


def test_a_check_that_reads_the_role_stands_once_for_each_role() -> None:
    rule = {"mode": "allow", "constraints": ['role == "one"']}
    text = rego({"roles": {"one": {"default_policy": rule}, "two": {"default_policy": rule}}})
    assert 'is_equal("one", "one")' in text
    assert 'is_equal("two", "one")' in text


@pytest.mark.parametrize(
    ("constraint", "line"),
    [
        ("args.n == 5", "is_equal(input.args.n, 5)"),
        ("not args.n == 5", "is_not_equal(input.args.n, 5)"),
        ("args.n >= 1e400", "is_at_least(input.args.n, 1e400)"),
        ("args.n < 1e31000", 'is_less(input.args.n, json.unmarshal("1e31000"))'),
        ("not args.n < 0.50", "is_at_least(input.args.n, 0.5)"),
        ("args.n != -5", "is_not_equal(input.args.n, -5)"),
        ("args.n in [1, true, null, 'a', [2]]", 'is_in(input.args.n, [1, true, null, "a", [2]])'),
        ("ctx.n not in args.list", "is_not_in(input.ctx.n, input.args.list)"),
        ('user.id == args["odd \\"key\\"]"]', 'is_equal(input.user.id, input.args["odd \\"key\\"]"])'),
        ("args.default == args.data.input", 'is_equal(input.args["default"], input.args.data.input)'),
        ("args.list[3].x == session.id", "is_equal(input.args.list[3].x, input.session.id)"),
        ("count(args.list) > 2", "is_more(size(input.args.list), 2)"),
        ('startswith(tool, "a")', 'is_starting_with(input.tool, "a")'),
        ("not endswith(args.x, args.y)", "is_not_ending_with(input.args.x, input.args.y)"),
        ('contains(lower(args.x), "É")', 'is_containing(lowered(input.args.x), "\\u00c9")'),
        (r'matches(args.x, "^(?P<name>\\d+)$")', 'is_matching(input.args.x, "^(\\\\d+)$")'),
        ('within(args.x, "/srv", "/", "./src")', 'is_within(input.args.x, ["/srv/", "/", "src/"])'),
        ('url_host_in(args.x, ["A.com", "*.b.com"])', 'is_host_in(input.args.x, ["a.com"], [".b.com"])'),
        ("exists(args.x)", "is_present(input.args.x)"),
        ("not exists(args.x)", "is_not_present([found | found := input.args.x])"),
    ],
)
def test_a_leaf_is_one_call(constraint: str, line: str) -> None:
    assert f'holds(id) if {{\n\tid == "c1"\n\t{line}\n}}' in condition(constraint)


def test_what_holds_in_several_ways_has_several_bodies() -> None:
    assert condition("args.a == 1 or args.b == 2 and not (args.c == 3 and args.d == 4)").startswith("""\
# c1: args.a == 1 or args.b == 2 and not (args.c == 3 and args.d == 4)
c1_1 if {
	is_not_equal(input.args.c, 3)
}

c1_1 if {
	is_not_equal(input.args.d, 4)
}

holds(id) if {
	id == "c1"
	is_equal(input.args.a, 1)
}

holds(id) if {
	id == "c1"
	is_equal(input.args.b, 2)
	c1_1
}
""")


def test_a_quantifier_is_asked_of_a_list_and_its_element_has_a_name() -> None:
    assert condition(
        "every(args.rows, any(., . > 1) and (count(.) > 2 or args.x == 1) and any(args.y, args.z == 1))"
    ).startswith("""\
# c1: every(args.rows, any(., . > 1) and (count(.) > 2 or args.x == 1) and any(args.y, args.z == 1))
c1_1(item) if {
	some item_2 in elements(item)
	is_more(item_2, 1)
}

c1_2(item) if {
	is_more(size(item), 2)
}

c1_2(item) if {
	is_equal(input.args.x, 1)
}

c1_3 if {
	some _ in elements(input.args.y)
	is_equal(input.args.z, 1)
}

holds(id) if {
	id == "c1"
	every item in elements(input.args.rows) {
		c1_1(item)
		c1_2(item)
		c1_3
	}
}
""")


def test_only_the_functions_that_are_called_are_printed() -> None:
    few, many = condition("args.n == 5"), condition('lower(args.x) == "a"', 'within(args.x, "/")')
    assert re.findall(r"^([a-z_]+)\(", few, re.MULTILINE) == ["holds", "rule", "is_equal"]
    assert len(few) < 1000
    assert "lower_case := json.unmarshal(" in many
    assert "clean_path(path) :=" in many
    assert "lower_case" not in condition('args.x == "lowered(x)"')


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_of_an_author_stays_in_its_string_or_comment(text: str) -> None:
    rule = {"mode": "allow", "reason": text, "constraints": [f"args.x == {as_literal(text)}"]}
    names = [text] if text.isprintable() else []
    plain = rego({"roles": {"r": {"tools": {"t": rule}}, **{name: {"tools": {name: rule}} for name in names}}})
    assert plain.isascii()
    assert all(line.isprintable() for line in plain.replace("\t", "").splitlines())
    for line in plain.splitlines():
        if not line.startswith("#"):
            bare = re.sub(r'"(?:[^"\\]|\\.)*"|`[^`]*`', "", line)
            assert "#" not in bare
            assert '"' not in bare
    assert not any(line.startswith("# METADATA") for line in plain.splitlines())


def as_literal(text: str) -> str:
    escapes = {'"': '\\"', "\\": "\\\\"}
    return '"' + "".join(escapes.get(c, c if c.isprintable() else f"\\u{ord(c):04x}") for c in text) + '"'


def test_a_file_scope_is_a_call_with_the_patterns_of_its_files() -> None:
    scope = {"argument": "f", "allowed_paths": ["src/**"], "denied_paths": ["**/.env"]}
    text = rego({"tools": {"t": {"mode": "allow", "file_scope": scope}}})
    assert r'is_in_scope(input.args.f, ["(?s)\\Asrc/.+\\z"], ["(?s)\\A(?:.*/)?\\.env\\z"])' in text
    everywhere = rego({"tools": {"t": {"mode": "allow", "file_scope": {"argument": "f", "denied_paths": ["a"]}}}})
    assert r'is_in_scope(input.args.f, ["(?s)\\A.+\\z"], ["(?s)\\Aa\\z"])' in everywhere


def test_what_no_constraint_can_say_has_its_negative_too() -> None:
    scope = Holds(InScope(Path("args", ("f",)), ("a",), ()), False)
    rest = CompiledRule("default_policy", listed=False, mode="allow", checks=(Check("outside", scope),))
    text = rego_text(Program({"default": RoleIndex("default", {}, {}, rest)}, False, "sha256:0"))
    assert r'is_not_in_scope(input.args.f, ["(?s)\\Aa\\z"], [])' in text
    assert '# Role "default": default_policy\n' in text


def test_the_text_is_the_same_under_every_hash_seed() -> None:
    code = (
        "from hexgate.core import Policy, compile_policy; from hexgate.core.rego import rego_text; import hashlib;"
        'text = \'tools: {t: {mode: allow, constraints: ["lower(args.x) in [\\\\"a\\\\"] or args.n < 1"]}}\';'
        "print(hashlib.sha256(rego_text(compile_policy(Policy.from_text(text))).encode()).hexdigest())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "77")
    }
    assert len(found) == 1


def test_a_number_with_very_many_digits_is_written_out() -> None:
    digits = "1" * 4000
    assert f"is_equal(input.args.n, {digits})" in condition(f"args.n == {digits}")
    assert Decimal("1e31000").adjusted() > 30_000
