"""A graph in, one that runs as it does out, with a user: the run travels in the configuration, the gate stands before the tools.

# INVARIANT: whoever reads a stream has a context of their own; the run has its user from the call, wherever the stream is read.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterable, Iterator
from contextvars import copy_context
from typing import Any

from langchain_core.runnables import Runnable, RunnableConfig
from langchain_core.runnables.config import merge_configs
from langgraph.graph.state import CompiledStateGraph

from hexgate.core import Hexgate, User, current_user
from hexgate.core.adapters import Approvals, Ending, Parts, Run, RunEvent, Story, opened, streamed
from hexgate.core.adapters.streaming import relayed
from hexgate.core.gate.approvals import ApprovalHandler, Approver
from hexgate.core.gate.guards import Guard
from hexgate.core.hexgate import PolicySource
from hexgate.langchain.backstop import Backstop
from hexgate.langchain.calls import RUN
from hexgate.langchain.events import told
from hexgate.langchain.gating import Gating
from hexgate.langchain.graphs import gated_in_place, ready

__all__ = ["GatedAgent", "enforce_policy", "wrap_langchain_agent"]

Graph = CompiledStateGraph[Any, Any, Any, Any]


class GatedAgent(Runnable[Any, Any]):
    """A graph whose tools are behind a policy; each of its methods takes `user=`, and the rest is that of the graph.

    Without `user=` the user of the scope around counts, at the call. A run that nobody is known to ask for is denied every tool.
    """

    def __init__(self, graph: Graph, hexgate: Hexgate, gating: Gating) -> None:
        self.graph = graph
        self.hexgate = hexgate
        self.gating = gating
        self.handler = Backstop(gating.agent, gating.allow_ungated)
        self.name = gating.agent

    def __getattr__(self, name: str) -> Any:
        """What the graph knows, such as `get_state`."""
        if name.startswith("_") or name == "graph":
            raise AttributeError(name)
        return getattr(self.graph, name)

    def invoke(
        self, input: Any, config: RunnableConfig | None = None, *, user: User | None = None, **options: Any
    ) -> Any:
        """Runs the graph to its end, or until it pauses."""
        with Run.here(self.hexgate, user) as run:
            run.begin_here()
            return self.graph.invoke(input, self.configured(config, run), **options)

    async def ainvoke(
        self, input: Any, config: RunnableConfig | None = None, *, user: User | None = None, **options: Any
    ) -> Any:
        """The same in async code."""
        async with Run.of(self.hexgate, user) as run:
            return await self.graph.ainvoke(input, self.configured(config, run), **options)

    def stream(
        self, input: Any, config: RunnableConfig | None = None, *, user: User | None = None, **options: Any
    ) -> Iterator[Any]:
        """Runs the graph and gives its stream, in the modes that the graph knows."""
        caller = current_user() if user is None else user

        def chunks() -> Generator[Any, None, None]:
            with Run.here(self.hexgate, caller) as run:
                run.begin_here()
                yield from self.graph.stream(input, self.configured(config, run), **options)

        return apart(chunks())

    def astream(
        self, input: Any, config: RunnableConfig | None = None, *, user: User | None = None, **options: Any
    ) -> AsyncIterator[Any]:
        """The same in async code."""
        return self.relayed_for(user, config, lambda own: self.graph.astream(input, own, **options))

    def astream_events(
        self, input: Any, config: RunnableConfig | None = None, *, user: User | None = None, **options: Any
    ) -> AsyncIterator[Any]:
        """Runs the graph and gives the framework's events of all that is in it."""
        return self.relayed_for(user, config, lambda own: self.graph.astream_events(input, own, **options))

    def relayed_for(self, user: User | None, config: RunnableConfig | None, begin: Any) -> AsyncGenerator[Any, None]:
        """A stream of the graph for a user, read in a task of its own."""
        caller = current_user() if user is None else user

        async def chunks() -> AsyncGenerator[Any, None]:
            async with Run.of(self.hexgate, caller) as run:
                async for chunk in begin(self.configured(config, run)):
                    yield chunk

        return relayed(chunks)

    def events(
        self, input: Any, config: RunnableConfig | None = None, *, user: User | None = None, **options: Any
    ) -> AsyncGenerator[RunEvent, None]:
        """Runs the graph and tells what happens in the common events of all frameworks."""
        caller = current_user() if user is None else user

        async def work(story: Story) -> Ending:
            async with Run.of(self.hexgate, caller, story=story) as run:
                own = self.configured(config, run)
                modes = ["messages", "updates", "values"]
                return await told(self.graph.astream(input, own, stream_mode=modes, **options), story)

        return streamed(self.gating.agent, work)

    def configured(self, config: RunnableConfig | None, run: Run) -> RunnableConfig:
        """The configuration with the run in it, and the handler that sees what comes by no gate."""
        return merge_configs(config, {"configurable": {RUN: run}, "callbacks": [self.handler]})


def apart(chunks: Generator[Any, None, None]) -> Iterator[Any]:
    """The chunks, each made in a context of their own and not in the reader's."""
    context = copy_context()
    try:
        while True:
            try:
                chunk = context.run(next, chunks)
            except StopIteration:
                return
            yield chunk
    finally:
        context.run(chunks.close)


def wrap_langchain_agent(
    *,
    agent: Graph | GatedAgent,
    tools: list[Any] | None = None,
    policy: PolicySource | Hexgate | None = None,
    approval_handler: ApprovalHandler | Approver | None = None,
    approvals: Approvals = "tell",
    guards: Iterable[Guard] = (),
    allow_ungated: Iterable[str] = (),
) -> GatedAgent:
    """A ready-made graph with every tool behind a policy.

    A compiled graph keeps its tools, so they are replaced within it, and in the list `tools` where the graph has tools of yours
    that no `ToolNode` holds. From then on the graph runs by what this function returns alone. To wrap it twice is to wrap it
    once, by the later policy. `create_agent` of this module leaves everything as it was.
    """
    parts = Parts(policy=policy, approval_handler=approval_handler, approvals=approvals, guards=tuple(guards))
    graph = ready(agent.graph if isinstance(agent, GatedAgent) else agent, pauses=parts.pauses)
    name = graph.get_name()
    gating = Gating(name, allow_ungated=allow_ungated, pauses=parts.pauses)
    hexgate = opened(parts, name)
    gated_in_place(graph, tools, gating)
    return GatedAgent(graph, hexgate, gating)


def enforce_policy(
    agent: Graph | GatedAgent,
    policy: PolicySource | Hexgate,
    approval_handler: ApprovalHandler | Approver | None = None,
) -> GatedAgent:
    """`wrap_langchain_agent` in short."""
    return wrap_langchain_agent(agent=agent, policy=policy, approval_handler=approval_handler)
