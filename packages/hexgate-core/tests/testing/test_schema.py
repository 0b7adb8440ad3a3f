"""The published schema agrees with the reader."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest
import yaml

from hexgate.core.errors import SuiteError
from hexgate.core.testing import suite_schema, suites_from_text

CASES = Path(__file__).parents[4] / "tests" / "conformance" / "cases"
VALIDATOR = jsonschema.Draft202012Validator(suite_schema())


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(suite_schema())


def test_a_day_is_one_for_editors_that_know_days() -> None:
    days = jsonschema.Draft202012Validator(suite_schema(), format_checker=jsonschema.FormatChecker())
    text = "suites: [{{name: s, policy: x, cases: [{{name: c, tool: t, expect: {{outcome: deny, monitor: '{}'}}}}]}}]"
    assert days.is_valid(yaml.safe_load(text.format("2027-12-31")))
    assert not days.is_valid(yaml.safe_load(text.format("2027-13-01")))
    assert not days.is_valid(yaml.safe_load(text.format("2027-12-31\\n")))


@pytest.mark.parametrize("path", sorted(CASES.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_conformance_cases_fit_the_schema(path: Path) -> None:
    VALIDATOR.validate(yaml.safe_load(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "text",
    [
        "suites: []",
        "suits: []",
        "suites: [{policy: x, mistakes: []}]",
        "suites: [{name: ' ', policy: x, mistakes: []}]",
        "suites: [{name: s, mistakes: []}]",
        "suites: [{name: s, policy: x}]",
        "suites: [{name: s, policy: x, mistakes: [], cases: [{name: c, tool: t, expect: {outcome: deny}}]}]",
        "suites: [{name: s, policy: {text: a, files: {}}, mistakes: []}]",
        "suites: [{name: s, policy: {}, mistakes: []}]",
        "suites: [{name: s, policy: x, mistakes: [{line: 1}]}]",
        "suites: [{name: s, policy: x, mistakes: [{code: HX1, line: 0}]}]",
        "suites: [{name: s, policy: x, cases: []}]",
        "suites: [{name: s, policy: x, cases: [{name: c, expect: {outcome: deny}}]}]",
        "suites: [{name: s, policy: x, cases: [{name: c, tool: t}]}]",
        "suites: [{name: s, policy: x, cases: [{name: c, tool: t, expect: {}}]}]",
        "suites: [{name: s, policy: x, cases: [{name: c, tool: t, expect: {outcome: denied}}]}]",
        "suites: [{name: s, policy: x, cases: [{name: c, tool: t, expect: {outcome: deny, code: x}}]}]",
        "suites: [{name: s, policy: x, cases: [{name: c, tool: t, expect: {outcome: deny, monitor: soon}}]}]",
        "suites: [{name: s, policy: x, cases: [{name: c, tool: t, role: a, roles: [], expect: {outcome: deny}}]}]",
        "suites: [{name: s, policy: x, cases: [{name: c, tool: t, args: {}, args_json: '', expect: {outcome: deny}}]}]",
        "suites: [{name: s, policy: x, cases: [{name: c, tool: t, args: [], expect: {outcome: deny}}]}]",
    ],
)
def test_what_the_reader_refuses_the_schema_refuses_too(text: str) -> None:
    assert not VALIDATOR.is_valid(yaml.safe_load(text))
    with pytest.raises(SuiteError):
        suites_from_text(text)
