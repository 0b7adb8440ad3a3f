"""What the framework knows of a call in, the `ToolCall` that the policy is asked about out, and the run in which it is made.

The run travels in the framework's own `configurable`, so it is known wherever a configuration is, also where the scope of a user
was lost on the way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from langchain_core.runnables import RunnableConfig, ensure_config
from langchain_core.tools import BaseTool

from hexgate.core.adapters import Run, UngatedError, current_run

__all__ = ["RUN", "Asked", "Going", "arguments_of", "added_to", "can_pause", "going"]

RUN = "hexgate_run"
# What the framework calls the trigger of a task that was sent to a node for one call alone.
SENT = "__pregel_push"


class Asked(NamedTuple):
    """A call as the model asks for it; without an id it is somebody's code that calls."""

    tool: str
    arguments: Any
    id: str | None


@dataclass(frozen=True, slots=True)
class Going:
    """A run that goes on: the run, the name of its agent, and what holds in it."""

    run: Run
    agent: str
    pauses: bool = False
    allow_ungated: frozenset[str] = frozenset()


def going(config: RunnableConfig | None) -> Going:
    """The run in which a call is made. Raises UngatedError where there is none."""
    found = ensure_config(config).get("configurable", {}).get(RUN)
    if isinstance(found, Going):
        return found
    run = current_run()
    if run is None:
        raise UngatedError(
            "HX953",
            "a gated agent is run outside of a run of Hexgate",
            help="run what `create_agent` or `wrap_langchain_agent` gave you, and not the graph within",
        )
    return Going(run, run.hexgate.agent)


def can_pause(config: RunnableConfig | None) -> bool:
    """Whether a call may pause its run. Where a node makes several calls in one task, those that ran would run again."""
    return SENT in (ensure_config(config).get("metadata", {}).get("langgraph_triggers") or ())


def arguments_of(tool: BaseTool, given: Any) -> dict[str, Any]:
    """Every argument of a tool that is called by hand, by its name."""
    if isinstance(given, Mapping):
        return dict(given)
    names = list(tool.args)
    return {names[0] if len(names) == 1 else "input": given}


def added_to(tool: BaseTool) -> frozenset[str]:
    """The arguments that the framework adds by itself, and that the model never says."""
    shown = getattr(tool.tool_call_schema, "model_fields", None)
    whole = getattr(tool.get_input_schema(), "model_fields", None)
    return frozenset() if shown is None or whole is None else frozenset(whole) - frozenset(shown)
