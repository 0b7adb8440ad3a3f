"""No test is judged by the clock: a busy machine is no counterexample. No test writes where the user has something."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.unwatched import pytest_runtest_call

__all__ = ["pytest_runtest_call"]

settings.register_profile("unhurried", settings.default, deadline=None)
settings.load_profile("unhurried")


@pytest.fixture(autouse=True, scope="session")
def _record_in_a_folder_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The record of calls goes into a folder of the run, and not where that of the user lies."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEXGATE_AUDIT_DIR", str(tmp_path_factory.mktemp("record")))
        # And no framework sends anybody what the tests do.
        patch.setenv("OPENAI_AGENTS_DISABLE_TRACING", "1")
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What looks at one thing is watched; a search through the whole house covers lines by luck, and slowly."""
    for item in items:
        if Path(__file__).parent in item.path.parents and not item.path.name.startswith("test_behaviours"):
            item.add_marker(pytest.mark.unwatched)
