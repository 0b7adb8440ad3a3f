"""Builders that are killed at any moment leave the old bundle or the new one, and a reader never sees half of one."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from hexgate.core.bundle.place import put

KILLING = Path(__file__).with_name("killing.py")
TOOLS = runpy.run_path(str(KILLING))


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder in memory, where there is one: a disk takes its time to say that it has everything, thousands of times."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


def start(how: str, by: str, folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, str(KILLING), how, by, str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def told(process: subprocess.Popen[str]) -> Any:
    """What the process says in the end."""
    out, _ = process.communicate()
    assert process.returncode == 0
    return json.loads(out)


@pytest.mark.parametrize("by", ["exchange", "move"])
def test_a_reader_never_sees_half_a_bundle_while_builders_are_killed(place: Path, by: str) -> None:
    folder = place / "bundle"
    put(TOOLS["generation"](100), folder)
    seen = Counter([TOOLS["seen"](folder)])
    with start("random", by, folder) as builders:
        while builders.poll() is None:
            seen[TOOLS["seen"](folder)] += 1
        assert told(builders) == TOOLS["KILLS"] >= 100
    # The last builder put a bundle in its place before it was killed.
    seen[TOOLS["seen"](folder)] += 1
    # Where two directories cannot change places, there is a moment without any.
    allowed = {f"{number:03d}" for number in range(101)} | ({"absent"} if by == "move" else set())
    assert set(seen) <= allowed
    # How often it could look is the machine's affair; that it saw one bundle take the place of another is not.
    assert len(seen) > 1
    put(TOOLS["generation"](1), folder)
    assert [path.name for path in place.iterdir()] == ["bundle"]


@pytest.mark.parametrize(("by", "states"), [("exchange", ["001", "002"]), ("move", ["001", "absent", "002"])])
def test_a_builder_that_is_killed_at_any_step_leaves_the_old_bundle_or_the_new_one(
    place: Path, by: str, states: list[str]
) -> None:
    with start("everywhere", by, place / "bundle") as builders:
        found = told(builders)
    assert [state for state, _ in groupby(found)] == states
    assert len(found) > 30
