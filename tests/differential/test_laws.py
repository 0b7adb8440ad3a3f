"""The laws of POLICY.md section 7 that hold for one engine, on generated policies and calls."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hexgate.core.call import ToolCall
from hexgate.core.decision import Decision
from hexgate.core.engine.native import NativeEngine
from hexgate.core.expr.parser import parse
from hexgate.core.expr.printer import show
from hexgate.core.policy.policy import Policy
from hexgate.core.program import compile_policy
from tests.differential.choices import RandomChoices
from tests.differential.contest import native_answer, user_of
from tests.differential.grammar import Flavour, constraint
from tests.differential.reference import Question
from tests.differential.strategies import FULL, PLAIN, PolicyDict, Shape, document, question

ROOT = Path(__file__).parents[2]
RANK = {"deny": 0, "approval_required": 1, "allow": 2}
HOSTILE = [
    'x"} allow := true #',
    "a\nb: {mode: allow}",
    "\x1b[31mred\x1b[0m",
    "' or 1=1 --",
    "{{ policy }}",
    "\u202egnp.exe",
    "\u2028",
    "[policy_denied]",
    "\x00",
    "*",
    "../../etc",
    "default_policy",
]
CANARY = "canary-7f3a\u202e\n\x1b[2J"


def generated(law: str, count: int, shape: Shape = FULL) -> Iterator[tuple[RandomChoices, PolicyDict]]:
    """The same policies in every run; each comes with the choices that go on from there."""
    for number in range(count):
        choose = RandomChoices(f"{law}/{number}")
        yield choose, document(choose, shape)


def engine(policy: PolicyDict) -> NativeEngine:
    return NativeEngine(compile_policy(Policy.model_validate(policy)))


def rank(reader: NativeEngine, asked: Question) -> int:
    return RANK[native_answer(reader, asked).outcome]


def decided(reader: NativeEngine, asked: Question) -> Decision:
    return reader.decide(ToolCall(asked.tool, dict(asked.args)), user_of(asked))


# Law 2: print then parse gives the same program; compiling twice gives the same bytes.


def test_a_policy_that_is_written_and_read_again_is_the_same_program() -> None:
    for _, policy in generated("written", 120):
        first = Policy.model_validate(policy)
        digest = compile_policy(first).digest
        assert compile_policy(Policy.from_text(first.to_yaml(), "again.yaml")).digest == digest
        assert compile_policy(Policy.model_validate(first.model_dump())).digest == digest
        assert Policy.from_text(first.to_yaml(), "again.yaml").to_yaml() == first.to_yaml()


def test_a_dumped_policy_is_json() -> None:
    for _, policy in generated("dumped", 40):
        first = Policy.model_validate(policy)
        again = Policy.model_validate(json.loads(json.dumps(first.model_dump())))
        assert compile_policy(again).digest == compile_policy(first).digest


def test_a_constraint_that_is_shown_and_parsed_again_is_shown_alike() -> None:
    choose = RandomChoices("shown")
    for _ in range(3000):
        text = constraint(choose, Flavour())
        tree = parse(text)
        shown = show(tree)
        assert parse(shown) == tree, text
        assert show(parse(shown)) == shown, text


def test_a_constraint_means_the_same_when_every_parenthesis_is_written() -> None:
    for number in range(3000):
        text = constraint(RandomChoices(f"parentheses/{number}"), Flavour())
        full = constraint(RandomChoices(f"parentheses/{number}"), Flavour(parenthesised=True))
        assert parse(text) == parse(full), text


def test_compiling_twice_gives_the_same_digest() -> None:
    for _, policy in generated("twice", 60):
        assert engine_digest(policy) == engine_digest(deepcopy(policy))


def engine_digest(policy: PolicyDict) -> str:
    return compile_policy(Policy.model_validate(policy)).digest


DIGESTS = """
import json, sys
from hexgate.core.policy.policy import Policy
from hexgate.core.program import compile_policy
print(json.dumps([compile_policy(Policy.model_validate(policy)).digest for policy in json.load(sys.stdin)]))
"""


@pytest.mark.parametrize("hash_seed", ["0", "1", "4242"])
def test_the_digest_does_not_depend_on_the_hash_seed_of_the_process(hash_seed: str) -> None:
    made = [policy for _, policy in generated("seeds", 40)]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", DIGESTS]
    done = subprocess.run(
        command, input=json.dumps(made), capture_output=True, text=True, env=environment, check=True, timeout=60
    )
    assert json.loads(done.stdout) == [engine_digest(policy) for policy in made]


# Law 3: removing any one field of a call never turns deny into allow or approval, nor approval into allow.


def test_removing_a_field_of_a_call_never_widens_the_answer() -> None:
    narrowed = 0
    for choose, policy in generated("removed", 300, PLAIN):
        reader = engine(policy)
        read = json.dumps(
            [[*rule.get("constraints", []), rule.get("file_scope")] for rule in rules_of(policy)], ensure_ascii=False
        )
        for _ in range(25):
            asked = question(choose, policy)
            before = rank(reader, asked)
            for less in with_a_field_less(asked, read):
                after = rank(reader, less)
                assert after <= before, f"{json.dumps(policy)}\n{asked}\n{less}"
                narrowed += after < before
    assert narrowed > 500, "the generated policies hardly ever depend on a field"


def with_a_field_less(asked: Question, read: str) -> Iterator[Question]:
    """The question with one argument, attribute or identifier gone, of those whose names stand in what the policy reads."""
    for name in asked.args:
        if name in read or not name.isalpha():
            yield replace(asked, args={key: value for key, value in asked.args.items() if key != name})
    for name in asked.ctx:
        if name in read:
            yield replace(asked, ctx={key: value for key, value in asked.ctx.items() if key != name})
    yield replace(asked, user_id=None)
    yield replace(asked, session_id=None)


# Law 4: adding a constraint, or a `mode: deny` rule for a listed tool, never widens.


def test_adding_a_constraint_never_widens_the_answer() -> None:
    narrowed = 0
    for choose, policy in generated("constrained", 200):
        rules = list(rules_of(policy))
        if rules:
            position = choose.number(0, len(rules) - 1)
            stricter = deepcopy(policy)
            rule = list(rules_of(stricter))[position]
            rule.setdefault("constraints", []).insert(0, constraint(choose, Flavour()))
            narrowed += never_wider(choose, policy, stricter)
    assert narrowed > 30


def test_adding_a_deny_rule_for_a_listed_tool_never_widens_the_answer() -> None:
    narrowed = 0
    for choose, policy in generated("denied", 200):
        roles = [role for role in policy["roles"].values() if role["tools"]]
        if roles:
            stricter = deepcopy(policy)
            name = choose.pick([name for name, role in policy["roles"].items() if role["tools"]])
            tools = stricter["roles"][name]["tools"]
            tool = choose.pick(list(tools))
            tools[tool.replace("*", choose.pick(["*", "read", "write"]))] = {"mode": "deny"}
            narrowed += never_wider(choose, policy, stricter)
    assert narrowed > 30


def rules_of(policy: PolicyDict) -> Iterator[dict[str, Any]]:
    """Every rule of a document, those for the rest included."""
    for role in policy["roles"].values():
        yield from role["tools"].values()
        if "default_policy" in role:
            yield role["default_policy"]


def never_wider(choose: RandomChoices, policy: PolicyDict, stricter: PolicyDict) -> int:
    """Asks both policies the same; how often the stricter one said less."""
    first, second = engine(policy), engine(stricter)
    narrowed = 0
    for _ in range(30):
        asked = question(choose, policy)
        before, after = rank(first, asked), rank(second, asked)
        assert after <= before, f"{json.dumps(policy)}\n{json.dumps(stricter)}\n{asked}"
        narrowed += after < before
    return narrowed


# Law 5: unknown tool, unknown role, empty policy: deny.


def test_a_tool_that_no_rule_knows_is_denied() -> None:
    for choose, policy in generated("unknown tool", 60):
        for role in policy["roles"].values():
            role.pop("default_policy", None)
        reader = engine(policy)
        for tool in ("unlisted", "Refund_order", "*", "default_policy", *HOSTILE[:4]):
            asked = replace(question(choose, policy), tool=tool)
            if not any(
                tool.startswith(name.removesuffix("*")) for role in policy["roles"].values() for name in role["tools"]
            ):
                assert native_answer(reader, asked).code in ("default_denied", "no_role")


def test_a_role_that_no_policy_knows_is_denied_where_there_is_no_default() -> None:
    for choose, policy in generated("unknown role", 60):
        policy["roles"].get("default", {})["is_mixin"] = True
        policy["roles"]["someone"] = {"default_policy": {"mode": "allow"}}
        reader = engine(policy)
        for roles in ((), ("ghost",), ("default",), ("Someone", "*")):
            found = native_answer(reader, replace(question(choose, policy), roles=roles))
            assert (found.outcome, found.code, found.deciding_role) == ("deny", "no_role", None)


@pytest.mark.parametrize("policy", [{"tools": {}}, {"version": 1, "tools": {}}, {"roles": {"default": {"tools": {}}}}])
def test_a_policy_without_rules_denies_everything(policy: PolicyDict) -> None:
    choose = RandomChoices("empty")
    reader = engine(policy)
    for _ in range(50):
        assert native_answer(reader, question(choose, {"roles": {"default": {}}})).code == "default_denied"


# Law 6: a caller's text can change no other rule, and appears unescaped nowhere.


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_name_in_a_policy_changes_no_other_rule(text: str) -> None:
    for choose, policy in generated(f"hostile {text!a}", 8):
        louder = deepcopy(policy)
        if text.isprintable() and "*" not in text:
            for role in louder["roles"].values():
                role["tools"][f"tool {text}"] = {"mode": "allow"}
            louder["roles"][f"role {text}"] = {"default_policy": {"mode": "allow"}}
        for role in louder["roles"].values():
            role.setdefault("consts", {})["unused"] = text
            other = {"mode": "allow", "reason": text, "constraints": [f"args.text != {json.dumps(text)}"]}
            role.setdefault("tools", {})["another tool"] = other
        first, second = engine(policy), engine(louder)
        for _ in range(20):
            asked = question(choose, policy)
            assert native_answer(first, asked) == native_answer(second, asked)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_arguments_that_no_rule_reads_change_no_answer(text: str) -> None:
    for choose, policy in generated(f"unread {text!a}", 8):
        reader = engine(policy)
        for _ in range(20):
            asked = question(choose, policy)
            more = {"unread": text, text: {text: [text]}}
            louder = replace(asked, args={**asked.args, **more}, ctx={**asked.ctx, **more})
            assert native_answer(reader, asked) == native_answer(reader, louder)


def test_a_hostile_tool_or_role_is_as_unknown_as_any_other() -> None:
    for choose, policy in generated("names", 40):
        reader = engine(policy)
        listed = {name.removesuffix("*") for role in policy["roles"].values() for name in role["tools"]}
        for text in HOSTILE:
            asked = question(choose, policy)
            if text in policy["roles"]:
                continue
            assert native_answer(reader, replace(asked, roles=(text,))) == native_answer(
                reader, replace(asked, roles=("nobody",))
            )
            if not any(text.startswith(name) for name in listed) and not reads_the_tool(policy):
                assert native_answer(reader, replace(asked, tool=text)) == native_answer(
                    reader, replace(asked, tool="nothing")
                )


def reads_the_tool(policy: PolicyDict) -> bool:
    """Whether a constraint compares the name of the tool."""
    return any("tool" in text for rule in rules_of(policy) for text in rule.get("constraints", ()))


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_caller_wrote_appears_unescaped_in_no_rendered_decision(text: str) -> None:
    for choose, policy in generated(f"rendered {text!a}", 10):
        reader = engine(policy)
        for _ in range(10):
            asked = question(choose, policy)
            args, ctx = {**asked.args, "text": CANARY, CANARY: CANARY}, {**asked.ctx, "region": CANARY, CANARY: CANARY}
            tool = choose.pick([text, asked.tool])
            decision = decided(reader, replace(asked, tool=tool, roles=(text, *asked.roles), args=args, ctx=ctx))
            for rendered in (decision.for_model(), decision.for_operator()):
                assert rendered.isprintable(), rendered
                assert "canary" not in rendered
            assert "canary" not in json.dumps(decision.as_dict())
            assert json.loads(json.dumps(decision.as_dict())) == decision.as_dict()
