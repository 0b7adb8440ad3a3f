"""No test is judged by the clock: a busy machine is no counterexample. No test writes where the user has something."""

from collections.abc import Iterator
from pathlib import Path
from runpy import run_path

import pytest
from hypothesis import settings

# Of the whole checkout; a type checker that looks at this folder takes `tests` for the name of this one.
pytest_runtest_call = run_path(str(Path(__file__).parents[3] / "tests/unwatched.py"))["pytest_runtest_call"]

settings.register_profile("unhurried", settings.default, deadline=None)
settings.load_profile("unhurried")


@pytest.fixture(autouse=True, scope="session")
def _record_in_a_folder_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The record of calls goes into a folder of the run, and not where that of the user lies."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEXGATE_AUDIT_DIR", str(tmp_path_factory.mktemp("record")))
        yield
