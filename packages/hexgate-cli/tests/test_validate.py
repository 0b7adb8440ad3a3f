"""`hexgate policy validate`: mistakes, findings, a summary; as text, JSON and SARIF."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Hexgate = Callable[..., Any]

SHADOWED = "tools: {a: {mode: allow, constraints: [args.n > 5 and args.n < 3]}}\n"


def test_a_valid_policy_is_summed_up(hexgate: Hexgate) -> None:
    run = hexgate("policy", "validate", "policy.yaml", "--no-lint")
    assert run.out.startswith("✓ policy.yaml: 3 roles, 7 rules, 3 constraints · sha256:")
    assert (run.code, run.err, run.out.count("\n")) == (0, "", 1)


def test_every_mistake_is_told_with_its_place(hexgate: Hexgate, folder: Path) -> None:
    (folder / "bad.yaml").write_text("tools:\n  a:\n    mode: allow\n    constraint: [x]\n  b: {mode: perhaps}\n")
    run = hexgate("policy", "validate", "bad.yaml")
    assert run.out.splitlines()[:4] == [
        "bad.yaml:4:5: unknown key `constraint` in rule `a` [HX203]",
        "  4 |     constraint: [x]",
        "    |     ^^^^^^^^^^",
        "help: did you mean `constraints`?",
    ]
    assert run.out.splitlines()[-1] == "✗ bad.yaml: 2 mistakes"
    assert run.code == 1


def test_several_policies_are_validated_at_once(hexgate: Hexgate, folder: Path) -> None:
    (folder / "bad.yaml").write_text("x: 1")
    run = hexgate("policy", "validate", "policy.yaml", "bad.yaml", "--json")
    assert [report["valid"] for report in run.json["policies"]] == [True, False]
    assert (run.json["valid"], run.code) == (False, 1)
    good, bad = run.json["policies"]
    assert (good["path"], good["summary"]["roles"], good["mistakes"]) == ("policy.yaml", 3, [])
    assert (bad["summary"], bad["mistakes"][0]["code"], bad["findings"]) == (None, "HX203", [])


def test_a_directory_and_standard_input_are_policies_too(hexgate: Hexgate, folder: Path) -> None:
    (folder / "policies").mkdir()
    (folder / "policies" / "default.yaml").write_text("tools: {a: {mode: allow}}")
    run = hexgate("policy", "validate", "policies", "-", "--no-lint", stdin="tools: {a: {mode: allow}}")
    first, second = run.out.splitlines()
    assert first.startswith("✓ policies: 1 role, 1 rule, 0 constraints")
    assert second.startswith("✓ <stdin>: 1 role, 1 rule, 0 constraints")


def test_findings_are_told_and_count_only_when_asked(hexgate: Hexgate, folder: Path) -> None:
    (folder / "odd.yaml").write_text(SHADOWED)
    run = hexgate("policy", "validate", "odd.yaml")
    assert "odd.yaml:1:" in run.out
    assert ": warning: " in run.out
    assert "· 1 finding ·" in run.out
    assert run.code == 0
    assert hexgate("policy", "validate", "odd.yaml", "--strict").code == 1
    assert hexgate("policy", "validate", "odd.yaml", "--strict", "--no-lint").code == 0


def test_sarif_holds_findings_and_mistakes_as_results(hexgate: Hexgate, folder: Path) -> None:
    (folder / "odd.yaml").write_text(SHADOWED)
    (folder / "bad.yaml").write_text("tools: {a: {mode: perhaps}}")
    run = hexgate("policy", "validate", "odd.yaml", "bad.yaml", "nowhere.yaml", "--format", "sarif")
    results = run.json["runs"][0]["results"]
    assert [(item["ruleId"], item["level"]) for item in results][:2] == [("HX206", "error"), ("HX110", "error")]
    place = results[0]["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("bad.yaml", 1)
    assert results[2]["ruleId"].startswith("HX4")
    assert "ruleIndex" not in results[0]
    assert run.code == 1


def test_a_manifest_lets_the_linter_see_tools_and_arguments(hexgate: Hexgate, folder: Path) -> None:
    (folder / "agent.json").write_text(json.dumps({"tools": [{"name": "refund_order"}]}))
    without = hexgate("policy", "validate", "policy.yaml", "--json")
    with_tools = hexgate("policy", "validate", "policy.yaml", "--json", "--manifest", "agent.json")
    count = len(without.json["policies"][0]["findings"])
    assert len(with_tools.json["policies"][0]["findings"]) > count
    piped = hexgate("policy", "validate", "policy.yaml", "--json", "--manifest", "-", stdin='{"tools": []}')
    assert len(piped.json["policies"][0]["findings"]) > count


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("policy.yaml", "--format", "xml"), "HX623", "--format cannot be `xml`"),
        (("policy.yaml", "--manifest", "nowhere.json"), "HX622", "`nowhere.json` cannot be read"),
        (("policy.yaml", "--manifest", "policy.yaml"), "HX621", "policy.yaml:1:1: this is not JSON"),
        (("-", "-"), "HX624", "`PATH 1` and `PATH 2` both read standard input"),
        (("-", "--manifest", "-"), "HX624", "`--manifest` and `PATH 1` both read standard input"),
        ((), "HX620", "Missing argument"),
    ],
)
def test_what_cannot_be_validated_is_a_mistake_of_usage(
    hexgate: Hexgate, arguments: tuple[str, ...], code: str, words: str
) -> None:
    run = hexgate("policy", "validate", *arguments)
    assert (run.code, run.out) == (2, "")
    assert words in run.err
    assert f"[{code}]" in run.err


def test_two_forms_at_once_are_refused_as_json(hexgate: Hexgate) -> None:
    run = hexgate("policy", "validate", "policy.yaml", "--json", "--format", "sarif")
    assert (run.code, run.json["error"]["code"]) == (2, "HX623")
    assert "leave --json out" in run.json["error"]["help"]


def test_a_manifest_that_is_none_is_told(hexgate: Hexgate, folder: Path) -> None:
    (folder / "agent.json").write_text("{}")
    run = hexgate("policy", "validate", "policy.yaml", "--manifest", "agent.json")
    assert (run.code, "the manifest has no list `tools`" in run.err) == (1, True)


def test_many_mistakes_are_told_in_part_and_counted(hexgate: Hexgate, folder: Path) -> None:
    (folder / "many.yaml").write_text("tools:\n" + "".join(f"  t{number}: {{}}\n" for number in range(1200)))
    run = hexgate("policy", "validate", "many.yaml")
    assert (run.code, run.out.count("[HX")) == (1, 100)
    assert run.out.endswith("\n\n… and 1100 more\n\n✗ many.yaml: 1200 mistakes\n")
    (told,) = hexgate("policy", "validate", "many.yaml", "--json").json["policies"]
    assert (len(told["mistakes"]), told["mistake_count"], told["finding_count"]) == (1000, 1200, 0)
    (sarif,) = hexgate("policy", "validate", "many.yaml", "--format", "sarif").json["runs"]
    assert (len(sarif["results"]), sarif["properties"]) == (1000, {"result_count": 1200})


@pytest.mark.parametrize("command", [("fmt", "many.yaml"), ("explain", "many.yaml", "--tool", "a")])
def test_many_mistakes_that_stop_a_command_are_told_in_part(
    hexgate: Hexgate, folder: Path, command: tuple[str, ...]
) -> None:
    (folder / "many.yaml").write_text("tools:\n" + "".join(f"  t{number}: {{}}\n" for number in range(1200)))
    run = hexgate("policy", *command)
    assert (run.code, run.err.count("[HX")) == (1, 100)
    assert run.err.endswith("\n\n… and 1100 more\n")
    told = hexgate("policy", *command, "--json").json
    assert (len(told["mistakes"]), told["mistake_count"]) == (1000, 1200)


def test_many_findings_are_told_in_part_and_counted(hexgate: Hexgate, folder: Path) -> None:
    rules = "".join(f"  t{number}: {{mode: allow, constraints: [1 == 1]}}\n" for number in range(600))
    (folder / "many.yaml").write_text(f"tools:\n{rules}")
    (told,) = hexgate("policy", "validate", "many.yaml", "--json").json["policies"]
    total = told["finding_count"]
    assert (total >= 600, len(told["findings"])) == (True, min(total, 1000))
    run = hexgate("policy", "validate", "many.yaml")
    assert (run.code, run.out.count("[HX4"), f"\n… and {total - 100} more\n" in run.out) == (0, 100, True)


def test_missing_files_alone_are_a_mistake_of_usage(hexgate: Hexgate, folder: Path) -> None:
    (folder / "empty").mkdir()
    assert hexgate("policy", "validate", "nowhere.yaml", "empty", "policy.yaml").code == 2
    (folder / "bad.yaml").write_text("x: 1")
    assert hexgate("policy", "validate", "nowhere.yaml", "bad.yaml").code == 1


def test_hostile_words_of_an_author_are_made_visible(hexgate: Hexgate, folder: Path) -> None:
    (folder / "bad.yaml").write_text('"\\e[2Jx\\u202e\\nok: 1": 1\n')
    run = hexgate("policy", "validate", "bad.yaml")
    assert not {"\x1b", "\u202e"} & set(run.out)
    assert "unknown key `·[2Jx··ok: 1`" in run.out
