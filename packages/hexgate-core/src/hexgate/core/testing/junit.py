"""Results in, JUnit's XML out, as continuous integration reads it. Nothing of a case can break out of its place."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree as ET

from hexgate.core.testing.run import CaseResult, Results, SuiteResult

__all__ = ["to_junit"]

LOADING = "the policy loads"

# What XML 1.0 does not know, escaped or not.
UNKNOWN_TO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_junit(results: Results) -> str:
    """The whole document."""
    seconds = sum(case.seconds for suite in results.suites for case in suite.cases)
    errors = len(results.errors)
    counts = {"tests": str(results.total + errors), "failures": str(len(results.failures)), "errors": str(errors)}
    root = ET.Element("testsuites", {"name": "hexgate policy test", **counts, "time": f"{seconds:.6f}"})
    for suite in results.suites:
        add_suite(root, suite)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def add_suite(root: ET.Element, suite: SuiteResult) -> None:
    """One suite and its cases."""
    failed = sum(not case.passed for case in suite.cases)
    seconds = sum(case.seconds for case in suite.cases)
    errors = int(bool(suite.mistakes))
    tests = {"tests": str(len(suite.cases) + errors), "failures": str(failed)}
    counts = {**tests, "errors": str(errors), "skipped": "0"}
    element = ET.SubElement(
        root, "testsuite", {"name": clean(suite.name), "file": clean(suite.file), **counts, "time": f"{seconds:.6f}"}
    )
    if suite.mistakes:
        add_error(element, suite)
    for case in suite.cases:
        add_case(element, suite, case)


def add_error(parent: ET.Element, suite: SuiteResult) -> None:
    """The mistakes of a policy for which no case of its suite was run."""
    names = {"classname": clean(f"{suite.file}.{suite.name}"), "name": LOADING}
    element = ET.SubElement(parent, "testcase", {**names, "time": "0.000000"})
    first = suite.mistakes[0]
    error = ET.SubElement(element, "error", {"type": first.code, "message": clean(first.headline)})
    error.text = clean("\n\n".join(mistake.render() for mistake in suite.mistakes))


def add_case(parent: ET.Element, suite: SuiteResult, case: CaseResult) -> None:
    """One case, with what differs when it failed."""
    names = {"classname": clean(f"{suite.file}.{suite.name}"), "name": clean(case.name)}
    element = ET.SubElement(parent, "testcase", {**names, "time": f"{case.seconds:.6f}"})
    warnings = [f"warning: {warning}" for warning in case.warnings]
    if not case.passed:
        add_failure(element, case, warnings)
    if warnings:
        ET.SubElement(element, "system-out").text = clean("\n".join(warnings))


def add_failure(parent: ET.Element, case: CaseResult, warnings: list[str]) -> None:
    """What differs, the violations that came, and the rule that decided."""
    told = [f"{item.key}: wanted {as_json(item.wanted)}, got {as_json(item.got)}" for item in case.differences]
    got = [f"violations: {as_json(list(case.violations))}"] if case.violations else []
    lines = [*([case.place] if case.place else []), *told, *got, *([case.rule_text] if case.rule_text else [])]
    kind = "difference" if told else "warning"
    failure = ET.SubElement(parent, "failure", {"type": kind, "message": clean("; ".join(told or warnings))})
    failure.text = clean("\n".join(lines))


def as_json(value: object) -> str:
    """A value on one line."""
    return json.dumps(value, ensure_ascii=False)


def clean(text: str) -> str:
    """The text without what XML cannot hold."""
    return UNKNOWN_TO_XML.sub("", text)
