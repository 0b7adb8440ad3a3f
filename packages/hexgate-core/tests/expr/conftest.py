"""What several of these tests use. Files beside each other cannot import one another here, so fixtures carry it."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from hexgate.core.errors import Mistake, PolicyError
from hexgate.core.expr import parse
from hexgate.core.text import Source, Span


@pytest.fixture(scope="session")
def strategies() -> ModuleType:
    """The module `strategies.py`."""
    spec = importlib.util.spec_from_file_location("expr_strategies", Path(__file__).with_name("strategies.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def mistakes() -> Callable[[str], list[Mistake]]:
    """What is wrong with a constraint that stands alone in a document of one line."""

    def find(text: str) -> list[Mistake]:
        span = Span(Source("test.yaml", text), 1, 1, 1, len(text) + 1)
        with pytest.raises(PolicyError) as caught:
            parse(text, span=span, path="tools.t.constraints[0]")
        return list(caught.value.mistakes)

    return find
