"""A tree in, every file and function out that passed its ceiling and is not on the list of exemptions.

INVARIANT: the list only shrinks. An exemption that is no longer needed, or allows more than is used, is itself a fault.
"""

import ast
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.checks.source import Module, python_modules

__all__ = ["EXEMPTIONS", "find_passed_ceilings", "read_exemptions"]

EXEMPTIONS = Path("tests/architecture/exemptions.toml")
FILE_LINES = 400
TEST_FILE_LINES = 500
FUNCTION_LINES = 50
COMPLEXITY = 8
RUFF = Path(sys.executable).parent / "ruff"


@dataclass(frozen=True)
class Size:
    """What was counted somewhere, and how much is allowed there."""

    kind: str
    where: str
    found: int
    ceiling: int


@dataclass(frozen=True)
class Exemption:
    """A place that may be as large as it is now, and why."""

    kind: str
    where: str
    limit: int
    reason: str


def find_passed_ceilings(tree: Path) -> list[str]:
    exemptions = {(entry.kind, entry.where): entry for entry in read_exemptions(tree)}
    found = [f"{where}: the exemption gives no reason" for (_, where), entry in exemptions.items() if not entry.reason]
    for size in sizes(tree):
        entry = exemptions.pop((size.kind, size.where), None)
        allowed = entry.limit if entry else size.ceiling
        if size.found > allowed:
            found.append(f"{size.where}: {size.kind} is {size.found}, at most {allowed} is allowed")
        elif entry and size.found <= size.ceiling:
            found.append(f"{size.where}: needs no exemption for {size.kind} any more")
        elif entry and size.found < entry.limit:
            found.append(f"{size.where}: {size.kind} fell to {size.found}, lower its exemption from {entry.limit}")
    return found + [f"{where}: is exempt for {kind}, but is not there" for kind, where in exemptions]


def read_exemptions(tree: Path) -> list[Exemption]:
    path = tree / EXEMPTIONS
    if not path.exists():
        return []
    return [Exemption(**entry) for entry in tomllib.loads(path.read_text()).get("exemption", [])]


def sizes(tree: Path) -> Iterator[Size]:
    for module in python_modules(tree):
        ceiling = TEST_FILE_LINES if module.is_test else FILE_LINES
        yield Size("file lines", module.where, len(module.text.splitlines()), ceiling)
        for name, node in functions(module):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            yield Size("function lines", f"{module.where}::{name}", lines, FUNCTION_LINES)
    yield from complexities(tree)


def complexities(tree: Path) -> Iterator[Size]:
    """Counted by ruff, whose own comments that would hide a finding do not count here."""
    names = {(module.where, node.name): name for module in python_modules(tree) for name, node in functions(module)}
    command = [
        *(str(RUFF), "check", "--isolated", "--no-cache", "--ignore-noqa", "--select", "C901", "--exit-zero"),
        *("--config", "lint.mccabe.max-complexity=0", "--output-format", "json"),
        *[module.where for module in python_modules(tree)],
    ]
    said = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=True).stdout
    for finding in json.loads(said):
        where = Path(finding["filename"]).relative_to(tree.resolve()).as_posix()
        function = finding["message"].split("`")[1]
        count = int(finding["message"].split("(")[1].split(" ")[0])
        yield Size("complexity", f"{where}::{names.get((where, function), function)}", count, COMPLEXITY)


def functions(module: Module) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every function with its dotted name within the module."""
    waiting: list[tuple[str, ast.AST]] = [("", module.tree)]
    while waiting:
        prefix, parent = waiting.pop()
        for node in ast.iter_child_nodes(parent):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{prefix}{node.name}", node
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                waiting.append((f"{prefix}{node.name}.", node))
            else:
                waiting.append((prefix, node))
