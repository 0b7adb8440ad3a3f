"""An agent of LangChain built with the gate as its last middleware, and the short ways to run one."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from typing import Any, Unpack

from langchain.agents import create_agent as create_ungated
from langchain.agents.middleware import AgentMiddleware
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import SystemMessage
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import BaseTool, StructuredTool

from hexgate.core import User
from hexgate.core.adapters import GateOptions, Parts, RunEvent
from hexgate.core.gate.drivers import is_async
from hexgate.langchain.backstop import Backstop
from hexgate.langchain.events import text_of
from hexgate.langchain.gating import GateMiddleware
from hexgate.langchain.runner import GatedAgent

__all__ = [
    "BuildOptions",
    "BuiltAgent",
    "agent_tool",
    "create_agent",
    "invoke_agent",
    "stream_agent",
    "stream_agent_raw",
]


class BuiltAgent(GatedAgent):
    """A gated agent that was built here, so that its model and its prompt are known."""

    model: str | BaseChatModel
    system_prompt: str | None


class BuildOptions(GateOptions, total=False):
    """What `create_agent` takes beside model, tools and prompt: what every door takes, and what LangChain's takes."""

    middleware: Sequence[AgentMiddleware[Any, Any]]
    response_format: Any
    state_schema: Any
    context_schema: type[Any] | None
    checkpointer: Any
    store: Any
    interrupt_before: list[str] | None
    interrupt_after: list[str] | None
    debug: bool
    name: str | None
    cache: Any
    transformers: Any


def create_agent(
    model: str | BaseChatModel,
    tools: Sequence[BaseTool | Callable[..., Any] | dict[str, Any]] | None = None,
    system_prompt: str | SystemMessage | None = None,
    **options: Unpack[BuildOptions],
) -> tuple[BuiltAgent, Backstop]:
    """LangChain's `create_agent` with every tool behind a policy, and the handler that stops what comes by no gate.

    The agent has the handler already; give it to other graphs that are run beside it, as `config={"callbacks": [handler]}`.
    With `approvals="pause"` a run that needs a human is interrupted, for which `checkpointer=` is needed.
    """
    own: dict[str, Any] = {name: value for name, value in options.items() if name not in GateOptions.__annotations__}
    own["middleware"] = [*own.get("middleware", ()), GateMiddleware()]
    graph = create_ungated(model, tools, system_prompt=system_prompt, **own)
    built = BuiltAgent(graph, options.get("name") or "agent", Parts.of(options))
    built.model = model
    built.system_prompt = system_prompt.text if isinstance(system_prompt, SystemMessage) else system_prompt
    return built, built.handler


def agent_tool(
    function: Callable[..., Any] | None = None, *, name: str | None = None, description: str | None = None, **more: Any
) -> Any:
    """A function as a tool, bare or with a name: `@agent_tool`, `@agent_tool(name="refund_order")`. It may be async."""

    def made(function: Callable[..., Any]) -> StructuredTool:
        plain, coroutine = (None, function) if is_async(function) else (function, None)
        return StructuredTool.from_function(plain, coroutine, name=name, description=description, **more)

    return made if function is None else made(function)


async def invoke_agent(
    agent: GatedAgent, message: Any, *, user: User | None = None, config: RunnableConfig | None = None, **options: Any
) -> Any:
    """What an agent answers to a message: the words that it says last, or its state where it paused."""
    state = await agent.ainvoke(input_of(message), config, user=user, **options)
    return state if isinstance(state, dict) and "__interrupt__" in state else text_of(state)


def stream_agent(
    agent: GatedAgent, message: Any, *, user: User | None = None, config: RunnableConfig | None = None, **options: Any
) -> AsyncGenerator[RunEvent, None]:
    """What happens while an agent answers, in the common events of all frameworks."""
    return agent.events(input_of(message), config, user=user, **options)


def stream_agent_raw(
    agent: GatedAgent, message: Any, *, user: User | None = None, config: RunnableConfig | None = None, **options: Any
) -> AsyncIterator[Any]:
    """The same in the framework's own events."""
    return agent.astream_events(input_of(message), config, user=user, **options)


def input_of(message: Any) -> Any:
    """What a graph is given: a text is what a user says; all else, such as messages or a `Command`, goes as it is."""
    match message:
        case str():
            return {"messages": [{"role": "user", "content": message}]}
        case list():
            return {"messages": message}
        case _:
            return message
