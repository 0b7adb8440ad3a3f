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
