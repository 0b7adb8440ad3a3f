"""An explanation is the engine's own decision and the way to it: rules, constraints, and the values that they read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from hexgate.core import Explanation, Hexgate, Policy, ToolCall, User, compile_policy
from hexgate.core.engine import NativeEngine, explain
from hexgate.core.engine.explain import Step

CASES = Path(__file__).parents[4] / "tests/conformance/cases"


def explained(constraint: str, arguments: dict[str, Any], **user: Any) -> Step:
    """The step of one constraint."""
    gate = Hexgate.from_policy({"tools": {"t": {"mode": "allow", "constraints": [constraint]}}})
    explanation = gate.explain("t", arguments, user=User("u", **user))
    [role] = explanation.roles
    [step] = role.checks
    assert explanation.decision.allowed == (step.truth == "true")
    return step


def asked() -> list[Any]:
    """Every question of the conformance suites: the engine of its policy, the call, the user."""
    found = []
    for path in sorted(CASES.glob("*.yaml")):
        for suite in yaml.load(path.read_text(), yaml.CSafeLoader)["suites"]:
            found += [pytest.param(suite, id=f"{path.stem}/{suite['name']}")] if "cases" in suite else []
    return found


@pytest.mark.parametrize("suite", asked())
def test_an_explanation_comes_to_what_the_engine_decides(suite: dict[str, Any]) -> None:
    source = suite["policy"]
    policy = Policy.from_text(source["text"]) if "text" in source else Policy.from_files(source["files"])
    engine = NativeEngine(compile_policy(policy))
    for case in suite["cases"]:
        call = ToolCall(case["tool"], case.get("args_json", case.get("args")))
        user = User(
            case.get("user", "user"),
            case.get("role"),
            case.get("session"),
            roles=case.get("roles", ()),
            attributes=case.get("ctx"),
        )
        explanation = explain(engine.program, engine.decide(call, user), call=call, user=user)
        assert explanation.decision == engine.decide(call, user)
        agrees(explanation)


def agrees(explanation: Explanation) -> None:
    """The tree and the decision, which are worked out apart, say the same."""
    decision = explanation.decision
    failed = {role.role: [step.text for step in role.checks if step.truth != "true"] for role in explanation.roles}
    explicit = [role for role in explanation.roles if role.rule.listed and role.rule.mode == "deny"]
    modes = {role.rule.mode for role in explanation.roles if not failed[role.role]} if not explicit else set()
    wanted = "allow" if "allow" in modes else "approval_required" if "approval_required" in modes else "deny"
    assert decision.outcome == wanted
    if decision.denied and explanation.roles:
        assert list(decision.violations) == list(dict.fromkeys(text for texts in failed.values() for text in texts))
    for role in explanation.roles:
        for step in role.checks:
            joined(step)
    explanation.as_dict()


def joined(step: Step) -> None:
    """A step that is made of others follows from them, as far as all of them are shown."""
    truths = [part.truth for part in step.parts]
    if step.text == "all of":
        assert step.truth == ("false" if "false" in truths else "unknown" if "unknown" in truths else "true")
    if step.text == "at least one of":
        assert step.truth == ("true" if "true" in truths else "unknown" if "unknown" in truths else "false")
    for part in step.parts:
        joined(part)


def test_a_constraint_shows_the_values_that_it_read() -> None:
    assert explained("args.amount <= 100", {"amount": 400}) == Step(
        "args.amount <= 100", "false", (("args.amount", "400"),)
    )
    assert explained("lower(args.name) == ctx.name", {"name": "ÄB"}, attributes={"name": "äb"}).values == (
        *[("lower(args.name)", '"äb"'), ("ctx.name", '"äb"')],
    )
    assert explained("count(args.l) == 2", {"l": [1, 2]}).values == (("count(args.l)", "2"),)


@pytest.mark.parametrize(
    ("constraint", "arguments", "truth", "values"),
    [
        ("args.x == 1", {}, "unknown", (("args.x", "missing"),)),
        ("args.x > 1", {"x": "a"}, "unknown", (("args.x", '"a"'),)),
        ("not (args.x == 1)", {"x": 2}, "true", (("args.x", "2"),)),
        ("not (args.x == 1)", {}, "unknown", (("args.x", "missing"),)),
        ("exists(args.x)", {}, "false", (("args.x", "missing"),)),
        ("args.x == 1", {"x": None}, "false", (("args.x", "null"),)),
        ("1 == 1", {}, "true", ()),
    ],
)
def test_true_false_and_unknown_are_told_apart(
    constraint: str, arguments: dict[str, Any], truth: str, values: tuple[Any, ...]
) -> None:
    step = explained(constraint, arguments)
    assert (step.text, step.truth, step.values) == (constraint, truth, values)


def test_a_joined_constraint_shows_its_parts() -> None:
    step = explained("not (args.x == 1 or args.y == 1)", {"x": 1})
    assert (step.text, step.truth) == ("not (args.x == 1 or args.y == 1)", "false")
    assert [(part.text, part.truth) for part in step.parts] == [
        ("not args.x == 1", "false"),
        ("not args.y == 1", "unknown"),
    ]
    step = explained("args.x == 1 or args.y == 1 and args.z == 1", {"x": 2, "y": 1})
    assert [(part.text, part.truth) for part in step.parts] == [("args.x == 1", "false"), ("all of", "unknown")]


def test_a_quantifier_shows_its_list_and_its_first_ten_elements() -> None:
    step = explained("every(args.l, . > 0)", {"l": [1, -1, "x"]})
    assert step.values == (("args.l", '[1, -1, "x"]'),)
    assert [(part.text, part.truth) for part in step.parts] == [
        (". > 0", "true"),
        (". > 0", "false"),
        (". > 0", "unknown"),
    ]
    assert len(explained("any(args.l, . > 0)", {"l": list(range(100))}).parts) == 10
    assert explained("any(args.l, . > 0)", {"l": "abc"}).parts == ()


def test_the_parts_of_a_step_are_asked_about_the_element_at_hand() -> None:
    step = explained("every(args.l, . > 1 and . < 3 or . == 9)", {"l": [2, 9, 5]})
    assert [part.truth for part in step.parts] == ["true", "true", "false"]
    assert [[inner.truth for inner in part.parts] for part in step.parts] == [
        ["true", "false"],
        ["false", "true"],
        ["false", "false"],
    ]
    # `all of` in `at least one of` in an element.
    assert [inner.values for inner in step.parts[0].parts[0].parts] == [((".", "2"),), ((".", "2"),)]


def test_ten_elements_are_shown_then_three_then_one_also_in_the_parts_of_a_join() -> None:
    constraint = "every(args.l, exists(.) and any(., exists(.) and any(., exists(.) and any(., . == 1))))"
    step = explained(constraint, {"l": [[[[2] * 12] * 12] * 12] * 12})
    widths = [len(step.parts)]
    while len(widths) < 4:
        # A join of `exists(.)` and the loop inside.
        step = step.parts[0].parts[1]
        widths.append(len(step.parts))
    assert widths == [10, 3, 1, 1]


def test_an_explanation_is_json_with_these_keys() -> None:
    tools = {"t": {"mode": "allow", "constraints": ["every(args.l, . == 1)"]}}
    program = compile_policy(Policy.from_text(f"roles: {{r: {{tools: {json.dumps(tools)}}}}}", "p.yaml"))
    call, user = ToolCall("t", {"l": [2]}), User("alice", "r")
    decision = NativeEngine(program).decide(call, user)
    assert explain(program, decision, call=call, user=user).as_dict() == {
        "decision": decision.as_dict(),
        "roles": [
            {
                "role": "r",
                "asked_as": ["r"],
                "found_by": "the rule has the tool's name",
                "tool": "t",
                "mode": "allow",
                "document": "p.yaml",
                "line": 1,
                "checks": [
                    {
                        "text": "every(args.l, . == 1)",
                        "truth": "false",
                        "values": {"args.l": "[2]"},
                        "parts": [{"text": ". == 1", "truth": "false", "values": {".": "2"}, "parts": []}],
                    }
                ],
            }
        ],
    }


@pytest.mark.unwatched
def test_loops_in_loops_do_not_multiply_what_is_shown() -> None:
    nested: Any = 1
    for _ in range(7):
        nested = [nested] * 6

    def steps(step: Step) -> int:
        return 1 + sum(map(steps, step.parts))

    constraint = f"any(args.x, {'any(., ' * 6}. == 2{')' * 7}"
    assert steps(explained(constraint, {"x": nested})) < 200


def test_a_long_value_is_cut() -> None:
    [(_, value)] = explained("args.x == 'a'", {"x": "b" * 10_000}).values
    assert len(value) == 80
    assert value.endswith("…")


@pytest.mark.parametrize(
    ("scope", "text"),
    [
        ({"allowed_paths": ["src/**", "docs/*"]}, "is within: src/**, docs/*"),
        ({"denied_paths": ["**/.env"]}, "is within: any clean path; but not: **/.env"),
    ],
)
def test_a_file_scope_is_told_in_words(scope: dict[str, Any], text: str) -> None:
    rule = {"mode": "allow", "file_scope": {"argument": "path", **scope}}
    gate = Hexgate.from_policy({"tools": {"write": rule}})
    [role] = gate.explain("write", {"path": "etc/.env"}, user=User("u")).roles
    [step] = role.checks
    assert (step.text, step.truth, step.values) == ("file_scope(path)", "false", (("args.path", '"etc/.env"'),))
    rule["file_scope"].pop("argument")  # type: ignore[attr-defined]
    gate = Hexgate.from_policy({"tools": {"write": rule}})
    [role] = gate.explain("write", {"path": "etc/.env"}, user=User("u")).roles
    assert text in str(role.as_dict())


FOUND = """\
roles:
  default:
    tools: {exact: {mode: allow}, mcp-*: {mode: allow}, mcp-git-*: {mode: deny}}
  written: {default_policy: {mode: deny}}
"""


@pytest.mark.parametrize(
    ("role", "tool", "words"),
    [
        ("ghost", "exact", "the rule has the tool's name"),
        ("default", "mcp-x", "`mcp-*` is the longest prefix that fits"),
        ("default", "mcp-git-x", "`mcp-git-*` is the longest prefix that fits"),
        ("default", "other", "no rule names the tool and there is no `default_policy`, so it is denied"),
        ("written", "other", "no rule names the tool, so `default_policy` holds"),
    ],
)
def test_the_way_to_the_rule_is_told_in_words(role: str, tool: str, words: str) -> None:
    gate = Hexgate.from_policy(Policy.from_text(FOUND, "p.yaml"))
    [found] = gate.explain(tool, {}, user=User("u", role)).roles
    assert found.found_by == words


def test_roles_that_count_as_one_are_explained_once() -> None:
    gate = Hexgate.from_policy(Policy.from_text(FOUND, "p.yaml"))
    explanation = gate.explain("exact", {}, user=User("u", roles=["ghost", "written", "phantom", "default"]))
    assert [(role.role, role.asked_as) for role in explanation.roles] == [
        *[("default", ("ghost", "phantom", "default")), ("written", ("written",))],
    ]
    [only] = gate.explain("exact", {}, user=User("u")).roles
    assert only.asked_as == ("default",)
    assert only.as_dict() == {
        "role": "default",
        "asked_as": ["default"],
        "found_by": "the rule has the tool's name",
        "tool": "exact",
        "mode": "allow",
        "document": "p.yaml",
        "line": 3,
        "checks": [],
    }


def test_a_role_that_nobody_knows_has_no_way_to_show() -> None:
    gate = Hexgate.from_policy({"roles": {"a": {}}})
    explanation = gate.explain("t", {}, user=User("u", roles=["ghost", "a"]))
    assert [role.role for role in explanation.roles] == ["a"]
    assert gate.explain("t", {}, user=User("u", "ghost")).as_dict()["roles"] == []


def test_a_call_that_no_rule_saw_has_no_way_to_show() -> None:
    gate = Hexgate.from_policy({"default_policy": {"mode": "allow"}})
    explanation = gate.explain("t", "nope", user=User("u"))
    assert (explanation.decision.code, explanation.roles) == ("call_refused", ())


def test_where_knowing_more_would_be_too_much_work_a_step_stays_unknown() -> None:
    constraint = "any(args.x, args.missing == 1 and every(args.y, . == args.z))"
    step = explained(constraint, {"x": [1] * 10, "y": [1] * 3000})
    assert step.truth == "unknown"
