"""`hexgate policy test` with --tool: one call, its answer, its exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Hexgate = Callable[..., Any]

CALL = ("policy", "test", "policy.yaml", "--tool", "refund_order")


def test_a_denial_is_told_as_users_know_it(hexgate: Hexgate) -> None:
    run = hexgate(*CALL, "--role", "billing", "--args", '{"amount": 700}')
    assert run.out.splitlines() == [
        '✗ DENY · billing → refund_order({"amount": 700})',
        "  reason: constraint failed",
        "  violations:",
        "    • args.amount <= 500",
        "  rule: refund_order at policy.yaml:21",
    ]
    assert (run.code, run.err) == (1, "")


def test_an_allowed_call_names_the_rule_and_the_authors_note(hexgate: Hexgate) -> None:
    run = hexgate(*CALL, "--role", "support", "--args", '{"amount": 40}', "--ctx", '{"vip": true}')
    assert run.out.splitlines() == [
        '✓ ALLOW · support → refund_order({"amount": 40})',
        "  reason: the rule allows it",
        "  note: finance limit 2026",
        "  rule: refund_order at policy.yaml:9",
    ]
    assert run.code == 0


@pytest.mark.parametrize(
    ("tool", "who"),
    [
        ("wire", "somebody with the role `finance` other than the caller"),
        ("page", "somebody other than the caller"),
        ("scan", "somebody with the role `admin`"),
    ],
)
def test_an_approval_says_who_may_give_it(hexgate: Hexgate, tool: str, who: str) -> None:
    run = hexgate("policy", "test", "policy.yaml", "--tool", tool, "--role", "support")
    assert run.out.startswith(f"? APPROVAL REQUIRED · support → {tool}({{}})\n")
    assert f"  approvers: {who}\n" in run.out
    assert run.code == 3


def test_monitoring_is_told(hexgate: Hexgate) -> None:
    noted = hexgate("policy", "test", "policy.yaml", "--tool", "old", "--role", "billing")
    until = hexgate("policy", "test", "policy.yaml", "--tool", "scan", "--role", "support")
    assert "  monitor: this is only noted; the tool runs\n" in noted.out
    assert "  monitor: this is only noted until 2099-12-31; the tool runs\n" in until.out


def test_the_role_that_decided_is_named_when_it_is_not_the_only_one(hexgate: Hexgate) -> None:
    run = hexgate(*CALL, "--roles", "support, billing,", "--args", '{"amount": 400}')
    assert run.out.splitlines()[0] == '✓ ALLOW · support, billing → refund_order({"amount": 400})'
    assert "  decided by: billing\n" in run.out


def test_a_caller_without_a_role_is_told_as_such(hexgate: Hexgate) -> None:
    run = hexgate("policy", "test", "policy.yaml", "--tool", "view", "--user", "alice", "--session", "s1")
    assert run.out.splitlines() == [
        "✗ DENY · (no role) → view({})",
        "  reason: no role of the caller is known to the policy",
    ]


def test_json_is_the_decision(hexgate: Hexgate) -> None:
    run = hexgate(*CALL, "--role", "billing", "--args", '{"amount": 700}', "--json")
    assert run.json["outcome"] == "deny"
    assert run.json["violations"] == ["args.amount <= 500"]
    assert run.json["rule"] == {"role": "billing", "tool": "refund_order", "document": "policy.yaml", "line": 21}
    assert (run.code, run.err) == (1, "")


def test_arguments_come_from_a_file_or_from_standard_input(hexgate: Hexgate, folder: Path) -> None:
    (folder / "call.json").write_text('\ufeff{"amount": 400}', encoding="utf-8")
    assert hexgate(*CALL, "--role", "billing", "--args", "@call.json").code == 0
    assert hexgate(*CALL, "--role", "billing", "--args", "-", stdin='{"amount": 700}').code == 1
    assert hexgate(*CALL, "--role", "billing", "--args", "@-", stdin='{"amount": 400}').code == 0


def test_attributes_come_from_a_file_too(hexgate: Hexgate, folder: Path) -> None:
    (folder / "ctx.json").write_text('{"vip": true}')
    assert hexgate(*CALL, "--role", "support", "--args", '{"amount": 1}', "--ctx", "@ctx.json").code == 0


def test_the_policy_comes_from_standard_input(hexgate: Hexgate) -> None:
    run = hexgate("policy", "test", "-", "--tool", "a", stdin="tools: {a: {mode: allow}}")
    assert (run.code, "rule: a at <stdin>:1" in run.out) == (0, True)


def test_the_policy_is_a_directory_of_role_files(hexgate: Hexgate, folder: Path) -> None:
    (folder / "policies").mkdir()
    (folder / "policies" / "billing.yaml").write_text("tools: {a: {mode: allow}}")
    run = hexgate("policy", "test", "policies", "--tool", "a", "--role", "billing")
    assert (run.code, "at policies/billing.yaml:1" in run.out) == (0, True)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [('{"amount": }', 1, 12), ("{'amount': 1}", 1, 2), ('{"a": 1,\n "b" 2}', 2, 6), ("", 1, 1), ("{} {}", 1, 4)],
)
def test_bad_json_says_where(hexgate: Hexgate, text: str, line: int, column: int) -> None:
    run = hexgate(*CALL, "--args", text)
    assert run.err.startswith(f"--args:{line}:{column}: this is not JSON: ")
    assert (run.code, run.out) == (2, "")
    told = hexgate(*CALL, "--args", text, "--json")
    assert (told.code, told.err) == (2, "")
    assert told.json["error"]["code"] == "HX621"
    assert [(item["line"], item["column"]) for item in told.json["mistakes"]] == [(line, column)]


def test_bad_json_in_a_file_names_the_file(hexgate: Hexgate, folder: Path) -> None:
    (folder / "call.json").write_text('{\n  "amount" 1\n}')
    run = hexgate(*CALL, "--args", "@call.json")
    assert run.err.splitlines()[:3] == [
        "call.json:2:12: this is not JSON: expecting ':' delimiter [HX621]",
        '  2 |   "amount" 1',
        "    |            ^",
    ]


@pytest.mark.parametrize(
    "text", ["[1]", "null", '{"a": 1, "a": 2}', '{"a": NaN}', "[" * 2000 + "]" * 2000, '{"a": 1' + "0" * 5000 + "}"]
)
def test_json_that_is_no_call_is_refused_by_the_decision(hexgate: Hexgate, text: str) -> None:
    run = hexgate(*CALL, "--args", text, "--json")
    assert (run.code, run.json["code"]) == (1, "call_refused")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--args", "@nowhere.json"), "HX622", "`nowhere.json` cannot be read: No such file or directory"),
        (("--args", "@."), "HX622", "`.` cannot be read: Is a directory"),
        (("--ctx", "[]"), "HX621", "--ctx must be a JSON object"),
        (("--ctx", '{"a": 1e999}'), "HX503", "attributes"),
        (("--user", ""), "HX502", "`user_id`"),
        (("--role", "support,billing", "--tool", "t"), "HX623", "--role takes one role, not `support,billing`"),
        (("--role", "a", "--roles", "b"), "HX623", "--role and --roles do not go together"),
        (("--args", "-", "--ctx", "-"), "HX624", "`--args` and `--ctx` both read standard input"),
        (("--args", "@-", "--ctx", "@-"), "HX624", "`--args` and `--ctx` both read standard input"),
        (("--junit", "x.xml"), "HX623", "--junit is for suites"),
        (("--coverage",), "HX623", "--coverage is for suites"),
        (("-k", "x"), "HX623", "-k is for suites"),
        (("policy.yaml",), "HX623", "one call is decided under one policy, not 2"),
        (("--tool", ""), "HX623", "a call needs the name of its tool"),
    ],
)
def test_what_cannot_be_asked_is_a_mistake_of_usage(
    hexgate: Hexgate, arguments: tuple[str, ...], code: str, words: str
) -> None:
    run = hexgate(*CALL, *arguments)
    assert (run.code, run.out) == (2, "")
    assert words in run.err
    assert f"[{code}]" in run.err
    assert hexgate(*CALL, *arguments, "--json").json["error"]["code"] == code


def test_arguments_that_are_not_utf_8_say_where(hexgate: Hexgate, folder: Path) -> None:
    (folder / "call.json").write_bytes(b'{"a": "\xff"}')
    run = hexgate(*CALL, "--args", "@call.json")
    assert (run.code, "call.json:1:8: this is not UTF-8 text [HX102]" in run.err) == (2, True)


@pytest.mark.parametrize("option", ["--args", "--ctx"])
def test_what_never_ends_is_not_read_to_its_end(hexgate: Hexgate, option: str) -> None:
    run = hexgate(*CALL, option, "@/dev/zero")
    assert (run.code, run.err.splitlines()[0]) == (2, "`/dev/zero` is larger than 1,048,576 bytes [HX103]")
    run = hexgate(*CALL, option, "-", stdin="1" * 1048577)
    assert (run.code, run.err.splitlines()[0]) == (2, "standard input is larger than 1,048,576 bytes [HX103]")


def test_a_policy_that_never_ends_is_too_large(hexgate: Hexgate) -> None:
    assert "[HX103]" in hexgate("policy", "test", "/dev/zero", "--tool", "a").err
    assert "[HX103]" in hexgate("policy", "test", "/dev/zero").err


def test_a_file_may_be_called_by_a_dash(hexgate: Hexgate, folder: Path) -> None:
    (folder / "-").write_text('{"amount": 700}')
    run = hexgate("policy", "test", "policy.yaml", "--role", "billing", "--tool", "refund_order", "--args", "@./-")
    assert 'refund_order({"amount": 700})' in run.out


def test_a_policy_and_arguments_cannot_both_be_standard_input(hexgate: Hexgate) -> None:
    run = hexgate("policy", "test", "-", "--tool", "a", "--args", "-")
    assert (run.code, "`PATH` and `--args` both read standard input" in run.err) == (2, True)


def test_a_missing_policy_is_a_mistake_of_usage(hexgate: Hexgate) -> None:
    run = hexgate("policy", "test", "nowhere.yaml", "--tool", "a")
    assert (run.code, "`nowhere.yaml` cannot be read: No such file or directory [HX110]" in run.err) == (2, True)


def test_a_policy_with_mistakes_prints_all_of_them(hexgate: Hexgate, folder: Path) -> None:
    (folder / "bad.yaml").write_text("tools:\n  a: {mod: allow}\n  b: {mode: allow, constraint: []}\n")
    run = hexgate("policy", "test", "bad.yaml", "--tool", "a")
    assert (run.code, run.out) == (1, "")
    assert run.err.count("[HX20") == 3
    told = hexgate("policy", "test", "bad.yaml", "--tool", "a", "--json")
    assert [mistake["code"] for mistake in told.json["mistakes"]] == ["HX204", "HX203", "HX203"]
    assert told.err == ""


def test_a_file_of_suites_is_no_policy(hexgate: Hexgate) -> None:
    run = hexgate("policy", "test", "suite.yaml", "--tool", "a")
    assert (run.code, "`suite.yaml` is a file of suites, not a policy [HX627]" in run.err) == (2, True)


def test_hostile_text_is_made_visible(hexgate: Hexgate, folder: Path) -> None:
    (folder / "evil\x1b[31m.yaml").write_text('tools: {"a": {mode: deny, reason: "x\\e[2Jy\\u202e"}}')
    run = hexgate(
        "policy",
        "test",
        "evil\x1b[31m.yaml",
        "--tool",
        "a",
        "--role",
        "r\x1b]0;x\x07",
        "--args",
        json.dumps({"k": "\x9b1m\u202e"}),
    )
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(run.out)
    assert "note: x·[2Jy·" in run.out
    told = hexgate("policy", "test", "evil\x1b[31m.yaml", "--tool", "a", "--role", "r\u202e", "--json")
    assert "\u202e" not in told.out
    assert told.json["roles"] == ["r\u202e"]


def test_long_arguments_are_cut_to_the_line(hexgate: Hexgate) -> None:
    run = hexgate(*CALL, "--role", "billing", "--args", json.dumps({"amount": 1, "text": "x" * 5000}))
    first = run.out.splitlines()[0]
    assert len(first) < 120
    assert first.endswith("…)")
