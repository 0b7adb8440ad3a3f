"""How long whole processes take to start: what a user waits for at a terminal."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from harness import Figure, process_seconds
from policies import SMALL

__all__ = ["figures"]


def figures() -> Iterator[Figure]:
    """Every figure of this group."""
    with tempfile.TemporaryDirectory() as folder:
        policy = Path(folder) / "policy.yaml"
        policy.write_text(SMALL)
        question = [
            "policy",
            "test",
            str(policy),
            "--role",
            "default",
            "--tool",
            "view_orders",
            "--args",
            '{"customer": "cus-1"}',
        ]
        seconds = process_seconds(
            {
                "python": ["-c", "pass"],
                "core": ["-c", "import hexgate.core"],
                "typer": ["-c", "import typer"],
                "test": ["-m", "hexgate.cli", *question],
            }
        )
    core = (seconds["core"] - seconds["python"]) * 1000
    command = (seconds["test"] - seconds["typer"]) * 1000
    yield Figure("import hexgate.core, above python -c pass", core, "ms", "under 100 ms", core < 100)
    yield Figure("import typer, the whole process", seconds["typer"] * 1000, "ms")
    yield Figure("hexgate policy test with one call, above import typer", command, "ms", "under 250 ms", command < 250)
