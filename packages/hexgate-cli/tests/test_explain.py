"""`hexgate policy explain`: the answer, and the way to it as a tree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Hexgate = Callable[..., Any]

CALL = ("policy", "explain", "policy.yaml", "--tool", "refund_order", "--role", "support")


def test_the_tree_shows_the_rule_and_what_each_constraint_read(hexgate: Hexgate) -> None:
    run = hexgate(*CALL, "--args", '{"amount": 400}', "--ctx", '{"vip": false}')
    assert run.out.splitlines() == [
        '✗ DENY · support → refund_order({"amount": 400})',
        "  reason: constraint failed",
        "  violations:",
        "    • args.amount <= 100",
        '    • args.currency in ["USD", "EUR"] or ctx.vip == true',
        "  note: finance limit 2026",
        "  rule: refund_order at policy.yaml:9",
        "",
        "role `support`",
        "└─ rule `refund_order`: allow at policy.yaml:9 — the rule has the tool's name",
        "   ├─ ✗ args.amount <= 100   args.amount = 400",
        '   └─ ? args.currency in ["USD", "EUR"] or ctx.vip == true   unknown',
        '      ├─ ? args.currency in ["USD", "EUR"]   args.currency is missing, so unknown',
        "      └─ ✗ ctx.vip == true   ctx.vip = false",
    ]
    assert run.code == 1


def test_exit_codes_are_those_of_the_decision(hexgate: Hexgate) -> None:
    assert hexgate(*CALL, "--args", '{"amount": 1, "currency": "EUR"}').code == 0
    assert hexgate("policy", "explain", "policy.yaml", "--tool", "wire", "--role", "support").code == 3


def test_a_call_that_no_rule_saw_has_no_tree(hexgate: Hexgate) -> None:
    run = hexgate(*CALL, "--args", "[]")
    assert run.out.splitlines() == [
        "✗ DENY · support → refund_order(…)",
        "  reason: the call cannot be decided about: the arguments are not a JSON object",
    ]


def test_json_is_the_explanation(hexgate: Hexgate) -> None:
    run = hexgate(*CALL, "--args", '{"amount": 400}', "--json")
    assert run.json["decision"]["outcome"] == "deny"
    assert [check["truth"] for check in run.json["roles"][0]["checks"]] == ["false", "unknown"]


def test_marks_are_coloured_where_colour_is_wanted(hexgate: Hexgate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    run = hexgate(*CALL, "--args", '{"amount": 400}')
    assert "\x1b[31m✗\x1b[0m args.amount <= 100   \x1b[2margs.amount = 400\x1b[0m" in run.out
    assert "\x1b[31;1m✗ DENY\x1b[0m" in run.out


def test_a_call_without_a_tool_is_a_mistake_of_usage(hexgate: Hexgate) -> None:
    run = hexgate("policy", "explain", "policy.yaml")
    assert (run.code, "a call needs the name of its tool [HX623]" in run.err) == (2, True)
