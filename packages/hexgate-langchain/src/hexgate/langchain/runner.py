"""A graph in, one that runs as it does out, with a user: the run travels in the configuration, the gate stands before the tools.

# INVARIANT: whoever reads a stream has a context of their own; the run has its user from the call, wherever the stream is read.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from typing import Any, Unpack

from langchain_core.runnables import Runnable, RunnableConfig
from langchain_core.runnables.config import merge_configs
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import StreamMode

from hexgate import core
from hexgate.core import User, current_user
from hexgate.core.adapters import Ending, GateOptions, Parts, Run, RunEvent, Story, apart, opened, relayed, streamed
from hexgate.core.gate.approvals import ApprovalHandler, Approver
from hexgate.langchain.backstop import Backstop
from hexgate.langchain.calls import RUN, Going
from hexgate.langchain.events import told
from hexgate.langchain.graphs import gated_in_place, ready

__all__ = ["GatedAgent", "enforce_policy", "wrap_langchain_agent"]

Graph = CompiledStateGraph[Any, Any, Any, Any]


class GatedAgent(Runnable[Any, Any]):
    """A graph whose tools are behind a policy; each of its methods takes `user=`, and the rest is that of the graph.

    Without `user=` the user of the scope around counts, at the call. A run that nobody is known to ask for is denied every tool.
    """

    def __init__(self, graph: Graph, name: str, parts: Parts) -> None:
        self.graph = ready(graph, pauses=parts.pauses)
        self.name = self.agent = name
        self.hexgate = opened(parts, name)
        self.parts = parts
        self.handler = Backstop()

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

    def astream_events(  # type: ignore[override]  # its third version is experimental, and not offered
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
                modes: list[StreamMode] = ["messages", "updates", "values"]
                return await told(self.graph.astream(input, own, stream_mode=modes, **options), story)

        return streamed(self.agent, work)

    def configured(self, config: RunnableConfig | None, run: Run) -> RunnableConfig:
        """The configuration with the run in it, and the handler that sees what comes by no gate."""
        now = Going(run, self.agent, self.parts.pauses, frozenset(self.parts.allow_ungated))
        return merge_configs(config, {"configurable": {RUN: now}, "callbacks": [self.handler]})


def wrap_langchain_agent(
    *, agent: Graph | GatedAgent, tools: list[Any] | None = None, **options: Unpack[GateOptions]
) -> GatedAgent:
    """A ready-made graph with every tool behind a policy.

    A compiled graph keeps its tools, so they are replaced within it, and in the list `tools`, for nodes of yours that read it.
    From then on the graph runs by what this function returns alone; wrapped again, it runs by either, each with its own policy.
    `create_agent` of this module leaves everything as it was. With `approvals="pause"` a run that needs a human is interrupted.
    """
    graph: Any = agent.graph if isinstance(agent, GatedAgent) else agent
    name = graph.get_name() if isinstance(graph, CompiledStateGraph) else "agent"
    gated = GatedAgent(graph, name, Parts.of(options))
    gated_in_place(graph, tools)
    return gated


def enforce_policy(
    agent: Graph | GatedAgent,
    policy: core.PolicySource | core.Hexgate,
    approval_handler: ApprovalHandler | Approver | None = None,
) -> GatedAgent:
    """`wrap_langchain_agent` in short."""
    return wrap_langchain_agent(agent=agent, policy=policy, approval_handler=approval_handler)
