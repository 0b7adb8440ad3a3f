"""Every threat of the model is shown by tests that are there."""

from __future__ import annotations

import ast
import re

import pytest

from tests.end_to_end.pages import ROOT

PAGE = ROOT / "docs/explanation/threat-model.md"
NAMED = re.compile(r"`([\w/.-]+\.py)::(\w+)`")
LINES = PAGE.read_text(encoding="utf-8").splitlines()
# Without the head of the table and the line below it.
ROWS = [line for line in LINES if line.startswith("| ") and "---" not in line][1:]


def test_the_table_has_rows() -> None:
    assert len(ROWS) > 15


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip())
def test_a_threat_is_shown_by_tests_that_are_there(row: str) -> None:
    named = NAMED.findall(row.split("|")[3])
    assert named
    for path, name in named:
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
        assert name in functions, f"{path} has no {name}"


def test_a_behaviour_of_the_gate_that_is_named_is_one_that_is_tried() -> None:
    text = (ROOT / "tests/conformance/behaviours.py").read_text(encoding="utf-8")
    tried = text[text.index("BEHAVIOURS: ") :]
    for path, name in NAMED.findall(PAGE.read_text(encoding="utf-8")):
        assert "behaviours" not in path or f": {name}," in tried
