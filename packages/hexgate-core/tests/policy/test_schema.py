"""The schema for editors accepts every policy that can be read, and refuses what has the wrong shape."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker

from hexgate.core.errors import PolicyError
from hexgate.core.policy import Policy
from hexgate.core.policy.schema import json_schema

SCHEMA = Draft202012Validator(json_schema())
CASES = Path(__file__).parents[4] / "tests" / "conformance" / "cases"
# What a shape can tell. It knows nothing of keys written twice, of roles that do not fit one another, of what constraints mean.
SHAPES = {"HX201", "HX203", "HX204", "HX205", "HX207", "HX212", "HX213", "HX214"}


class Plain(yaml.SafeLoader):
    """YAML as JSON would have it: no days, no words of YAML 1.1 for booleans, every key a text."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        return {str(key.value): self.construct_object(value, deep=True) for key, value in node.value}


Plain.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.rpartition(":")[2] in ("int", "float", "null")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Plain.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("(true|false)$", re.IGNORECASE), list("tTfF"))


def accepts(text: str) -> bool:
    return SCHEMA.is_valid(yaml.load(text, Plain))


def policies() -> Iterator[tuple[str, dict[str, str], list[str] | None]]:
    """Each policy of the conformance suites: its files, and the codes of its mistakes if it has any."""
    for path in sorted(CASES.glob("*.yaml")):
        for suite in yaml.safe_load(path.read_text(encoding="utf-8"))["suites"]:
            policy = suite["policy"]
            if isinstance(policy, dict):
                files = policy.get("files") or {"policy": policy["text"]}
                mistakes = suite.get("mistakes")
                codes = None if mistakes is None else [mistake["code"] for mistake in mistakes]
                yield f"{path.stem}: {suite['name']}", files, codes


def loads(text: str) -> bool:
    try:
        Policy.from_text(text)
    except PolicyError:
        return False
    return True


def test_a_day_is_one_for_editors_that_know_days() -> None:
    days = Draft202012Validator(json_schema(), format_checker=FormatChecker())
    assert days.is_valid({"enforce": False, "until": "2027-12-31"})
    assert not days.is_valid({"enforce": False, "until": "2027-13-01"})


def test_the_schema_tells_that_a_role_must_be_selectable() -> None:
    assert "must be selectable" in json_schema()["description"]


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(json_schema())


def test_every_policy_of_the_conformance_suites_fits() -> None:
    good = [(name, text) for name, files, codes in policies() if codes is None for text in files.values()]
    assert len(good) > 50
    assert [name for name, text in good if not accepts(text)] == []


def test_every_mistake_of_shape_in_the_conformance_suites_is_refused() -> None:
    wrong = []
    for name, files, codes in policies():
        if not codes or len(files) > 1 or not set(codes) <= SHAPES:
            continue
        wrong.append((name, next(iter(files.values()))))
    assert len(wrong) > 40
    assert [name for name, text in wrong if accepts(text)] == []


REFUSED = [
    "tools: {a: {mode: allow, constraint: [args.a == 1]}}",
    "tools: {a: {mode: allow, constraints: args.a == 1}}",
    "tools: {a: {mode: sometimes}}",
    "tools: {a: {}}",
    "tools: {a: }",
    "tools: {a: {reason: x}}",
    "tools: {a: {mode: allow, approvers: {role: x}}}",
    "tools: {a: {mode: deny, approvers: {role: x}}}",
    "tools: {a: {mode: approval_required, approvers: {}}}",
    "tools: {a: {mode: approval_required, approvers: {not: me}}}",
    "tools: {a: {mode: deny, until: 2027-01-31}}",
    "tools: {a: {mode: deny, enforce: true, until: 2027-01-31}}",
    "tools: {a: {mode: deny, enforce: false, until: soon}}",
    "tools: {'*': {mode: deny}}",
    "tools: {'a*b': {mode: deny}}",
    "tools: {' a': {mode: deny}}",
    'tools: {"a\\n": {mode: deny}}',
    "tools: {a: {mode: allow, file_scope: {}}}",
    "tools: {a: {mode: allow, file_scope: {allowed_paths: []}}}",
    "tools: {a: {mode: allow, file_scope: {allowed_paths: [/etc]}}}",
    "tools: {a: {mode: allow, file_scope: {allowed_paths: [a/../b]}}}",
    "tools: {a: {mode: allow, file_scope: {allowed_paths: ['[ab]']}}}",
    "tools: {a: {mode: allow, file_scope: {allowed_paths: ['C:/x']}}}",
    "tools: {a: {mode: allow, file_scope: {argument: '', denied_paths: []}}}",
    "default_policy: {mode: deny, file_scope: {denied_paths: []}}",
    "version: 2",
    "version: '1'",
    "roles: {}",
    "{roles: {a: {}}, tools: {}}",
    "{roles: {a: {version: 1}}}",
    "{roles: {'a*': {}}}",
    "consts: {1st: 1}",
    "consts: {a: null}",
    "consts: {a: {b: 1}}",
    "consts: {a: [[1]]}",
    "inherits: a",
    "is_mixin: perhaps",
    "[]",
]


@pytest.mark.parametrize("text", REFUSED)
def test_a_wrong_shape_is_refused_by_the_schema_and_by_the_reader(text: str) -> None:
    assert not accepts(text)
    assert not loads(text)


ACCEPTED = [
    "version: 1.0",
    "tools: {a: {mode: approval_required, approvers: {role: x, not: caller}}}",
    "tools: {a: {mode: allow, file_scope: {allowed_paths: [./src/**, '**/x?y', '...', a b]}}}",
    "tools: {a: {mode: deny, enforce: false, until: 2027-01-31}}",
    "{roles: {a b: {tools: {'ä-*': {mode: deny}}}}, enforce: false}",
    "consts: {a: [1, x, true, 1.5]}",
    "default_policy: {mode: allow, constraints: []}",
]


@pytest.mark.parametrize("text", ACCEPTED)
def test_a_right_shape_is_accepted_by_the_schema_and_by_the_reader(text: str) -> None:
    assert accepts(text)
    assert loads(text)


def unexplained(schema: Any) -> Iterator[str]:
    """The properties of a schema that say nothing about themselves."""
    if isinstance(schema, dict):
        for name, inner in schema.get("properties", {}).items():
            if not {"description", "$ref"} & inner.keys():
                yield name
        for key, inner in schema.items():
            if key not in ("if", "then", "dependentSchemas"):
                yield from unexplained(inner)


def test_every_key_explains_itself() -> None:
    assert list(unexplained(json_schema())) == []
