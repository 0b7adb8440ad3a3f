"""How long whole processes take to start: what a user waits for at a terminal."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from harness import Figure, imported, process_seconds
from policies import SMALL

__all__ = ["figures"]

# What a user of each framework has imported anyway, and the door to it.
DOORS = {
    "OpenAI Agents": ("from agents import Agent, Runner", "hexgate.openai"),
    "LangChain": ("from langchain.agents import create_agent", "hexgate.langchain"),
    "Google ADK": (
        "from google.adk.agents import LlmAgent; from google.adk.runners import Runner",
        "hexgate.google",
    ),
    "Pydantic AI": ("from pydantic_ai import Agent", "hexgate.pydantic_ai"),
}


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
    for name, added in imported(DOORS).items():
        yield Figure(f"import of the door to {name}, above the framework's", added, "ms", "under 30 ms", added < 30)
