"""How long it takes at the start of a run to see that a policy has not changed, beside one look of the system at its file."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from harness import Figure, in_turns
from policies import SMALL

from hexgate.core import Hexgate

__all__ = ["figures"]

# What is younger is read again at each refresh: a change might look the same.
SETTLED_AFTER_SECONDS = 3.5
ROLES = 10


def figures() -> Iterator[Figure]:
    """Every figure of this group."""
    with tempfile.TemporaryDirectory() as folder:
        file, directory = Path(folder) / "policy.yaml", Path(folder) / "roles"
        file.write_text(SMALL)
        directory.mkdir()
        for number in range(ROLES):
            (directory / f"role-{number}.yaml").write_text("tools: {view: {mode: allow}}")
        of_file, of_directory = Hexgate.from_policy(file), Hexgate.from_policy(directory)
        young = in_turns({"stat": file.stat, "young": of_file.refresh}, rounds=10, calls=100)
        time.sleep(SETTLED_AFTER_SECONDS)
        of_file.refresh()
        of_directory.refresh()
        times = in_turns({"stat": file.stat, "file": of_file.refresh, "directory": of_directory.refresh}, calls=200)
    yield Figure("floor: one look at a file", times["stat"], "µs")
    yield Figure("refresh, a file that has not changed", times["file"], "µs", "under 50 µs", times["file"] < 50)
    yield Figure("refresh, a file that was written just now", young["young"], "µs")
    yield Figure(f"refresh, a directory of {ROLES} roles that has not changed", times["directory"], "µs")
