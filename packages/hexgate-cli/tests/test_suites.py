"""`hexgate policy test` without --tool: suites, their failures, coverage and JUnit's XML."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO
from xml.etree import ElementTree as ET

import pytest

from hexgate.cli.output import Output
from hexgate.cli.progress import Progress

Hexgate = Callable[..., Any]

FULL = """\
suites:
  - name: s
    policy: {text: "tools: {a: {mode: allow}}"}
    cases: [{name: c, tool: a, expect: {outcome: allow}}]
"""
HOSTILE = r"""
suites:
  - name: "s\e[2J"
    policy: {text: "tools: {}"}
    cases: [{name: "c\u202e\a", tool: "t\e", expect: {outcome: allow}}]
"""


@pytest.fixture
def failing(folder: Path, suite_text: str) -> Path:
    path = folder / "failing.yaml"
    path.write_text(suite_text.replace("expect: {outcome: deny}", "expect: {outcome: allow, violations: []}"))
    return path


def test_suites_that_pass_are_counted(hexgate: Hexgate) -> None:
    run = hexgate("policy", "test", "suite.yaml")
    assert (run.code, run.out, run.err) == (0, "✓ 3 passed · 3 cases in 1 suite\n", "")


def test_a_failure_shows_what_was_wanted_and_what_came(hexgate: Hexgate, failing: Path) -> None:
    run = hexgate("policy", "test", "failing.yaml")
    assert run.out.splitlines() == [
        "✗ refunds by role › billing has a limit",
        "  at failing.yaml:7:16",
        "  outcome",
        '    wanted "allow"',
        '    got    "deny"',
        "  violations",
        "    wanted []",
        '    got    ["args.amount <= 500"]',
        "  the rule is `refund_order` at policy.yaml:21",
        "",
        "✗ 1 failed, 2 passed · 3 cases in 1 suite",
    ]
    assert run.code == 1


def test_json_holds_every_case(hexgate: Hexgate, failing: Path) -> None:
    run = hexgate("policy", "test", "failing.yaml", "suite.yaml", "--json")
    assert (run.json["cases"], run.json["failed"], run.json["coverage"], run.code) == (6, 1, None, 1)
    assert run.json["results"][0]["cases"][2]["differences"][0] == {"key": "outcome", "wanted": "allow", "got": "deny"}


def test_a_folder_means_every_file_of_suites_below_it(hexgate: Hexgate, folder: Path, suite_text: str) -> None:
    (folder / "deep").mkdir()
    (folder / "deep" / "more.yml").write_text(suite_text.replace("policy.yaml", "../policy.yaml"))
    assert hexgate("policy", "test", ".", "--json").json["cases"] == 6


def test_suites_come_from_standard_input(hexgate: Hexgate, suite_text: str) -> None:
    assert hexgate("policy", "test", "-", stdin=suite_text).code == 0


def test_another_policy_can_stand_in(hexgate: Hexgate, folder: Path) -> None:
    (folder / "next.yaml").write_text("tools: {refund_order: {mode: deny}}")
    assert hexgate("policy", "test", "suite.yaml", "--policy", "next.yaml", "--json").json["failed"] == 2
    assert (
        hexgate("policy", "test", "suite.yaml", "--policy", "-", stdin="tools: {refund_order: {mode: deny}}").code == 1
    )


def test_a_filter_picks_cases_by_name(hexgate: Hexgate) -> None:
    assert hexgate("policy", "test", "suite.yaml", "-k", "LIMIT").out == "✓ 1 passed · 1 case in 1 suite\n"
    run = hexgate("policy", "test", "suite.yaml", "-k", "zzz")
    assert (run.code, "no case's name holds `zzz` [HX626]" in run.err) == (2, True)
    assert "help: the names of files, suites and cases were looked at" in run.err


def test_coverage_names_what_no_case_has_seen(hexgate: Hexgate) -> None:
    run = hexgate("policy", "test", "suite.yaml", "--coverage")
    assert run.out.splitlines() == [
        "✓ 3 passed · 3 cases in 1 suite",
        "not covered in policy.yaml",
        "  policy.yaml:5  support, billing → view: never reached",
        "  policy.yaml:9  support → refund_order: `args.amount <= 100` never false",
        '  policy.yaml:9  support → refund_order: `args.currency in ["USD", "EUR"] or ctx.vip == true` never false',
        "  policy.yaml:15  support → wire: never reached",
        "  policy.yaml:16  support → page: never reached",
        "  policy.yaml:17  support → scan: never reached",
        "  policy.yaml:22  billing → old: never reached",
        "",
        "coverage 46.1 % · rules reached 2/7 · constraints seen true 3/3, seen false 1/3",
    ]
    assert run.code == 0


def test_a_constraint_that_was_never_known_is_named_as_such(hexgate: Hexgate, folder: Path, suite_text: str) -> None:
    (folder / "s.yaml").write_text(
        suite_text.split("      - {name: billing refunds more", maxsplit=1)[0]
        .replace("amount: 40, currency: USD", "x: 1")
        .replace("outcome: allow", "outcome: deny")
    )
    assert "`args.amount <= 100` never true nor false" in hexgate("policy", "test", "s.yaml", "--coverage").out


def test_full_coverage_names_nothing(hexgate: Hexgate, folder: Path) -> None:
    (folder / "s.yaml").write_text(FULL)
    run = hexgate("policy", "test", "s.yaml", "--coverage", "--fail-under", "100")
    assert run.out.splitlines()[1:] == [
        "coverage 100.0 % · rules reached 1/1 · constraints seen true 0/0, seen false 0/0"
    ]
    assert run.code == 0


def test_too_little_coverage_fails(hexgate: Hexgate) -> None:
    run = hexgate("policy", "test", "suite.yaml", "--fail-under", "46.2")
    assert (run.code, run.out.endswith("· 46.2 % was wanted\n")) == (1, True)
    told = hexgate("policy", "test", "suite.yaml", "--fail-under", "46.1", "--json")
    assert (told.code, told.json["coverage"]["percent"]) == (0, 46.1)
    assert told.json["coverage"]["rules"] == {"total": 7, "reached": 2, "percent": 28.5}


def test_junit_is_written_for_continuous_integration(hexgate: Hexgate, failing: Path, folder: Path) -> None:
    assert hexgate("policy", "test", "failing.yaml", "--junit", "report.xml").code == 1
    root = ET.parse(folder / "report.xml").getroot()
    assert (root.get("tests"), root.get("failures")) == ("3", "1")
    run = hexgate("policy", "test", "failing.yaml", "--junit", "nowhere/report.xml")
    assert (run.code, "`nowhere/report.xml` cannot be written" in run.err) == (2, True)


def test_mistakes_of_a_suite_file_are_told_with_their_places(hexgate: Hexgate, folder: Path) -> None:
    (folder / "bad.yaml").write_text("suites:\n  - name: s\n    polic: x\n    cases: []\n")
    run = hexgate("policy", "test", "bad.yaml")
    assert (run.code, run.out) == (1, "")
    assert "bad.yaml:3:5: unknown key `polic` in the suite [HX203]" in run.err
    assert "help: did you mean `policy`?" in run.err


def test_a_policy_that_cannot_be_loaded_fails_its_cases(hexgate: Hexgate, folder: Path) -> None:
    (folder / "policy.yaml").write_text("tools: {a: {mod: allow}}")
    run = hexgate("policy", "test", "suite.yaml")
    assert (run.code, "✗ 1 suite not run, 0 passed · 0 cases in 1 suite" in run.out) == (1, True)
    assert run.out.count("policy.yaml:1:9: the rule `a` does not say its `mode` [HX204]") == 1
    assert "  in suite.yaml: 3 cases not run\n" in run.out
    assert "help: did you mean `mode`?" in run.out
    again = hexgate("policy", "test", "suite.yaml", "suite.yaml")
    assert (again.out.count("HX204"), again.out.count("cases not run")) == (1, 2)


def test_suites_of_one_broken_policy_tell_its_mistakes_once(hexgate: Hexgate, folder: Path) -> None:
    (folder / "policy.yaml").write_text("tools: {a: {mode: perhaps}}")
    case = "policy: policy.yaml, cases: [{name: c, tool: a, expect: {outcome: deny}}]"
    (folder / "s.yaml").write_text(f"suites: [{{name: s, {case}}}, {{name: t, {case}}}, {{name: u, {case}}}]")
    run = hexgate("policy", "test", "s.yaml")
    assert (run.out.count("HX206"), run.out.count("for the mistakes that are told above")) == (1, 2)


def test_a_failed_case_shows_the_violations_that_it_got(hexgate: Hexgate, folder: Path, suite_text: str) -> None:
    (folder / "s.yaml").write_text(suite_text.replace("outcome: deny", "outcome: allow"))
    assert "  violations\n    • args.amount <= 500\n" in hexgate("policy", "test", "s.yaml").out


def test_a_mistyped_role_is_warned_of_and_fails_when_asked(hexgate: Hexgate, folder: Path, suite_text: str) -> None:
    (folder / "s.yaml").write_text(suite_text.replace("limit, role: billing", "limit, role: biling"))
    words = "  warning: the policy has no role `biling`; did you mean `billing`?\n"
    run = hexgate("policy", "test", "s.yaml")
    assert (run.code, words in run.out, "✓ 3 passed" in run.out) == (0, True, True)
    assert run.out.startswith("! refunds by role › billing has a limit\n  at s.yaml:7:16\n")
    strict = hexgate("policy", "test", "s.yaml", "--strict")
    assert (strict.code, words in strict.out, "✗ 1 failed, 2 passed" in strict.out) == (1, True, True)
    assert hexgate("policy", "test", "suite.yaml", "--strict").code == 0
    told = hexgate("policy", "test", "s.yaml", "--json").json
    assert (told["warnings"], len(told["results"][0]["cases"][2]["warnings"])) == (1, 1)


def test_a_suite_of_mistakes_has_no_rule_to_show(hexgate: Hexgate, folder: Path) -> None:
    (folder / "s.yaml").write_text("suites: [{name: s, policy: {text: 'tools: {}'}, mistakes: [{code: HX203}]}]")
    run = hexgate("policy", "test", "s.yaml")
    assert (run.code, "the rule is" in run.out, "› the policy is refused" in run.out) == (1, False, True)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("policy.yaml",), "HX627", "`policy.yaml` holds no suites"),
        (("empty",), "HX627", "no file of suites was found below `empty`"),
        (("suite.yaml", "--role", "a"), "HX623", "--role describes a call, and no --tool is given"),
        (("policy.yaml", "--args", "{}"), "HX623", "--args describes a call, and no --tool is given"),
        (("nowhere.yaml",), "HX110", "`nowhere.yaml` cannot be read"),
        (("suite.yaml", "--policy", "nowhere.yaml"), "HX110", "`nowhere.yaml` cannot be read"),
        (("-", "--policy", "-"), "HX624", "`--policy` and `PATH 1` both read standard input"),
        (("suite.yaml", "--fail-under", "many"), "HX620", "--fail-under"),
        (("suite.yaml", "--fail-undr", "1"), "HX620", "--fail-under"),
        (("suite.yaml", "--fail-under", "101"), "HX620", "--fail-under cannot be `101.0`"),
        (("suite.yaml", "--fail-under", "-0.1"), "HX620", "--fail-under cannot be `-0.1`"),
        (("suite.yaml", "--fail-under", "nan"), "HX620", "--fail-under cannot be `nan`"),
        (("suite.yaml", "--fail-under", "inf"), "HX620", "--fail-under cannot be `inf`"),
    ],
)
def test_what_cannot_be_run_is_a_mistake_of_usage(
    hexgate: Hexgate, folder: Path, arguments: tuple[str, ...], code: str, words: str
) -> None:
    (folder / "empty").mkdir()
    run = hexgate("policy", "test", *arguments)
    assert (run.code, run.out) == (2, "")
    assert words in run.err
    assert f"[{code}]" in run.err
    told = hexgate("policy", "test", *arguments, "--json")
    assert (told.code, told.json["error"]["code"], told.err) == (2, code, "")


def test_an_empty_file_is_told_by_the_reader_of_suites(hexgate: Hexgate, folder: Path) -> None:
    (folder / "s.yaml").write_text("\n")
    run = hexgate("policy", "test", "s.yaml")
    assert (run.code, "`s.yaml` holds no suites [HX601]" in run.err) == (1, True)


def test_an_unreadable_file_says_so(hexgate: Hexgate, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, mode: str) -> BinaryIO:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    run = hexgate("policy", "test", "suite.yaml")
    assert (run.code, "`suite.yaml` cannot be read: Permission denied [HX110]" in run.err) == (2, True)


def test_hostile_names_of_cases_are_made_visible(hexgate: Hexgate, folder: Path) -> None:
    (folder / "s.yaml").write_text(HOSTILE)
    run = hexgate("policy", "test", "s.yaml", "--coverage")
    assert "✗ s·[2J › c··" in run.out
    assert not {"\x1b", "\x07", "\u202e"} & set(run.out)


class Watched(Output):
    """An output whose terminal remembers what it was shown."""

    def __init__(self, *, watched: bool) -> None:
        super().__init__()
        self.watched = watched
        self.shown: list[str] = []

    def progress(self, text: str) -> None:
        self.shown.append(text)


def ticked(output: Watched, monkeypatch: pytest.MonkeyPatch, seconds: float) -> list[str]:
    now = iter(seconds * step for step in range(10))
    monkeypatch.setattr("hexgate.cli.progress.monotonic", lambda: next(now))
    progress = Progress(output, "cases", 4)
    for _ in range(4):
        progress.tick()
    progress.end()
    return output.shown


def test_a_bar_is_shown_to_a_person_who_has_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = ticked(Watched(watched=True), monkeypatch, 0.3)
    assert shown[0] == f"[{'█' * 15}{'·' * 15}] 2/4 cases"
    assert shown[-1] == ""


def test_no_bar_is_shown_in_a_short_run_or_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ticked(Watched(watched=True), monkeypatch, 0.01) == []
    assert ticked(Watched(watched=False), monkeypatch, 3.0) == []
