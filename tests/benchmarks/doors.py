"""What a door adds to a call of a tool, over the same agent of the same framework without Hexgate, record included."""

from __future__ import annotations

import asyncio
import gc
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from time import perf_counter

from agents import Agent as OpenAIAgent
from agents import RunConfig, Runner, function_tool
from agents.testing import ModelStep, ScriptedModel, assistant_message, function_call
from harness import Figure
from pydantic_ai import Agent as PydanticAgent
from pydantic_ai import ModelMessage, ModelResponse, TextPart, ToolCallPart
from pydantic_ai.models.function import AgentInfo, FunctionModel

from hexgate.core import Audit, Hexgate, Spool, User
from hexgate.openai import HexgateRunner
from hexgate.pydantic_ai import wrap_pydantic_agent

__all__ = ["figures"]

POLICY = {"roles": {"support": {"tools": {"refund": {"mode": "allow", "constraints": ["args.amount <= 500"]}}}}}
ALICE = User("alice", "support")
ARGUMENTS = {"amount": 400, "currency": "EUR"}
TURNS, ROUNDS = 40, 25
# A run; it notes when the model is asked, between which one tool is called.
Run = Callable[[list[float]], Awaitable[object]]


def figures() -> Iterator[Figure]:
    """Every figure of this group."""
    with tempfile.TemporaryDirectory() as folder:
        audit = Audit(Spool(Path(folder), most_bytes=2**33))
        hexgate = Hexgate.from_policy(POLICY, agent="shop", audit=audit)
        for name, bare, gated in (
            ("OpenAI Agents", openai_bare, openai_gated(hexgate)),
            ("Pydantic AI", pydantic_ai_bare, pydantic_ai_gated(hexgate)),
        ):
            yield from compared(name, bare, gated)
        audit.close()


def compared(name: str, bare: Run, gated: Run) -> Iterator[Figure]:
    """How much longer a turn with one call takes, run after run in turns."""
    times: dict[str, list[float]] = {"bare": [], "gated": []}
    for _ in range(ROUNDS):
        for kind, run in (("bare", bare), ("gated", gated)):
            asked: list[float] = []
            gc.collect()
            asyncio.run(rounded(run, asked))
            times[kind] += [(after - before) * 1e6 for before, after in zip(asked[1:], asked[2:], strict=False)]
    for percent in (50, 99):
        before, after = (sorted(times[kind])[len(times[kind]) * percent // 100] for kind in ("bare", "gated"))
        yield Figure(f"{name}: a turn with one call, p{percent}", before, "µs")
        added = after - before
        yield Figure(f"{name}: what the gate adds to it, p{percent}", added, "µs", "under 100 µs", added < 100)


async def rounded(run: Run, asked: list[float]) -> None:
    """One run, in a loop of its own."""
    await run(asked)


@function_tool
async def refund(amount: int, currency: str) -> str:
    """Refunds an order."""
    return f"refunded {amount} {currency}"


def openai_agent(asked: list[float]) -> OpenAIAgent[None]:
    """An agent whose model calls the tool in each turn."""

    def turn(number: int) -> ModelStep:
        def respond(_: object) -> list[object]:
            asked.append(perf_counter())
            done = number == TURNS
            return [assistant_message("done") if done else function_call("refund", ARGUMENTS, call_id=f"call-{number}")]

        return ModelStep.respond(respond)

    return OpenAIAgent(name="shop", tools=[refund], model=ScriptedModel([turn(number) for number in range(TURNS + 1)]))


async def openai_bare(asked: list[float]) -> object:
    config = RunConfig(tracing_disabled=True)
    return await Runner.run(openai_agent(asked), "go", max_turns=TURNS + 2, run_config=config)


def openai_gated(hexgate: Hexgate) -> Run:
    runner = HexgateRunner(policy=hexgate)

    async def run(asked: list[float]) -> object:
        config = RunConfig(tracing_disabled=True)
        return await runner.run(openai_agent(asked), "go", user=ALICE, max_turns=TURNS + 2, run_config=config)

    return run


def pydantic_ai_agent(asked: list[float]) -> PydanticAgent[None, str]:
    """The same with the other framework."""

    def answer(messages: list[ModelMessage], _: AgentInfo) -> ModelResponse:
        asked.append(perf_counter())
        number = sum(isinstance(message, ModelResponse) for message in messages)
        if number == TURNS:
            return ModelResponse([TextPart("done")])
        return ModelResponse([ToolCallPart("refund", ARGUMENTS, tool_call_id=f"call-{number}")])

    async def refund(amount: int, currency: str) -> str:
        """Refunds an order."""
        return f"refunded {amount} {currency}"

    return PydanticAgent(FunctionModel(answer), name="shop", tools=[refund])


async def pydantic_ai_bare(asked: list[float]) -> object:
    return await pydantic_ai_agent(asked).run("go")


def pydantic_ai_gated(hexgate: Hexgate) -> Run:
    async def run(asked: list[float]) -> object:
        return await wrap_pydantic_agent(agent=pydantic_ai_agent(asked), policy=hexgate).run("go", user=ALICE)

    return run
