"""What a door adds to a call of a tool, over the same tool of the same framework without Hexgate, record included.

A call is measured where the framework makes it; a turn of a whole run, with a model that answers at once, stands beside it.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import json
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

from agents import Agent as OpenAIAgent
from agents import RunConfig, RunContextWrapper, Runner, function_tool
from agents.testing import ModelCall, ModelStep, ScriptedModel, assistant_message, function_call
from agents.tool import FunctionTool, invoke_function_tool
from agents.tool_context import ToolContext
from google.adk.agents import LlmAgent
from google.adk.apps import App
from google.adk.models import BaseLlm, LlmRequest, LlmResponse
from google.adk.runners import Runner as GoogleRunner
from google.adk.sessions import InMemorySessionService
from google.adk.tools import FunctionTool as GoogleTool
from google.genai.types import Content, FunctionCall, Part
from harness import Figure
from langchain.agents import create_agent as langchain_agent
from langchain_core.language_models.fake_chat_models import FakeMessagesListChatModel
from langchain_core.messages import AIMessage
from langchain_core.tools import tool
from pydantic_ai import Agent as PydanticAgent
from pydantic_ai import ModelMessage, ModelResponse, RunContext, RunUsage, TextPart, ToolCallPart
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.models.test import TestModel
from pydantic_ai.toolsets import FunctionToolset

from hexgate.core import Audit, Hexgate, Spool, User
from hexgate.core.adapters import Run
from hexgate.google import HexgateRunner as HexgateGoogleRunner
from hexgate.google.gating import GatePlugin
from hexgate.langchain import create_agent
from hexgate.langchain.gating import GatedTool
from hexgate.openai import HexgateRunner
from hexgate.openai.gating import Gating
from hexgate.pydantic_ai import wrap_pydantic_agent
from hexgate.pydantic_ai.gating import GatedToolset

__all__ = ["figures"]

POLICY = {"roles": {"support": {"tools": {"refund": {"mode": "allow", "constraints": ["args.amount <= 500"]}}}}}
ALICE = User("alice", "support")
ARGUMENTS: dict[str, Any] = {"amount": 400, "currency": "EUR"}
CALLS = 4_000
TURNS, ROUNDS = 20, 25
# One call of a tool, by its number.
Call = Callable[[int], Awaitable[object]]
# A run; it notes when the model is asked, between which one tool is called.
Whole = Callable[[list[float]], Awaitable[object]]


def figures() -> Iterator[Figure]:
    """Every figure of this group."""
    with tempfile.TemporaryDirectory() as folder:
        audit = Audit(Spool(Path(folder), most_bytes=2**33))
        hexgate = Hexgate.from_policy(POLICY, agent="shop", audit=audit)
        for name, calls, bare, gated in (
            ("OpenAI Agents", openai_calls, openai_bare, openai_gated(hexgate)),
            ("LangChain", langchain_calls, langchain_bare, langchain_gated(hexgate)),
            ("Google ADK", google_calls, google_bare, google_gated(hexgate)),
            ("Pydantic AI", pydantic_ai_calls, pydantic_ai_bare, pydantic_ai_gated(hexgate)),
        ):
            yield from called(name, asyncio.run(calls(hexgate)))
            yield from turned(name, bare, gated)
        audit.close()


def called(name: str, times: dict[str, list[float]]) -> Iterator[Figure]:
    """What the gate adds to a call."""
    for percent in (50, 99):
        before, after = at(times["bare"], percent), at(times["gated"], percent)
        yield Figure(f"{name}: a call without the gate, p{percent}", before, "µs")
        added = after - before
        yield Figure(f"{name}: what the gate adds to it, p{percent}", added, "µs", "under 100 µs", added < 100)


async def in_turns(bare: Call, gated: Call) -> dict[str, list[float]]:
    """Microseconds of each of many calls, one without the gate after each behind it."""
    times: dict[str, list[float]] = {"bare": [], "gated": []}
    gc.collect()
    for number in range(CALLS):
        for kind, call in (("bare", bare), ("gated", gated)):
            began = perf_counter()
            await call(number)
            times[kind].append((perf_counter() - began) * 1e6)
    return times


def turned(name: str, bare: Whole, gated: Whole) -> Iterator[Figure]:
    """A turn of a run with one call, which is what a user waits for beside the model."""
    times: dict[str, list[float]] = {"bare": [], "gated": []}
    for _ in range(ROUNDS):
        for kind, run in (("bare", bare), ("gated", gated)):
            asked: list[float] = []
            gc.collect()
            asyncio.run(rounded(run, asked))
            times[kind] += [(after - before) * 1e6 for before, after in itertools.pairwise(asked)]
    yield Figure(f"{name}: a turn of a run without the gate, p50", at(times["bare"], 50), "µs")
    yield Figure(f"{name}: a turn of a run behind the gate, p50", at(times["gated"], 50), "µs")


def at(times: list[float], percent: int) -> float:
    """The time that so many of a hundred do not pass."""
    return sorted(times)[len(times) * percent // 100]


async def rounded(run: Whole, asked: list[float]) -> None:
    """One run, in a loop of its own."""
    await run(asked)


@function_tool
async def refund(amount: int, currency: str) -> str:
    """Refunds an order."""
    return f"refunded {amount} {currency}"


async def openai_calls(hexgate: Hexgate) -> dict[str, list[float]]:
    text = json.dumps(ARGUMENTS)

    def of(tool: FunctionTool) -> Call:
        def call(number: int) -> Awaitable[object]:
            context = ToolContext(None, tool_name="refund", tool_call_id=f"call-{number}", tool_arguments=text)
            return invoke_function_tool(function_tool=tool, context=context, arguments=text)

        return call

    with Run.here(hexgate, ALICE) as run:
        [gated] = await Gating(run).agent(openai_agent([])).get_all_tools(RunContextWrapper(None))
        if not isinstance(gated, FunctionTool):
            raise TypeError("the gate made something else of the tool")
        return await in_turns(of(refund), of(gated))


async def pydantic_ai_calls(hexgate: Hexgate) -> dict[str, list[float]]:
    agent, bare = pydantic_ai_agent([]), FunctionToolset([give_back])
    context = RunContext(deps=None, model=TestModel(), usage=RunUsage(), agent=agent, tool_name="refund")
    tools = await bare.get_tools(context)
    with Run.here(hexgate, ALICE) as run:
        gated = GatedToolset(bare, run)

        def call(toolset: Any) -> Call:
            return lambda _: toolset.call_tool("refund", ARGUMENTS, context, tools["refund"])

        return await in_turns(call(bare), call(gated))


async def give_back(amount: int, currency: str) -> str:
    """Refunds an order."""
    return f"refunded {amount} {currency}"


give_back.__name__ = "refund"


def openai_agent(asked: list[float]) -> OpenAIAgent[None]:
    """An agent whose model calls the tool in each turn."""

    def turn(number: int) -> ModelStep:
        def respond(_: ModelCall) -> Any:
            asked.append(perf_counter())
            done = number == TURNS
            return [assistant_message("done") if done else function_call("refund", ARGUMENTS, call_id=f"call-{number}")]

        return ModelStep.respond(respond)

    return OpenAIAgent(name="shop", tools=[refund], model=ScriptedModel([turn(number) for number in range(TURNS + 1)]))


async def openai_bare(asked: list[float]) -> object:
    config = RunConfig(tracing_disabled=True)
    return await Runner.run(openai_agent(asked), "go", max_turns=TURNS + 2, run_config=config)


def openai_gated(hexgate: Hexgate) -> Whole:
    runner = HexgateRunner(policy=hexgate)

    async def run(asked: list[float]) -> object:
        config = RunConfig(tracing_disabled=True)
        return await runner.run(openai_agent(asked), "go", user=ALICE, max_turns=TURNS + 2, run_config=config)

    return run


@tool("refund")
async def langchain_refund(amount: int, currency: str) -> str:
    """Refunds an order."""
    return f"refunded {amount} {currency}"


async def langchain_calls(hexgate: Hexgate) -> dict[str, list[float]]:
    async def bare(number: int) -> object:
        return await langchain_refund.ainvoke(ARGUMENTS)

    behind = GatedTool.of(langchain_refund)

    async def gated(number: int) -> object:
        return await behind.ainvoke(ARGUMENTS)

    with Run.here(hexgate, ALICE):
        return await in_turns(bare, gated)


class Refunds(FakeMessagesListChatModel):
    """A model that calls the tool in each turn, and notes when it is asked."""

    asked: Any

    def bind_tools(self, tools: Any, **_: Any) -> Any:
        return self

    async def _agenerate(self, messages: Any, *given: Any, **named: Any) -> Any:
        self.asked.append(perf_counter())
        return self._generate(messages, *given, **named)


def langchain_model(asked: list[float]) -> Refunds:
    calls = [AIMessage("", tool_calls=[{"name": "refund", "args": ARGUMENTS, "id": f"call-{n}"}]) for n in range(TURNS)]
    return Refunds(responses=[*calls, AIMessage("done")], asked=asked)


QUESTION: Any = {"messages": [{"role": "user", "content": "go"}]}
STEPS: Any = {"recursion_limit": 4 * TURNS}


async def langchain_bare(asked: list[float]) -> object:
    return await langchain_agent(langchain_model(asked), [langchain_refund]).ainvoke(QUESTION, STEPS)


def langchain_gated(hexgate: Hexgate) -> Whole:
    async def run(asked: list[float]) -> object:
        agent, _ = create_agent(langchain_model(asked), [langchain_refund], policy=hexgate)
        return await agent.ainvoke(QUESTION, STEPS, user=ALICE)

    return run


class Gives(BaseLlm):
    """The same with the other framework."""

    asked: Any

    async def generate_content_async(
        self, llm_request: LlmRequest, stream: bool = False
    ) -> AsyncGenerator[LlmResponse, None]:
        self.asked.append(perf_counter())
        number = sum(content.role == "model" for content in llm_request.contents)
        call = Part(function_call=FunctionCall(name="refund", args=ARGUMENTS, id=f"call-{number}"))
        yield LlmResponse(content=Content(role="model", parts=[Part(text="done") if number == TURNS else call]))


def google_agent(asked: list[float]) -> LlmAgent:
    return LlmAgent(name="shop", model=Gives(model="gives", asked=asked), tools=[give_back])


async def google_calls(hexgate: Hexgate) -> dict[str, list[float]]:
    """The framework makes a call between two callbacks of the plugin."""
    plugin, function = GatePlugin(), GoogleTool(give_back)
    plugin.agents["run", "shop"] = google_agent([])

    class Context:
        invocation_id, agent_name = "run", "shop"

        def __init__(self, number: int) -> None:
            self.function_call_id = f"call-{number}"

    async def bare(number: int) -> object:
        context: Any = Context(number)
        return await function.run_async(args=dict(ARGUMENTS), tool_context=context)

    async def gated(number: int) -> object:
        context: Any = Context(number)
        given = dict(ARGUMENTS)
        await plugin.before_tool_callback(tool=function, tool_args=given, tool_context=context)
        result = await function.run_async(args=given, tool_context=context)
        return await plugin.after_tool_callback(tool=function, tool_args=given, tool_context=context, result=result)

    with Run.here(hexgate, ALICE) as run:
        plugin.runs["run"] = run
        return await in_turns(bare, gated)


async def google_bare(asked: list[float]) -> object:
    app = App(name="shop", root_agent=google_agent(asked))
    runner = GoogleRunner(app=app, session_service=InMemorySessionService(), auto_create_session=True)
    message = Content(role="user", parts=[Part(text="go")])
    return [event async for event in runner.run_async(user_id="alice", session_id="s", new_message=message)]


def google_gated(hexgate: Hexgate) -> Whole:
    async def run(asked: list[float]) -> object:
        runner = HexgateGoogleRunner(agent=google_agent(asked), app_name="shop", policy=hexgate)
        return [event async for event in runner.run_async(new_message="go", user=ALICE)]

    return run


def pydantic_ai_agent(asked: list[float]) -> PydanticAgent[None, str]:
    """The same with the other framework."""

    def answer(messages: list[ModelMessage], _: AgentInfo) -> ModelResponse:
        asked.append(perf_counter())
        number = sum(isinstance(message, ModelResponse) for message in messages)
        if number == TURNS:
            return ModelResponse([TextPart("done")])
        return ModelResponse([ToolCallPart("refund", ARGUMENTS, tool_call_id=f"call-{number}")])

    return PydanticAgent(FunctionModel(answer), name="shop", tools=[give_back])


async def pydantic_ai_bare(asked: list[float]) -> object:
    return await pydantic_ai_agent(asked).run("go")


def pydantic_ai_gated(hexgate: Hexgate) -> Whole:
    async def run(asked: list[float]) -> object:
        return await wrap_pydantic_agent(agent=pydantic_ai_agent(asked), policy=hexgate).run("go", user=ALICE)

    return run
