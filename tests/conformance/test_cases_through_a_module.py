"""Every case of the conformance suites, answered by the module of its policy: as the case wants, and as the native engine does."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from hexgate.core import ToolCall
from hexgate.core.engine import NativeEngine
from hexgate.core.program import compile_policy
from hexgate.core.testing import Case, find_suites, read_suites
from hexgate.core.testing.run import answered
from hexgate.core.testing.suite import Origin
from hexgate.core.wasm.assemble import assemble
from hexgate.core.wasm.engine import WasmEngine

CASES = Path(__file__).parent / "cases"
FEWEST = 250


def one_by_one() -> Iterator[Any]:
    for path in find_suites(CASES):
        for suite in read_suites(path).suites:
            for case in suite.cases:
                yield pytest.param(suite.origin, case, id=f"{path.stem}/{suite.name}/{case.name}")


ALL = list(one_by_one())


@cache
def engines(origin: Origin) -> tuple[WasmEngine, NativeEngine]:
    """Both engines of a policy."""
    program = compile_policy(origin.load())
    return WasmEngine(assemble(program), program=program), NativeEngine(program)


def test_there_are_enough_cases() -> None:
    assert len(ALL) >= FEWEST


@pytest.mark.parametrize(("origin", "case"), ALL)
def test_a_module_answers_as_the_case_wants(origin: Origin, case: Case) -> None:
    module, native = engines(origin)
    call = ToolCall(case.tool, case.arguments)
    decision = module.decide(call, case.user)
    got = answered(decision)
    assert {key: got[key] for key in case.wanted} == dict(case.wanted)
    assert decision._replace(engine="native") == native.decide(call, case.user)
