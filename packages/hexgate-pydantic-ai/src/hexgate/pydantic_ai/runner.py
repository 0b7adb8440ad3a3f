"""An agent in, one that runs as it does out, with a user: every way of running it goes through `iter`, and so through the gate.

# INVARIANT: the agent that was given stays as it is; a run that is gated carries its user in a capability of its own.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from contextvars import ContextVar
from typing import Any, NoReturn

from pydantic_ai import AgentRun, AgentRunResult
from pydantic_ai.agent import AbstractAgent, WrapperAgent
from pydantic_ai.result import StreamedRunResult

from hexgate import core
from hexgate.core import User, current_user
from hexgate.core.adapters import Approvals, Ending, Parts, Run, RunEvent, Story, opened, streamed, ungated
from hexgate.core.gate.approvals import ApprovalHandler, Approver
from hexgate.core.gate.guards import Guard
from hexgate.pydantic_ai.events import told
from hexgate.pydantic_ai.gating import GateCapability
from hexgate.pydantic_ai.refusals import with_requests

__all__ = ["GatedAgent", "wrap_pydantic_agent"]

# Who listens to the run that is begun next in this context, and to no run within it.
listening: ContextVar[Story | None] = ContextVar("hexgate_story", default=None)


def wrap_pydantic_agent(
    *,
    agent: AbstractAgent[Any, Any],
    policy: core.PolicySource | core.Hexgate | None = None,
    approval_handler: ApprovalHandler | Approver | None = None,
    approvals: Approvals = "tell",
    guards: Iterable[Guard] = (),
    allow_ungated: Iterable[str] = (),
) -> GatedAgent:
    """The agent with every tool behind a policy. The agent that is passed stays as it is.

    Without `policy` the environment says where it is; a `Hexgate` as `policy` keeps its guards, bans and record. With
    `approvals="pause"` a run ends in `DeferredToolRequests` where a human is asked for. `allow_ungated` names tools that run with
    the provider, such as `web_search`.
    """
    if not isinstance(agent, AbstractAgent):
        raise TypeError(f"`wrap_pydantic_agent` takes a `pydantic_ai.Agent`, and not a `{type(agent).__name__}`")
    parts = Parts(policy=policy, approval_handler=approval_handler, approvals=approvals, guards=tuple(guards))
    return GatedAgent(agent, parts, allow_ungated)


class GatedAgent(WrapperAgent[Any, Any]):
    """An agent of Pydantic AI whose tools are behind a policy; each of its methods takes `user=`.

    Without `user=` the user of the scope around counts, at the call. A run that nobody is known to ask for is denied every tool.
    """

    def __init__(self, wrapped: AbstractAgent[Any, Any], parts: Parts, allow_ungated: Iterable[str] = ()) -> None:
        super().__init__(wrapped.wrapped if isinstance(wrapped, GatedAgent) else wrapped)
        self.hexgate = opened(parts, self.wrapped.name or "agent")
        self.pauses = parts.pauses
        self.allow_ungated = frozenset(allow_ungated)

    @asynccontextmanager
    async def iter(self, *given: Any, user: User | None = None, **options: Any) -> AsyncGenerator[AgentRun[Any, Any]]:
        """The steps of a run, which is what all other ways of running are made of."""
        story = listening.get()
        listening.set(None)
        async with Run.of(self.hexgate, user, story=story) as run:
            gate = GateCapability(run, pauses=self.pauses, allow_ungated=self.allow_ungated)
            options["capabilities"] = [*(options.get("capabilities") or ()), gate]
            if self.pauses:
                options["output_type"] = with_requests(options.get("output_type") or self.wrapped.output_type)
            async with self.wrapped.iter(*given, **self.named(options)) as steps:
                yield steps

    async def run(self, *given: Any, user: User | None = None, **options: Any) -> AgentRunResult[Any]:
        """Runs the agent to its end, or until it pauses."""
        with scope_of(user):
            return await super().run(*given, **self.named(options))

    def run_sync(self, *given: Any, user: User | None = None, **options: Any) -> AgentRunResult[Any]:
        """`run` for code without an event loop."""
        with scope_of(user):
            return super().run_sync(*given, **self.named(options))

    @asynccontextmanager
    async def run_stream(
        self, *given: Any, user: User | None = None, **options: Any
    ) -> AsyncGenerator[StreamedRunResult[Any, Any]]:
        """Runs the agent and gives its last answer as it comes."""
        with scope_of(user):
            async with super().run_stream(*given, **self.named(options)) as stream:
                yield stream

    def run_stream_events(
        self, *given: Any, user: User | None = None, **options: Any
    ) -> AbstractAsyncContextManager[Any]:
        """Runs the agent and gives the framework's events. The user is the one of this call, wherever they are read."""
        return self.stream_for(current_user() if user is None else user, given, options)

    @asynccontextmanager
    async def stream_for(self, user: User | None, given: Sequence[Any], options: dict[str, Any]) -> AsyncGenerator[Any]:
        """The framework's events of a run for a user."""
        with scope_of(user):
            async with super().run_stream_events(*given, **self.named(options)) as stream:
                yield stream

    def events(self, *given: Any, user: User | None = None, **options: Any) -> AsyncGenerator[RunEvent, None]:
        """Runs the agent and tells what happens in the common events of all frameworks."""
        caller = current_user() if user is None else user

        async def work(story: Story) -> Ending:
            listening.set(story)
            async with self.run_stream_events(*given, user=caller, **options) as stream:
                return await told(stream, story)

        return streamed(self.wrapped.name or "agent", work)

    def realtime(self, *_: Any, **__: Any) -> NoReturn:
        """Refused: a session of a realtime model offers tools of the provider past the gate."""
        raise ungated("realtime", self.wrapped.name or "agent", "offers tools of the provider past every check")

    def named(self, options: dict[str, Any]) -> dict[str, Any]:
        """The options without the framework's guess at a name, which would look at our frames."""
        return {**options, "infer_name": False}


def scope_of(user: User | None) -> Any:
    """The scope of a user; without one the scope around goes on."""
    return nullcontext() if user is None else user.sync_scope()
