"""Results in, JUnit's XML out, as continuous integration reads it. Nothing of a case can break out of its place."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree as ET

from hexgate.core.testing.run import CaseResult, Results, SuiteResult

__all__ = ["to_junit"]

# What XML 1.0 does not know, escaped or not.
UNKNOWN_TO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_junit(results: Results) -> str:
    """The whole document."""
    seconds = sum(case.seconds for suite in results.suites for case in suite.cases)
    counts = {"tests": str(results.total), "failures": str(len(results.failures)), "errors": "0"}
    root = ET.Element("testsuites", {"name": "hexgate policy test", **counts, "time": f"{seconds:.6f}"})
    for suite in results.suites:
        add_suite(root, suite)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def add_suite(root: ET.Element, suite: SuiteResult) -> None:
    """One suite and its cases."""
    failed = sum(not case.passed for case in suite.cases)
    seconds = sum(case.seconds for case in suite.cases)
    counts = {"tests": str(len(suite.cases)), "failures": str(failed), "errors": "0", "skipped": "0"}
    element = ET.SubElement(
        root, "testsuite", {"name": clean(suite.name), "file": clean(suite.file), **counts, "time": f"{seconds:.6f}"}
    )
    for case in suite.cases:
        add_case(element, suite, case)


def add_case(parent: ET.Element, suite: SuiteResult, case: CaseResult) -> None:
    """One case, with what differs when it failed."""
    names = {"classname": clean(f"{suite.file}.{suite.name}"), "name": clean(case.name)}
    element = ET.SubElement(parent, "testcase", {**names, "time": f"{case.seconds:.6f}"})
    if case.passed:
        return
    told = [f"{item.key}: wanted {as_json(item.wanted)}, got {as_json(item.got)}" for item in case.differences]
    lines = [*([case.place] if case.place else []), *told]
    failure = ET.SubElement(element, "failure", {"type": "difference", "message": clean("; ".join(told))})
    failure.text = clean("\n".join(lines))


def as_json(value: object) -> str:
    """A value on one line."""
    return json.dumps(value, ensure_ascii=False)


def clean(text: str) -> str:
    """The text without what XML cannot hold."""
    return UNKNOWN_TO_XML.sub("", text)
