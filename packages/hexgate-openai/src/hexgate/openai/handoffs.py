"""A handoff in, one that is decided about out. It leads to an agent behind the gate; a denied one leads nowhere.

A handoff is a call like any other: the policy knows it by its tool's name, `transfer_to_billing`. The SDK has no answer for one
that is refused, so the agent that asked goes on, and is told why in the place of the transfer message.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from contextvars import ContextVar
from inspect import isawaitable
from typing import Any, cast

from agents import Agent, Handoff, HandoffInputData, RunContextWrapper, handoff

from hexgate.core import ToolCall
from hexgate.core.adapters import Run

__all__ = ["GatedHandoff", "gated_handoff"]

# Why the handoff that was just asked for did not happen. The SDK asks for the words in the task in which it made the handoff.
denial: ContextVar[str | None] = ContextVar("hexgate_denied_handoff", default=None)


class GatedHandoff(Handoff[Any, Any]):
    """A handoff whose message says so when it was denied."""

    def get_transfer_message(self, agent: Any) -> str:
        """What the model is told about the handoff."""
        return denial.get() or super().get_transfer_message(agent)


def gated_handoff(
    item: Agent[Any] | Handoff[Any, Any],
    owner: Agent[Any],
    *,
    gate: Callable[[Agent[Any]], Agent[Any]],
    run_now: Callable[[], Run],
) -> GatedHandoff:
    """The handoff behind the gate."""
    known = handoff(gate(item)) if isinstance(item, Agent) else copy.copy(item)
    gated = object.__new__(GatedHandoff)
    gated.__dict__.update(known.__dict__)

    async def invoke(context: RunContextWrapper[Any], arguments: str) -> Agent[Any]:
        async def transfer(decided: dict[str, Any]) -> Agent[Any]:
            text = ToolCall(known.tool_name, decided).encoded.decode() if arguments else arguments
            return cast("Agent[Any]", await known.on_invoke_handoff(context, text))

        run = run_now()
        result = await run.acall(ToolCall(known.tool_name, arguments or "{}", owner.name), transfer, whole=True)
        denial.set(None if result.ran else result.decision.for_model())
        return gate(cast("Agent[Any]", result.value)) if result.ran else owner

    async def filtered(data: HandoffInputData) -> HandoffInputData:
        if known.input_filter is None or denial.get() is not None:
            return data
        kept = known.input_filter(data)
        return await kept if isawaitable(kept) else kept

    gated.on_invoke_handoff = invoke
    if known.input_filter is not None:
        gated.input_filter = filtered
    return gated
