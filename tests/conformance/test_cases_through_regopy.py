"""The conformance cases for which regopy is able, by the Rego of their policies: another reader of Rego, and a weak one.

It rounds numbers to floats, leaves escapes in texts as they are, and lacks some of OPA's functions, so no case that needs those
is asked. What is left it answers as the engine does, but for what is listed with its reason.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from hexgate.core import ToolCall
from hexgate.core.engine import NativeEngine
from hexgate.core.program import compile_policy
from hexgate.core.rego import rego_text
from hexgate.core.testing import Case
from tests.conformance.test_cases_through_rego import ALL, calls_of
from tests.differential.opa import result_of, sent

FEWEST = 250
# Functions that it lacks or that bring escapes, escapes, and numbers that are not whole or have more than fifteen digits.
UNABLE = re.compile(r"regex\.|lower_case|json\.unmarshal|\\|\d\.\d|\d[eE]|\d{16}")
# In a comprehension it lets the role for which a function is called be any role, so it also finds the rule of another.
WRONG = {"the same prefix replaces the parent's"}


def able() -> list[tuple[str, NativeEngine, list[tuple[Case, ToolCall]]]]:
    """The Rego of each policy that it is able to read, the engine, and the questions."""
    found = []
    for parameter in ALL:
        suite = parameter.values[0]
        program = compile_policy(suite.origin.load())
        text = rego_text(program)
        calls = [(case, call) for case, call in calls_of(suite) if not UNABLE.search(sent(call, case.user).decode())]
        if calls and not UNABLE.search(text.partition("rego.v1")[2]):
            found.append((text, NativeEngine(program), calls))
    return found


def test_regopy_answers_as_the_engine_does_where_it_is_able() -> None:
    policies = able()
    jobs: list[dict[str, Any]] = [
        {"rego": text, "questions": [json.loads(sent(call, case.user)) for case, call in calls]}
        for text, _, calls in policies
    ]
    script = Path(__file__).with_name("regopy_answers.py")
    run = subprocess.run(
        [sys.executable, script], input=json.dumps(jobs), capture_output=True, text=True, check=True, timeout=300
    )
    asked = [(case, engine.decide(call, case.user)) for _, engine, calls in policies for case, call in calls]
    said = [json.loads(json.loads(line))["expressions"][0] for line in run.stdout.splitlines()]
    assert len(said) >= FEWEST
    wrong = {case.name for (case, decision), got in zip(asked, said, strict=True) if got != result_of(decision)}
    assert wrong == WRONG
