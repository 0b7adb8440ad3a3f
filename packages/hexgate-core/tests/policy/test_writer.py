"""A policy is written as one would write it by hand, and every text in it stays a text."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import yaml

from hexgate.core.policy import Policy
from hexgate.core.policy.document import Document, Role
from hexgate.core.policy.writer import dump, to_yaml

BILLING = """\
version: 1
consts:
  max_refund: 500
  currencies: [USD, EUR]
enforce: false
until: "2027-01-31"
roles:
  read_only:
    is_mixin: true
    tools:
      view_orders:
        mode: allow
  billing:
    inherits: [read_only]
    consts:
      rate: 0.25
    enforce: true
    default_policy:
      mode: deny
    tools:
      refund_order:
        mode: allow
        constraints:
          - args.amount <= consts.max_refund
          - args.currency in consts.currencies
          - "\\"vip\\" in args.tags"
        reason: "limit: 2026"
      wire_transfer:
        mode: approval_required
        approvers:
          role: finance
          not: caller
      mcp-github-*:
        mode: approval_required
      write_file:
        mode: allow
        file_scope:
          argument: file_path
          allowed_paths: ["src/**"]
          denied_paths: ["**/.env"]
  nobody: {}
"""


def test_a_policy_is_written_as_by_hand() -> None:
    policy = Policy.from_text(BILLING)
    assert to_yaml(policy) == BILLING
    assert policy.to_yaml() == BILLING
    assert dump(policy) == policy.model_dump() == yaml.safe_load(BILLING)


def test_a_flat_file_stays_flat() -> None:
    text = "version: 1\nconsts:\n  a: 1\ntools:\n  search:\n    mode: allow\n"
    policy = Policy.from_text(text)
    assert to_yaml(policy) == text
    assert dump(policy) == {"version": 1, "consts": {"a": 1}, "tools": {"search": {"mode": "allow"}}}


def test_a_directory_is_written_with_its_roles_in_one_document() -> None:
    policy = Policy.from_files({"default.yaml": "tools: {a: {mode: deny}}", "ops.yml": "inherits: [default]"})
    assert dump(policy) == {
        "version": 1,
        "roles": {"default": {"tools": {"a": {"mode": "deny"}}}, "ops": {"inherits": ["default"]}},
    }
    assert Policy.from_text(to_yaml(policy)).roles == policy.roles


def test_a_flat_document_that_has_outgrown_its_form_is_written_with_roles() -> None:
    outgrown = Document({"default": Role("default")}, consts={"a": 1}, form="flat")
    assert dump(outgrown) == {"version": 1, "consts": {"a": 1}, "roles": {"default": {}}}


TEXTS = [
    ("plain", "plain"),
    ("two words, and more", "two words, and more"),
    ("yes", '"yes"'),
    ("No", '"No"'),
    ("null", '"null"'),
    ("1", '"1"'),
    ("2027-01-31", '"2027-01-31"'),
    ("a: b", '"a: b"'),
    ("a:", '"a:"'),
    ("a ", '"a "'),
    ("a #b", '"a #b"'),
    ("a#b", "a#b"),
    ("- a", '"- a"'),
    ("", '""'),
    ("é", '"é"'),
    ("a é 😀", "a é 😀"),
    ("a\u2028b", '"a\\u2028b"'),
    ("a\x7fb", '"a\\u007fb"'),
    ("a\nb", '"a\\nb"'),
    ("\ufeffa", '"\\ufeffa"'),
]


@pytest.mark.parametrize(("text", "written"), TEXTS)
def test_a_text_is_quoted_where_anyone_could_take_it_for_something_else(text: str, written: str) -> None:
    policy = Policy.model_validate({"tools": {"a": {"mode": "deny", "reason": text}}})
    assert to_yaml(policy).endswith(f"    reason: {written}\n")
    assert Policy.from_text(to_yaml(policy)) == policy
    assert yaml.safe_load(to_yaml(policy)) == dump(policy)


NUMBERS: list[tuple[Any, str]] = [
    (1, "1"),
    (-2.5, "-2.5"),
    (1e22, "10000000000000000000000"),
    (1e-7, "1.0e-07"),
    (2.5e-9, "2.5e-09"),
    (Decimal("0.1234567890123456789012345"), "0.1234567890123456789012345"),
    (Decimal("1E+500"), "1.0e+500"),
    (Decimal("1.5E-500"), "1.5e-500"),
    (10**400, f"1{'0' * 400}"),
    (True, "true"),
    ([1, "a", "b c", False, "yes"], '[1, a, "b c", false, "yes"]'),
    ([], "[]"),
]


@pytest.mark.parametrize(("value", "written"), NUMBERS)
def test_a_constant_is_written_exactly(value: object, written: str) -> None:
    policy = Policy.model_validate({"consts": {"a": value}})
    assert to_yaml(policy) == f"version: 1\nconsts:\n  a: {written}\n"
    assert Policy.from_text(to_yaml(policy)) == policy


def test_a_number_that_no_float_holds_is_not_rounded() -> None:
    exact = Decimal("0.1234567890123456789012345")
    dumped = dump(Policy.model_validate({"consts": {"exact": exact, "near": Decimal("0.1")}}))
    assert dumped["consts"] == {"exact": exact, "near": 0.1}
    assert type(dumped["consts"]["near"]) is float


def test_a_long_list_stands_one_item_a_line() -> None:
    names = [f"name_{number}" for number in range(20)]
    text = to_yaml(Policy.model_validate({"consts": {"names": names}}))
    assert text == "version: 1\nconsts:\n  names:\n" + "".join(f"    - {name}\n" for name in names)


def test_a_key_too_long_for_yaml_is_announced() -> None:
    tool, const = "\ufffe" * 256, "a" * 1001
    policy = Policy.model_validate({"consts": {const: 1}, "tools": {tool: {"mode": "deny"}}})
    assert f"  ? {const}\n  : 1\n" in to_yaml(policy)
    assert Policy.from_text(to_yaml(policy)) == policy


def test_what_has_no_meaning_is_not_written() -> None:
    data = {"is_mixin": False, "inherits": [], "consts": {}, "tools": {"a": {"mode": "deny", "constraints": []}}}
    assert dump(Policy.model_validate(data)) == {"version": 1, "tools": {"a": {"mode": "deny"}}}


def test_monitoring_is_written_at_every_level() -> None:
    rule = {"mode": "deny", "enforce": False}
    data = {
        "version": 1,
        "enforce": True,
        "roles": {"a": {"enforce": False, "until": "2027-01-31", "tools": {"t": rule}}},
    }
    policy = Policy.model_validate(data)
    assert policy.roles["a"].monitor == date(2027, 1, 31)
    assert dump(policy) == data
    assert json.loads(json.dumps(dump(policy))) == data


@pytest.mark.parametrize(
    "scope", [{"denied_paths": []}, {"allowed_paths": ["a"]}, {"argument": "x", "denied_paths": ["b"]}]
)
def test_a_file_scope_is_written_as_it_was(scope: dict[str, object]) -> None:
    data = {"version": 1, "tools": {"a": {"mode": "allow", "file_scope": scope}}}
    assert dump(Policy.model_validate(data)) == data
