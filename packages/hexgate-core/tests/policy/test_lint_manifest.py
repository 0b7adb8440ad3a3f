"""With an agent's manifest the linter knows its tools and their arguments, and what it cannot tell it leaves alone."""

from __future__ import annotations

from typing import Any

import pytest

from hexgate.core.errors import PolicyError
from hexgate.core.policy import Policy
from hexgate.core.policy.lint import Finding, lint

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "amount": {"type": "number"},
        "customer": {"$ref": "#/$defs/Customer"},
        "rows": {"type": "array", "items": {"type": "object", "properties": {"price": {"type": "number"}}}},
        "open": {
            "type": "object",
            "properties": {},
            "additionalProperties": {"type": "object", "properties": {"a": {}}},
        },
        "either": {"anyOf": [{"type": "string"}, {"type": "object"}]},
        "loop": {"$ref": "#/properties/loop"},
        "far": {"$ref": "other.json#/x"},
        "lost": {"$ref": "#/$defs/nowhere/deep"},
        "free": {"type": "object"},
        "nothing": False,
    },
    "$defs": {"Customer": {"type": "object", "properties": {"name": {}}, "additionalProperties": False}},
}
MANIFEST = {
    "tools": [{"name": "refund", "input_schema": SCHEMA}, {"name": "mcp-a", "input_schema": SCHEMA}, {"name": "mcp-b"}]
}


def linted(tools: dict[str, Any], manifest: dict[str, Any] = MANIFEST) -> list[Finding]:
    return lint(Policy.model_validate({"tools": tools}), manifest)


def codes(constraint: str, tool: str = "refund") -> list[str]:
    return [finding.code for finding in linted({tool: {"mode": "allow", "constraints": [constraint]}})]


def test_a_tool_that_the_agent_does_not_have_is_found_with_the_nearest_name() -> None:
    (finding,) = linted({"refnd": {"mode": "allow"}})
    assert (finding.code, finding.severity, finding.path) == ("HX417", "warning", "tools.refnd")
    assert finding.help == "did you mean `refund`?"
    (finding,) = linted({"github-*": {"mode": "deny"}})
    assert finding.message == "the manifest has no tool with the prefix `github-`"


def test_tools_that_the_agent_has_are_left_alone() -> None:
    assert linted({"refund": {"mode": "allow"}, "mcp-*": {"mode": "deny"}}) == []


def test_without_a_manifest_every_tool_may_be_there() -> None:
    policy = Policy.model_validate(
        {"tools": {"x": {"mode": "allow", "constraints": ["args.a == 1"]}, "y-*": {"mode": "deny"}}}
    )
    assert lint(policy) == []


UNDECLARED = [
    "args.amuont <= 5",
    "args.customer.nam == 'x'",
    "exists(args.x)",
    "every(args.rows, .prize > 1)",
    "any(args.rows, count(.prize) > 1)",
    "args.open.x.b == 1",
    "not (args.amount == 1 and lower(args.x) == 'y')",
    "every(args.x, . == 1)",
    "args.nothing.x == 1",
    "args.rows[0].prize == 1",
]


@pytest.mark.parametrize("constraint", UNDECLARED)
def test_an_argument_that_the_tool_does_not_declare_is_found(constraint: str) -> None:
    assert "HX418" in codes(constraint)


DECLARED = [
    "args.amount <= 5",
    "args.customer.name == 'x'",
    "every(args.rows, .price > 1)",
    "args.rows[3].price > 1",
    "args.open.anything.a == 1",
    "args.either.x == 1",
    "args.loop.x == 1",
    "args.far.x == 1",
    "args.lost.x == 1",
    "args.free.x == 1",
    "args.amount[0] == 1",
    "every(ctx.rows, .prize > 1)",
    "ctx.amuont == 1 and role == 'default'",
]


@pytest.mark.parametrize("constraint", DECLARED)
def test_an_argument_that_may_be_there_is_left_alone(constraint: str) -> None:
    assert "HX418" not in codes(constraint)


def test_the_nearest_argument_is_offered() -> None:
    (finding,) = linted({"refund": {"mode": "allow", "constraints": ["args.a == 1 or args.amuont == 1"]}})[:1]
    assert finding.message == "the tool `refund` does not declare `args.a`"
    texts = [finding.help for finding in linted({"refund": {"mode": "allow", "constraints": ["args.amuont == 1"]}})]
    assert texts == ["did you mean `args.amount`?"]
    (finding,) = linted({"refund": {"mode": "allow", "constraints": ["args.customer.x == 1"]}})
    assert finding.help == "correct the name, or declare it in the tool's schema"


def test_a_prefix_is_judged_by_all_of_its_tools() -> None:
    assert codes("args.x == 1", "mcp-*") == []
    (finding,) = linted({"mcp-a*": {"mode": "allow", "constraints": ["args.x == 1"]}})
    assert finding.message == "no tool with the prefix `mcp-a` declares `args.x`"


def test_the_argument_of_a_file_scope_must_be_declared_too() -> None:
    scope = {"argument": "file", "denied_paths": []}
    (finding,) = linted({"refund": {"mode": "allow", "file_scope": scope}})
    assert (finding.code, finding.path) == ("HX418", "tools.refund.file_scope")
    (finding,) = linted({"refund": {"mode": "allow", "file_scope": {"denied_paths": []}}})
    assert finding.message == "the tool `refund` does not declare `args.file_path or args.path`"
    assert linted({"refund": {"mode": "allow", "file_scope": {"argument": "amount", "denied_paths": []}}}) == []
    reader = {"tools": [{"name": "read", "input_schema": {"properties": {"path": {"type": "string"}}}}]}
    assert linted({"read": {"mode": "allow", "file_scope": {"denied_paths": []}}}, reader) == []


def test_a_prefix_all_of_whose_tools_have_rules_of_their_own_is_found() -> None:
    shadowed = {"mcp-*": {"mode": "deny"}, "mcp-a": {"mode": "allow"}, "mcp-b*": {"mode": "allow"}}
    assert [(finding.code, finding.path) for finding in linted(shadowed)] == [("HX419", "tools.mcp-*")]
    assert linted({"mcp-*": {"mode": "deny"}, "mcp-a": {"mode": "allow"}}) == []


MALFORMED: list[dict[str, Any]] = [{}, {"tools": {}}, {"tools": ["a"]}, {"tools": [{}]}, {"tools": [{"name": 1}]}]


@pytest.mark.parametrize("manifest", MALFORMED)
def test_a_manifest_that_is_none_is_refused(manifest: dict[str, Any]) -> None:
    with pytest.raises(PolicyError, match="HX202"):
        linted({}, manifest)
