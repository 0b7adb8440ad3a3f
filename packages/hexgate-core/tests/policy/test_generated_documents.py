"""Generated policies, with every key and with names and texts in every script, survive writing, tidying and the schema."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from jsonschema import Draft202012Validator

from hexgate.core.policy import Policy
from hexgate.core.policy.schema import json_schema
from hexgate.core.policy.tidy import format_text
from hexgate.core.policy.writer import dump, to_yaml
from hexgate.core.text.render import INVISIBLE

pytestmark = pytest.mark.unwatched

SLOW = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
SCHEMA = Draft202012Validator(json_schema())

AWKWARD = [
    "yes",
    "No",
    "null",
    "~",
    "1",
    "1e5",
    "0x1f",
    "2027-01-31",
    "- a",
    "a: b",
    "a #b",
    "#",
    "",
    " ",
    "a ",
    "'",
    '"',
    "&a",
]
AWKWARD += [
    "*a",
    "!a",
    "%a",
    "@a",
    "`a`",
    "{a}",
    "[a]",
    "a,b",
    "a:",
    "?",
    "? a",
    "<<",
    "=",
    "\ufeff",
    "\u2028",
    "\x85",
    "a\nb",
]
AWKWARD += [
    "😀",
    "\x7f",
    "\x00",
    "\ufffe",
    "true",
    "TRUE",
    "on",
    "y",
    ".inf",
    "--- ",
    "...",
    "\t",
    "ä",
    "\\",
    "a\\nb",
    "|",
    ">",
]


def texts() -> SearchStrategy[str]:
    return st.sampled_from(AWKWARD) | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def is_visible(char: str) -> bool:
    return not INVISIBLE.match(char)


def names() -> SearchStrategy[str]:
    usable = st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp"], exclude_characters="*").filter(is_visible)
    awkward = [name for name in AWKWARD if name.strip() == name != "" and name.isprintable() and "*" not in name]
    return st.text(usable, min_size=1, max_size=8).filter(lambda name: name == name.strip()) | st.sampled_from(awkward)


def numbers() -> SearchStrategy[int | float | Decimal]:
    decimals = st.decimals(allow_nan=False, allow_infinity=False, places=30)
    return st.integers() | st.floats(allow_nan=False, allow_infinity=False) | decimals | st.just(Decimal("1E+500"))


def constants() -> SearchStrategy[Any]:
    single = numbers() | st.booleans() | texts()
    return single | st.lists(single, max_size=12)


CONSTRAINTS = [
    "args.a <= 100",
    "args.a in [1, 2]",
    '"b" in args.tags',
    "not args.a == 'x: y'",
    'args.a == "#"',
    "  args.a == 1",
]
CONSTRAINTS += ["args.a\n  == 1", 'matches(args.a, "^\\\\d+$")', 'exists(args["ä"])']


def monitors() -> SearchStrategy[dict[str, Any]]:
    choices = [{}, {"enforce": True}, {"enforce": False}, {"enforce": False, "until": "2027-01-31"}]
    return st.sampled_from(choices)


@st.composite
def rules(draw: st.DrawFn, *, listed: bool = True) -> dict[str, Any]:
    rule: dict[str, Any] = {"mode": draw(st.sampled_from(["allow", "deny", "approval_required"])), **draw(monitors())}
    if draw(st.booleans()):
        rule["constraints"] = draw(st.lists(st.sampled_from(CONSTRAINTS), max_size=3))
    if draw(st.booleans()):
        rule["reason"] = draw(texts())
    if rule["mode"] == "approval_required" and draw(st.booleans()):
        rule["approvers"] = draw(st.sampled_from([{"not": "caller"}, {"role": "yes"}, {"role": "", "not": "caller"}]))
    if listed and draw(st.booleans()):
        rule["file_scope"] = draw(st.sampled_from(SCOPES))
    return rule


SCOPES = [
    {"denied_paths": []},
    {"argument": "1", "allowed_paths": ["src/**"]},
    {"allowed_paths": ["a b/*", "#"], "denied_paths": ["**/.env"]},
]


@st.composite
def bodies(draw: st.DrawFn) -> dict[str, Any]:
    body = draw(monitors()).copy()
    if draw(st.booleans()):
        body["consts"] = draw(
            st.dictionaries(st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,5}", fullmatch=True), constants(), max_size=3)
        )
    if draw(st.booleans()):
        body["default_policy"] = draw(rules(listed=False))
    tools = draw(st.dictionaries(names() | names().map(lambda name: f"{name}*"), rules(), max_size=4))
    return {**body, **({"tools": tools} if tools else {})}


@st.composite
def policies(draw: st.DrawFn) -> dict[str, Any]:
    if draw(st.booleans()):
        return draw(bodies())
    roles = draw(st.dictionaries(names(), bodies(), min_size=1, max_size=4))
    first, *others = roles
    for name in others:
        if draw(st.booleans()):
            roles[name] = {"inherits": [first], "is_mixin": draw(st.booleans()), **roles[name]}
    return {
        "version": 1,
        **draw(monitors()),
        "consts": draw(st.dictionaries(st.just("yes"), constants())),
        "roles": roles,
    }


def is_exact(value: Any) -> bool:
    """Whether JSON knows the data: no number in it is beyond what a float holds."""
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return not isinstance(value, Decimal) and all(map(is_exact, items))


@given(data=policies())
@SLOW
def test_a_written_policy_reads_back_equal(data: dict[str, Any]) -> None:
    policy = Policy.model_validate(data)
    text = to_yaml(policy)
    assert Policy.from_text(text) == policy
    assert to_yaml(Policy.from_text(text)) == text
    assert text.endswith("\n")


@given(data=policies())
@SLOW
def test_any_yaml_parser_reads_what_was_dumped(data: dict[str, Any]) -> None:
    dumped = dump(Policy.model_validate(data))
    read = yaml.safe_load(to_yaml(Policy.model_validate(data)))
    if is_exact(dumped):
        assert read == dumped
        assert list(read) == list(dumped)
        assert json.loads(json.dumps(dumped)) == dumped


@given(data=policies())
@SLOW
def test_dumped_data_is_the_same_policy(data: dict[str, Any]) -> None:
    policy = Policy.model_validate(data)
    assert Policy.model_validate(dump(policy)) == policy


@given(data=policies())
@SLOW
def test_what_was_written_is_tidy(data: dict[str, Any]) -> None:
    text = to_yaml(Policy.model_validate(data))
    assert format_text(text) == text


@given(
    data=policies(),
    indent=st.integers(1, 7),
    width=st.sampled_from([20, 80, 10_000]),
    flow=st.sampled_from([None, False]),
)
@SLOW
def test_tidying_keeps_the_meaning_and_is_done_at_once(
    data: dict[str, Any], indent: int, width: int, flow: bool | None
) -> None:
    dumped = json.loads(json.dumps(dump(Policy.model_validate(data)), default=str))
    text = yaml.safe_dump(
        dumped, indent=indent, width=width, default_flow_style=flow, allow_unicode=True, sort_keys=False
    )
    try:
        policy = Policy.from_text(text)
    except Exception:  # noqa: BLE001 - another writer leaves words plain that our reader wants in quotes
        return
    tidied = format_text(text)
    assert Policy.from_text(tidied) == policy
    assert format_text(tidied) == tidied


@given(data=policies())
@SLOW
def test_a_policy_that_can_be_read_fits_the_schema(data: dict[str, Any]) -> None:
    Policy.model_validate(data)
    plain = json.loads(json.dumps(data, default=float))
    assert [error.message for error in SCHEMA.iter_errors(plain)] == []
