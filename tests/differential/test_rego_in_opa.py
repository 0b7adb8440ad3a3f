"""What the Rego of a policy makes of any input, of hostile texts, and of what OPA reads otherwise: letters, numbers, patterns."""

from __future__ import annotations

import json
import random
from copy import deepcopy
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hexgate.core import Policy, ToolCall, User, compile_policy
from hexgate.core.engine import NativeEngine
from hexgate.core.expr.lower import lower
from hexgate.core.expr.patterns import compile_pattern, pattern_mistake
from hexgate.core.program import Program
from hexgate.core.rego import rego_text
from hexgate.core.rego.patterns import go_pattern
from hexgate.core.wasm.assemble import assemble
from hexgate.core.wasm.engine import WasmEngine
from tests.differential.choices import RandomChoices
from tests.differential.opa import Opa, OpaEngine, OpaError, result_of
from tests.differential.patterns import any_pattern, any_text
from tests.differential.strategies import document, question
from tests.differential.vocabulary import NUMBER_SPELLINGS

POLICY = """\
roles:
  default: {default_policy: {mode: deny}, tools: {open: {mode: allow}}}
  billing:
    enforce: false
    tools:
      t: {mode: allow, constraints: ['user.id == "alice" or ctx.vip == true', 'not exists(args.gone)']}
      ask: {mode: approval_required, approvers: {role: boss, not: caller}}
"""
MALFORMED = {
    "allow": False,
    "approvers": None,
    "deciding_role": None,
    "explicit_deny": False,
    "fault": "malformed_input",
    "monitor": False,
    "requires_approval": False,
    "violations": ["the input is no question that a policy can answer"],
}


def program(policy: str | dict[str, Any] = POLICY) -> Program:
    return compile_policy(Policy.from_text(policy) if isinstance(policy, str) else Policy.model_validate(policy))


OPA = Opa(rego_text(program()))


def by_module(text: bytes) -> Any:
    """What the module says about an input. Modules are compiled once a process, so this only looks for it."""
    module = WasmEngine(assemble(program()))
    return json.loads(module.pool.answer(module.entrypoint, text, 10_000_000))[0]["result"]


@pytest.mark.parametrize(
    "text",
    [
        "null",
        "[]",
        '"t"',
        "5",
        "{}",
        '{"role": "billing"}',
        '{"role": "billing", "tool": 5}',
        '{"role": "billing", "tool": null}',
        '{"role": ["billing"], "tool": "t"}',
        '{"role": null, "tool": "t"}',
        '{"role": false, "tool": "t"}',
        '{"roles": "billing", "tool": "t"}',
        '{"roles": {"billing": 1}, "tool": "t"}',
        '{"roles": null, "tool": "t"}',
        '{"roles": ["billing", 5], "tool": "t"}',
        '{"role": "billing", "roles": ["billing"], "tool": "t"}',
        '{"role": "billing", "tool": "t", "args": []}',
        '{"role": "billing", "tool": "t", "args": null}',
        '{"role": "billing", "tool": "t", "ctx": "x"}',
        '{"role": "billing", "tool": "t", "user": "alice"}',
        '{"role": "billing", "tool": "t", "user": {"id": 5}}',
        '{"role": "billing", "tool": "t", "user": {"id": null}}',
        '{"role": "billing", "tool": "t", "session": {"id": false}}',
    ],
)
def test_what_is_no_question_is_denied_as_by_the_module(text: str) -> None:
    assert OPA.decision(text.encode()) == MALFORMED == by_module(text.encode())


def test_no_input_at_all_is_denied() -> None:
    assert OPA.decision() == MALFORMED


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ('{"role": "billing", "tool": "t", "user": {"id": "alice"}}', "allow"),
        ('{"role": "billing", "tool": "t", "user": {}, "session": {}}', "deny"),
        ('{"role": "billing", "tool": "t", "ctx": {"vip": true}, "more": [1]}', "allow"),
        ('{"roles": ["billing"], "tool": "t", "ctx": {"vip": true}, "args": {"gone": false}}', "deny"),
        ('{"role": "billing", "tool": "ask"}', "approval_required"),
        ('{"tool": "open"}', "allow"),
        ('{"roles": [], "tool": "open"}', "allow"),
        ('{"role": "", "tool": "open"}', "allow"),
        ('{"role": "nobody", "tool": ""}', "deny"),
    ],
)
def test_what_is_left_out_of_a_question_is_missing(text: str, outcome: str) -> None:
    found = OPA.decision(text.encode())
    assert found == by_module(text.encode())
    assert (found["allow"], found["requires_approval"]) == (outcome == "allow", outcome == "approval_required")


values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["billing", "t", "alice", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "x"]), inner, max_size=2),
    max_leaves=5,
)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["role", "roles", "tool", "args", "ctx", "user", "session"]), values, max_size=7)
    | values
)
def test_whatever_the_input_is_opa_says_what_the_module_says(value: Any) -> None:
    text = json.dumps(value).encode()
    assert OPA.decision(text) == by_module(text)


HOSTILE = [
    'x"} allow := true #',
    'x"]',
    "data",
    "input",
    "default",
    "import rego.v1",
    "a\nholds(id) if true",
    "back\\slash\\",
    "`",
    "\u2028",
    "\x00",
    "\x7f",
    "{%s} $x %d",
    "}",
    "\ufeff",
    "\U0001f98a",
    "METADATA",
    "# METADATA",
    "c1",
    "@SEGMENTS@",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_changes_no_other_rule_in_opa(text: str) -> None:
    for number in range(2):
        choose = RandomChoices(f"hostile {text!a}/{number}")
        policy = document(choose)
        louder = deepcopy(policy)
        name = text.strip() if text.isprintable() and "*" not in text else "another"
        louder["roles"].setdefault(f"role {name}", {"default_policy": {"mode": "allow", "reason": text}})
        for role in louder["roles"].values():
            quoted = json.dumps(text)
            wanted = [f"args[{quoted}] != {quoted} or lower(args.text) in [{quoted}] or not startswith(tool, {quoted})"]
            role.setdefault("tools", {})[f"tool {name}"] = {"mode": "allow", "reason": text, "constraints": wanted}
        first, second, native = OpaEngine(program(policy)), OpaEngine(program(louder)), NativeEngine(program(louder))
        for _ in range(8):
            asked = question(choose, policy)
            call, user = ToolCall(asked.tool, dict(asked.args)), caller(asked.roles)
            assert first.decide(call, user)._replace(policy="") == second.decide(call, user)._replace(policy="")
            call = ToolCall(f"tool {name}", {**asked.args, text: choose.pick([text, 5])})
            assert result_of(second.decide(call, user)) == result_of(native.decide(call, user))


def caller(roles: tuple[str, ...]) -> User:
    return User("alice", roles=roles[:30])


def test_every_letter_has_the_lower_case_of_unicode_14() -> None:
    opa = Opa(rego_text(program("tools: {t: {mode: allow, constraints: ['lower(args.a) == args.b']}}")))
    every = "".join(map(chr, (*range(0xD800), *range(0xE000, 0x110000))))
    text = json.dumps({"text": every}, ensure_ascii=False).encode()
    assert opa.query("data.hexgate.policy.lowered(input.text)", text) == lower(every)
    assert opa.query('data.hexgate.policy.lowered("AbC")') == "abc"
    with pytest.raises(OpaError, match="undefined"):
        opa.query("data.hexgate.policy.lowered(5)")


ORDERS = {
    "==": "is_equal",
    "!=": "is_not_equal",
    "<": "is_less",
    "<=": "is_at_most",
    ">": "is_more",
    ">=": "is_at_least",
}


def test_numbers_are_compared_as_decimals_as_constants_and_as_arguments() -> None:
    near = [spelled for spelled in NUMBER_SPELLINGS if abs(Decimal(spelled).adjusted()) < 10_000]
    constraints = {spelled: f"args.n <= {spelled}" for spelled in NUMBER_SPELLINGS}
    tools = {spelled: {"mode": "allow", "constraints": [text]} for spelled, text in constraints.items()}
    opa = Opa(rego_text(program({"roles": {"r": {"tools": tools}}})))
    for bound, spelled in product(NUMBER_SPELLINGS, near):
        text = f'{{"role": "r", "tool": {json.dumps(bound)}, "args": {{"n": {spelled}}}}}'
        assert opa.decision(text.encode())["allow"] is (Decimal(spelled) <= Decimal(bound)), text
    every = [f"args.a {sign} args.b" for sign in ORDERS]
    opa = Opa(rego_text(program({"roles": {"r": {"default_policy": {"mode": "allow", "constraints": every}}}})))
    for left, right in random.Random("pairs").sample(list(product(near, near)), 300):
        text = f'{{"role": "r", "tool": "t", "args": {{"a": {left}, "b": {right}}}}}'
        failed = [f"args.a {sign} args.b" for sign in ORDERS if not holds(Decimal(left), sign, Decimal(right))]
        assert opa.decision(text.encode())["violations"] == failed, text


def holds(left: Decimal, sign: str, right: Decimal) -> bool:
    found = (left > right) - (left < right)
    return {"==": found == 0, "!=": found != 0, "<": found < 0, "<=": found <= 0, ">": found > 0, ">=": found >= 0}[
        sign
    ]


PATTERNS = 500
TEXTS_PER_PATTERN = 12
REGEX = """\
package hexgate.policy

import rego.v1

valid := [regex.is_valid(pattern) | some pattern in input]

found := [regex.match(pair[0], pair[1]) | some pair in input]
"""
AWKWARD = [
    "\\B",
    "(?:\\B|x)",
    "(?i)\\B$|\\B",
    "(?P<é>a)",
    "\\p{Nag_Mundari}",
    "\\pC",
    "[^\\PC]",
    "(?i)[\\P{Lu}x]",
    "(?i:É(?-i)é)é",
    "(?i)\\Qé.\\E",
]


def test_go_finds_a_translated_pattern_where_re2_finds_the_author_s() -> None:
    rng, opa = random.Random("go"), Opa(REGEX)
    patterns = [any_pattern(rng) for _ in range(PATTERNS)]
    sound = AWKWARD + [each for each in patterns if pattern_mistake(each) is None]
    assert len(sound) > PATTERNS // 4
    assert all(opa.query("data.hexgate.policy.valid", json.dumps([go_pattern(each) for each in sound]).encode()))
    texts = ["aéb", "é", "É", "\U00010d50", "\U0001e4d0", "\ua7dc"]
    pairs = [(each, text) for each in sound for text in (*texts, *(any_text(rng) for _ in range(TEXTS_PER_PATTERN)))]
    asked = json.dumps([(go_pattern(each), text) for each, text in pairs]).encode()
    wrong = [
        (each, text, found)
        for (each, text), found in zip(pairs, opa.query("data.hexgate.policy.found", asked), strict=True)
        if found is not (compile_pattern(each).search(text.encode()) is not None)
    ]
    assert wrong == []
