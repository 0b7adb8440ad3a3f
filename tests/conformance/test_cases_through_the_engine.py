"""Every case of the conformance suites, answered by the engine: one test a case."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hexgate.core.testing import Suite, SuiteFile, find_suites, read_suites, run_suites

CASES = Path(__file__).parent / "cases"
FEWEST = 250


def one_by_one() -> Iterator[Any]:
    """Each case as a file of its own, with the name that says where it stands."""
    for path in find_suites(CASES):
        for suite in read_suites(path).suites:
            for case in suite.cases:
                alone = Suite(suite.name, suite.origin, (case,))
                yield pytest.param(alone, id=f"{path.stem}/{suite.name}/{case.name}")
            if suite.mistakes is not None:
                yield pytest.param(suite, id=f"{path.stem}/{suite.name}/the policy is refused")


ALL = list(one_by_one())


def test_there_are_enough_cases() -> None:
    assert len(ALL) >= FEWEST


@pytest.mark.parametrize("suite", ALL)
def test_the_engine_answers_as_the_case_wants(suite: Suite) -> None:
    results = run_suites([SuiteFile(suite.name, (suite,))])
    assert results.total == 1
    assert [case.differences for _, case in results.failures] == []
