"""JUnit's XML: well formed whatever a case is called."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree as ET

from hexgate.core.testing import Results, run_suites, suites_from_text, to_junit

Run = Callable[..., Results]


def test_failures_are_told_and_counted(run: Run) -> None:
    root = ET.fromstring(
        to_junit(
            run(
                "role: support, tool: view, expect: {outcome: allow}",
                "role: support, tool: view, expect: {outcome: deny}",
            )
        )
    )
    (suite,) = root
    passed, failed = suite
    assert (root.tag, root.get("tests"), root.get("failures")) == ("testsuites", "2", "1")
    assert (suite.get("name"), suite.get("file"), suite.get("tests"), suite.get("failures")) == (
        "s",
        "s.yaml",
        "2",
        "1",
    )
    assert (passed.get("name"), passed.get("classname"), len(passed)) == ("case 1", "s.yaml.s", 0)
    (failure,) = failed
    assert failure.get("message") == 'outcome: wanted "deny", got "allow"'
    assert (failure.text or "").startswith("s.yaml:")
    assert (failure.text or "").endswith("\nthe rule is `view` at <policy>:5")


def test_a_failure_holds_the_violations_that_came(run: Run) -> None:
    root = ET.fromstring(to_junit(run("role: billing, tool: refund, args: {amount: 700}, expect: {outcome: allow}")))
    assert 'violations: ["args.amount <= 500"' in (root[0][0][0].text or "")


def test_a_policy_that_cannot_be_loaded_is_an_error_and_told_once(run: Run) -> None:
    cases = ("tool: a, expect: {outcome: deny}", "tool: b, expect: {outcome: deny}")
    root = ET.fromstring(to_junit(run(*cases, policy="tools: {a: {mod: deny}}\n")))
    assert [(item.get("tests"), item.get("failures"), item.get("errors")) for item in (root, root[0])] == [
        ("1", "0", "1"),
        ("1", "0", "1"),
    ]
    (error,) = root[0][0]
    assert (error.tag, error.get("type"), "help: did you mean `mode`?" in (error.text or "")) == (
        "error",
        "HX204",
        True,
    )


def test_warnings_are_told_and_fail_when_asked() -> None:
    case = "{name: c, role: suport, tool: a, expect: {outcome: deny}}"
    policy = "{text: 'roles: {support: {tools: {a: {mode: deny}}}}'}"
    files = [suites_from_text(f"suites: [{{name: s, policy: {policy}, cases: [{case}]}}]")]
    words = "warning: the policy has no role `suport`; did you mean `support`?"
    (told,) = ET.fromstring(to_junit(run_suites(files)))[0][0]
    assert (told.tag, told.text) == ("system-out", words)
    failure, _ = ET.fromstring(to_junit(run_suites(files, strict=True)))[0][0]
    assert (failure.get("type"), failure.get("message")) == ("warning", words)


def test_hostile_names_stay_in_their_place() -> None:
    suite, case = r'"<a>&]]>\u0000\e[31m"', r'"\"/><x>\ufffe🦊"'
    cases = f"cases: [{{name: {case}, tool: a, expect: {{outcome: allow}}}}]"
    text = f"suites: [{{name: {suite}, policy: {{text: 'tools: {{}}'}}, {cases}}}]"
    root = ET.fromstring(to_junit(run_suites([suites_from_text(text)])))
    assert root[0].get("name") == "<a>&]]>[31m"
    assert root[0][0].get("name") == '"/><x>🦊'


def test_a_result_without_a_place_is_told_without_one() -> None:
    results = run_suites(
        [suites_from_text("suites: [{name: s, policy: {text: 'tools: {}'}, mistakes: [{code: HX203}]}]", "s.yaml")]
    )
    failure = ET.fromstring(to_junit(results))[0][0][0]
    assert (failure.text or "").splitlines() == ["s.yaml:1:17", 'mistakes: wanted [{"code": "HX203"}], got []']
