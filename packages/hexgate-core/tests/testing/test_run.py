"""Running suites: what passes, what differs, and that nothing raises."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hexgate.core import Policy
from hexgate.core.testing import Results, read_suites, run_suites, suites_from_text

Run = Callable[..., Results]
WHOLE = (
    "role: support, tool: refund, args: {amount: 400, currency: EUR}, expect: {outcome: deny, code: constraint_failed,"
    " violations: [args.amount <= 100], deciding_role: support, monitor: false, approvers: null, line: 10}"
)


def test_a_case_passes_when_every_wanted_key_is_as_wanted(run: Run) -> None:
    results = run(
        WHOLE, "role: support, tool: wire, expect: {outcome: approval_required, approvers: {role: finance}, line: 6}"
    )
    assert (results.total, results.failures) == (2, ())
    assert results.suites[0].cases[0].decision is not None


def test_each_key_that_differs_is_told_with_both_values(run: Run) -> None:
    results = run(
        "role: billing, tool: refund, args: {amount: 700}, expect: {outcome: allow, line: 3, deciding_role: support}"
    )
    ((suite, case),) = results.failures
    assert (suite.file, suite.name, case.name) == ("s.yaml", "s", "case 1")
    assert [(item.key, item.wanted, item.got) for item in case.differences] == [
        ("outcome", "allow", "deny"),
        ("line", 3, 21),
        ("deciding_role", "support", "billing"),
    ]
    assert (case.place or "").startswith("s.yaml:")


def test_a_denial_without_a_rule_has_no_line(run: Run) -> None:
    (_, case), *_ = run("role: nobody, tool: refund, expect: {outcome: deny, code: no_role, line: 1}").failures
    assert [(item.key, item.got) for item in case.differences] == [("line", None)]


def test_many_mistakes_of_a_policy_are_told_in_part_and_counted() -> None:
    policy = "tools: {" + ", ".join(f"t{number}: {{}}" for number in range(300)) + "}"
    cases = "cases: [{name: c, tool: t, expect: {outcome: deny}}]"
    text = f"suites: [{{name: a, policy: {{text: '{policy}'}}, {cases}}}, {{name: b, policy: {{text: '{policy}'}}, mistakes: []}}]"
    results = run_suites([suites_from_text(text)])
    told = results.suites[0].as_dict()
    assert (len(told["mistakes"]), told["mistake_count"]) == (100, 300)
    ((difference,),) = (case.differences for case in results.suites[1].cases)
    assert len(difference.got) == 100


def test_true_is_not_taken_for_one(run: Run) -> None:
    monitored = "tools: {a: {mode: deny, enforce: false}}\n"
    assert not run("tool: a, expect: {outcome: deny, monitor: true}", policy=monitored).failures
    assert run("tool: a, expect: {outcome: deny, monitor: false}", policy=monitored).failures


def test_raw_arguments_are_decoded_by_the_call_itself(run: Run) -> None:
    refused = (
        """role: support, tool: view, args_json: '{"a": 1, "a": 2}', expect: {outcome: deny, code: call_refused}"""
    )
    assert not run(refused).failures


def test_a_policy_that_cannot_be_loaded_is_an_error_of_its_suite(run: Run) -> None:
    results = run(
        "tool: a, expect: {outcome: deny}", "tool: b, expect: {outcome: deny}", policy="tools: {a: {mod: deny}}\n"
    )
    assert (results.total, results.failures, results.errors) == (0, (), results.suites)
    assert results.suites[0].not_run == 2
    assert [mistake.code for mistake in results.suites[0].mistakes] == ["HX204", "HX203"]


def test_a_policy_of_many_suites_is_loaded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "p.yaml").write_text("tools: {a: {mode: allow}}")
    case = "cases: [{name: c, tool: a, expect: {outcome: allow}}]"
    (tmp_path / "s.yaml").write_text(
        f"suites: [{{name: a, policy: p.yaml, {case}}}, {{name: b, policy: p.yaml, {case}}}]"
    )
    first, second = run_suites([read_suites(tmp_path / "s.yaml")]).suites
    assert first.policy is second.policy is not None


def test_role_files_can_be_written_out() -> None:
    files = "{files: {default.yaml: 'tools: {a: {mode: allow}}'}}"
    text = f"suites: [{{name: s, policy: {files}, cases: [{{name: c, tool: a, expect: {{outcome: allow}}}}]}}]"
    assert not run_suites([suites_from_text(text)]).failures


def test_another_policy_can_stand_in_for_the_suites_own() -> None:
    text = "suites: [{name: s, policy: nowhere.yaml, cases: [{name: c, tool: a, expect: {outcome: allow}}]}]"
    files = [suites_from_text(text)]
    ((mistake,),) = [suite.mistakes for suite in run_suites(files).errors]
    assert mistake.help == "check the path that `policy:` names and the permissions"
    instead = run_suites(files, policy=Policy.from_text("tools: {a: {mode: allow}}"))
    assert (instead.errors, instead.failures) == ((), ())


def test_only_the_cases_whose_names_hold_the_filter_are_run(run: Run) -> None:
    cases = ", ".join(f"{{name: {name}, tool: a, expect: {{outcome: deny}}}}" for name in ("one", "two"))
    text = f"suites: [{{name: Refunds, policy: {{text: 'tools: {{a: {{mode: deny}}}}'}}, cases: [{cases}]}}]"
    files = [suites_from_text(text, "billing.yaml")]
    names = {
        only: [case.name for suite in run_suites(files, only=only).suites for case in suite.cases]
        for only in ("TWO", "refunds", "billing", "x!")
    }
    assert names == {"TWO": ["two"], "refunds": ["one", "two"], "billing": ["one", "two"], "x!": []}
    assert run_suites(files, only="x!").suites == ()


def test_every_case_that_was_run_is_counted_as_it_goes() -> None:
    broken = "{name: s, policy: {text: 'x: 1'}, cases: [{name: c, tool: a, expect: {outcome: deny}}]}"
    text = f"suites: [{broken}, {{name: m, policy: {{text: 'x: 1'}}, mistakes: []}}]"
    ticks: list[int] = []
    run_suites([suites_from_text(text)], tick=lambda: ticks.append(1))
    assert len(ticks) == 2


def mistakes(policy: str, wanted: str, *, only: str = "") -> Results:
    text = f"suites: [{{name: s, policy: {{text: {json.dumps(policy)}}}, mistakes: {wanted}}}]"
    return run_suites([suites_from_text(text)], only=only)


@pytest.mark.parametrize(
    ("wanted", "passes"),
    [
        ("[{code: HX204}, {code: HX203}]", True),
        ("[{code: HX204, line: 1}, {code: HX203, line: 1, column: 13, suggest: mode}]", True),
        ("[{code: HX204}]", False),
        ("[{code: HX203}, {code: HX204}]", False),
        ("[{code: HX204}, {code: HX203}, {code: HX205}]", False),
        ("[{code: HX204, line: 2}, {code: HX203}]", False),
        ("[{code: HX204}, {code: HX203, suggest: mood}]", False),
        ("[]", False),
    ],
)
def test_a_policy_must_have_all_the_mistakes_and_no_others(wanted: str, passes: bool) -> None:
    results = mistakes("tools: {a: {mod: deny}}", wanted)
    assert results.total == 1
    assert (not results.failures) is passes


def test_a_policy_without_mistakes_fails_a_suite_that_wants_some() -> None:
    ((_, case),) = mistakes("tools: {}", "[{code: HX203}]").failures
    assert case.differences[0].got == []
    assert not mistakes("tools: {}", "[]").failures


def test_a_mistake_without_a_place_has_no_line_to_compare() -> None:
    text = "suites: [{name: s, policy: {files: {}}, mistakes: [{code: HX111, line: 1}]}]"
    ((_, case),) = run_suites([suites_from_text(text)]).failures
    assert case.differences[0].got == [{"code": "HX111", "line": None}]


def test_a_suite_of_mistakes_is_filtered_by_its_name() -> None:
    assert mistakes("tools: {}", "[]", only="zzz").total == 0
    assert mistakes("tools: {}", "[]", only="refused").total == 1


def test_results_are_plain_json(run: Run) -> None:
    results = run(WHOLE, "role: support, tool: view, expect: {outcome: deny}")
    told = json.loads(json.dumps(results.as_dict()))
    assert (told["suites"], told["cases"], told["passed"], told["failed"]) == (1, 2, 1, 1)
    failed = told["results"][0]["cases"][1]
    assert failed["differences"] == [{"key": "outcome", "wanted": "deny", "got": "allow"}]
    assert failed["decision"]["rule"]["tool"] == "view"
    refused = mistakes("tools: {}", "[]").as_dict()["results"][0]["cases"][0]
    assert (refused["passed"], refused["decision"]) == (True, None)


def test_results_of_a_refused_policy_hold_its_mistakes(run: Run) -> None:
    told = run("tool: a, expect: {outcome: deny}", policy="x: 1\n").as_dict()
    assert told["results"][0]["mistakes"][0]["code"] == "HX203"
