"""Tests that are not watched line by line: those with the mark `unwatched`, and nearly all in this folder.

Each line of hexgate.core is covered by a test that looks at it. A search through much data covers lines by luck, and being watched
makes it two to three times as slow. pytest-cov's own `no_cover` does not end the watching in the workers of pytest-xdist, where a
second collector goes on beneath the first.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Generator

import pytest

__all__ = ["pytest_runtest_call"]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Takes the watcher off while such a test runs."""
    if item.get_closest_marker("unwatched") is None:
        return (yield)
    here, in_threads = sys.gettrace(), threading.gettrace()
    sys.settrace(None)
    threading.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(here)
        threading.settrace(in_threads)
