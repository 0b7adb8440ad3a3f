"""The SDK's `Runner` with a user: an agent and who is asking in, the SDK's own results out, every tool behind the gate.

# INVARIANT: each run has agents of its own, which carry the run and its user to the tools; two runs share none of them.
"""

from __future__ import annotations

import weakref
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypedDict, Unpack

from agents import (
    Agent,
    RunConfig,
    RunErrorHandlers,
    RunHooks,
    Runner,
    RunResult,
    RunResultStreaming,
    RunState,
    TResponseInputItem,
)
from agents.memory import Session

from hexgate import core
from hexgate.core import User
from hexgate.core.adapters import Approvals, Ending, Parts, Run, RunEvent, Story, in_own_loop, opened, streamed
from hexgate.core.gate.approvals import ApprovalHandler, Approver
from hexgate.core.gate.guards import Guard
from hexgate.openai.events import told
from hexgate.openai.gating import GatedAgent, Gating
from hexgate.openai.refusals import Saved, resumed

__all__ = ["HexgateRunner", "Input", "RunOptions"]

Input = str | list[TResponseInputItem]


class RunOptions(TypedDict, total=False):
    """What the SDK's `Runner` takes beside agent and input; it is handed on as it is."""

    context: Any
    max_turns: int | None
    hooks: RunHooks[Any] | None
    run_config: RunConfig | None
    error_handlers: RunErrorHandlers[Any] | None
    previous_response_id: str | None
    auto_previous_response_id: bool
    conversation_id: str | None
    session: Session | None


class HexgateRunner:
    """Runs agents of the OpenAI Agents SDK with every tool behind a policy.

    >>> runner = HexgateRunner(policy="policy.yaml")
    >>> result = await runner.run(agent, "Refund order 7", user=User("alice", "support"))

    The methods are those of the SDK's `Runner`, with `user=` beside them. The agent that is passed stays as it is.
    """

    def __init__(
        self,
        *,
        policy: core.PolicySource | core.Hexgate | None = None,
        approval_handler: ApprovalHandler | Approver | None = None,
        approvals: Approvals = "tell",
        guards: Iterable[Guard] = (),
        allow_ungated: Iterable[str] = (),
    ) -> None:
        """Without `policy` the environment says where it is. A `Hexgate` as `policy` keeps its guards, bans and record.

        With `approvals="pause"` a run stops where a human is asked for, and goes on when there is an answer.

        `allow_ungated` names tools that run where nothing can stand in front of them, such as `web_search`.
        """
        self.parts = Parts(
            policy=policy,
            approval_handler=approval_handler,
            approvals=approvals,
            guards=tuple(guards),
        )
        self.allow_ungated = tuple(allow_ungated)
        self.gates: dict[str, core.Hexgate] = {}
        # By the id of a state that was resumed here: the run that it goes on in, and the agent.
        self.resumed: dict[int, tuple[Run, GatedAgent[Any]]] = {}

    async def run(
        self, agent: Agent[Any], input: Input | Saved, *, user: User | None = None, **options: Unpack[RunOptions]
    ) -> RunResult:
        """Runs an agent to its end, or until it pauses. The state of a run that paused is the input with which it goes on."""
        with self.begun(agent, user) as (inside, gated):
            await inside.begin()
            return await Runner.run(gated, await given(gated, input, inside, options), **options)

    def run_sync(
        self, agent: Agent[Any], input: Input | Saved, *, user: User | None = None, **options: Unpack[RunOptions]
    ) -> RunResult:
        """`run` for code without an event loop."""
        with self.begun(agent, user) as (inside, gated):
            inside.begin_here()
            state = input if isinstance(input, str | list) else in_own_loop(given(gated, input, inside, options))
            return Runner.run_sync(gated, state, **options)

    def run_streamed(
        self,
        agent: Agent[Any],
        input: Input | RunState[Any, Any],
        *,
        user: User | None = None,
        **options: Unpack[RunOptions],
    ) -> RunResultStreaming:
        """Runs an agent and gives its stream. To go on with a run that paused, pass what `state` makes of it.

        The user of the run is the one of this call, wherever the stream is read.
        """
        if not isinstance(input, str | list):
            return self.streamed_again(input, options)
        with self.begun(agent, user) as (_, gated):
            return Runner.run_streamed(gated, input, **options)

    def streamed_again(self, state: object, options: RunOptions) -> RunResultStreaming:
        """The stream of a run that paused."""
        known = self.resumed.get(id(state))
        if known is None or not isinstance(state, RunState):
            raise TypeError(
                "a saved run is streamed by `run_streamed(agent, await runner.state(agent, saved, user=…))`"
            )
        inside, gated = known
        with inside.inside():
            return Runner.run_streamed(gated, state, **options)

    async def state(
        self, agent: Agent[Any], saved: Saved, *, user: User | None = None, context: Any = None
    ) -> RunState[Any, Agent[Any]]:
        """The state of a run that paused, as `run` and `run_streamed` go on with it, for this user.

        Calls that were answered in the store of approvals go to the gate; the others are interruptions of the state still.
        """
        with self.begun(agent, user) as (inside, gated):
            await inside.begin()
            state = await resumed(gated, saved, inside, context)
        self.resumed[id(state)] = (inside, gated)
        weakref.finalize(state, self.resumed.pop, id(state), None)
        return state

    def events(
        self, agent: Agent[Any], input: Input | Saved, *, user: User | None = None, **options: Unpack[RunOptions]
    ) -> AsyncGenerator[RunEvent, None]:
        """Runs an agent and tells what happens in the common events of all frameworks."""

        async def work(story: Story) -> Ending:
            with self.begun(agent, user, story) as (inside, gated):
                await inside.begin()
                state = await given(gated, input, inside, options)
                return await told(Runner.run_streamed(gated, state, **options), story)

        return streamed(agent.name, work)

    @contextmanager
    def begun(
        self, agent: Agent[Any], user: User | None, story: Story | None = None
    ) -> Iterator[tuple[Run, GatedAgent[Any]]]:
        """The scope of a run, and the agent with which it is run."""
        with Run.here(self.gate_of(agent), user, story=story) as inside:
            gating = Gating(inside, allow_ungated=self.allow_ungated, pauses=self.parts.pauses)
            yield inside, gating.agent(agent)

    def gate_of(self, agent: Agent[Any]) -> core.Hexgate:
        """The gate of an agent. Agents of one name have one."""
        if not isinstance(agent, Agent):
            raise TypeError(f"`HexgateRunner` runs an `agents.Agent`, and not a `{type(agent).__name__}`")
        if agent.name not in self.gates:
            self.gates[agent.name] = opened(self.parts, agent.name)
        return self.gates[agent.name]


async def given(
    agent: GatedAgent[Any], input: Input | Saved, inside: Run, options: RunOptions
) -> Input | RunState[Any, Agent[Any]]:
    """What the SDK is given: what a user says as it is, a run that paused with gated agents in it."""
    return input if isinstance(input, str | list) else await resumed(agent, input, inside, options.get("context"))
