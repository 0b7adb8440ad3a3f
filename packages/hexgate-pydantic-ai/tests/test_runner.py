"""`wrap_pydantic_agent` gives an agent that runs as the one it was given, every kind of tool decided about."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest
from fastmcp.client.transports import StdioTransport
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import BaseModel
from pydantic_ai import Agent, ModelRetry, RunContext
from pydantic_ai.capabilities import AbstractCapability, Instrumentation
from pydantic_ai.mcp import MCPToolset
from pydantic_ai.models.instrumented import InstrumentationSettings
from pydantic_ai.toolsets import AbstractToolset, FunctionToolset, ToolsetTool, WrapperToolset

from hexgate.core import BanGate, BannedError, Hexgate, PolicyError, User, before_tool
from hexgate.core.gate.bans import Ban
from hexgate.pydantic_ai import GatedAgent, wrap_pydantic_agent

pytestmark = pytest.mark.anyio
WHY = "constraint failed (args.amount <= 100)"
DENIED = f"[policy_denied] Tool 'refund' is denied by the agent policy: {WHY}. The tool was not executed."


def refunding(shop: Any, *amounts: int, **more: Any) -> GatedAgent:
    """A gated agent whose model wants to refund some amounts, one after the other."""
    calls = [shop.call("refund", {"amount": amount}) for amount in amounts]
    return wrap_pydantic_agent(agent=shop.agent(shop.refund, says=shop.model(*calls), **more), policy=shop.policy)


async def test_an_allowed_call_runs_and_a_denied_one_is_told_to_the_model_which_goes_on(shop: Any) -> None:
    result = await refunding(shop, 400, 40).run("go", user=shop.alice)
    assert shop.outputs(result.all_messages()) == [("failed", DENIED), ("success", "refunded 40 EUR")]
    assert (shop.seen, result.output) == ([("refund", 40)], "done")


async def test_denials_spend_no_retries(shop: Any) -> None:
    result = await refunding(shop, 400, 401, 402, 403, 4, retries=0).run("go", user=shop.alice)
    assert [outcome for outcome, _ in shop.outputs(result.all_messages())] == ["failed"] * 4 + ["success"]


async def test_the_agent_that_was_passed_stays_as_it_was(shop: Any) -> None:
    mine = shop.agent(shop.refund, says=shop.model(shop.call("refund", {"amount": 400})))
    before = dict(mine.__dict__)
    gated = wrap_pydantic_agent(agent=mine, policy=shop.policy)
    assert (await gated.run("go", user=shop.alice)).output == "done"
    assert (mine.__dict__, shop.seen, isinstance(gated, type(mine))) == (before, [], False)
    assert shop.outputs((await mine.run("go")).all_messages()) == [("success", "refunded 400 EUR")]


async def test_a_gated_agent_that_is_wrapped_again_has_the_new_gate_alone(shop: Any) -> None:
    again = wrap_pydantic_agent(agent=refunding(shop, 400), policy={"tools": {"refund": {"mode": "allow"}}})
    assert shop.outputs((await again.run("go", user=shop.alice)).all_messages()) == [("success", "refunded 400 EUR")]


async def test_two_users_at_once_on_one_gated_agent_are_never_mixed(shop: Any) -> None:
    async def one(number: int) -> bool:
        user = User(f"user-{number % 5}", "support")
        calls = [shop.call("whoami", {"user": name}) for name in (user.user_id, "mallory")]
        run = await gated.run("go", user=user, model=shop.model(*calls))
        return bool([outcome for outcome, _ in shop.outputs(run.all_messages())] == ["success", "failed"])

    gated = wrap_pydantic_agent(agent=shop.agent(shop.whoami, says=shop.model()), policy=shop.policy)
    assert all(await asyncio.gather(*map(one, range(30))))
    assert "mallory" not in {name for _, name in shop.seen}


async def test_calls_of_one_turn_are_each_decided_about(shop: Any) -> None:
    calls = [shop.call("refund", {"amount": amount}) for amount in (1, 400, 2)]
    gated = wrap_pydantic_agent(agent=shop.agent(shop.refund, says=shop.model(calls)), policy=shop.policy)
    result = await gated.run("go", user=shop.alice)
    assert [outcome for outcome, _ in shop.outputs(result.all_messages())] == ["success", "failed", "success"]


async def test_toolsets_of_the_run_and_of_mcp_servers_are_gated(shop: Any) -> None:
    server = Path(__file__).parents[3] / "tests/conformance/mcp_server.py"
    connected: Any = MCPToolset(StdioTransport(sys.executable, [str(server)]), id="echo")
    policy = {"tools": {"echo": {"mode": "allow", "constraints": ["args.text == 'hello'"]}}}
    calls = [shop.call("echo", {"text": text}) for text in ("hello", "bye")]
    mine = shop.agent(says=shop.model(*calls, shop.call("refund", {"amount": 1})), toolsets=[connected])
    gated = wrap_pydantic_agent(agent=mine, policy=policy)
    result = await gated.run("go", user=shop.alice, toolsets=[FunctionToolset([shop.refund])])
    assert [outcome for outcome, _ in shop.outputs(result.all_messages())] == ["success", "failed", "failed"]
    assert shop.seen == []


async def test_what_another_capability_makes_of_the_arguments_is_what_is_decided_about(shop: Any) -> None:
    class Rewriting(WrapperToolset[Any]):
        async def call_tool(
            self, name: str, tool_args: dict[str, Any], ctx: RunContext[Any], tool: ToolsetTool[Any]
        ) -> Any:
            return await super().call_tool(name, {**tool_args, "amount": 999}, ctx, tool)

    class Rewrites(AbstractCapability[Any]):
        def get_wrapper_toolset(self, toolset: AbstractToolset[Any]) -> AbstractToolset[Any]:
            return Rewriting(toolset)

    for where in ({"capabilities": [Rewrites()]}, {}):
        gated = refunding(shop, 4, **where)
        more = {} if where else {"capabilities": [Rewrites()]}
        assert shop.outputs((await gated.run("go", user=shop.alice, **more)).all_messages()) == [("failed", DENIED)]


class Address(BaseModel):
    """An argument that is more than JSON."""

    city: str
    zip: int = 0


async def test_arguments_that_are_models_are_decided_about_as_json_and_passed_as_models(shop: Any) -> None:
    def ship(address: Address) -> str:
        """Ships."""
        shop.seen.append(("ship", address))
        return address.city

    calls = [shop.call("ship", {"address": {"city": city}}) for city in ("Oslo", "Bergen")]
    gated = wrap_pydantic_agent(agent=shop.agent(ship, says=shop.model(*calls)), policy=shop.policy)
    result = await gated.run("go", user=shop.alice)
    assert [outcome for outcome, _ in shop.outputs(result.all_messages())] == ["success", "failed"]
    assert shop.seen == [("ship", Address(city="Oslo"))]


async def test_a_guard_that_rewrites_arguments_gives_the_tool_its_own_types(shop: Any) -> None:
    def ship(address: Address) -> str:
        """Ships."""
        shop.seen.append(("ship", address))
        return address.city

    @before_tool
    def to_oslo(asked: Any, user: Any) -> Any:
        return {"address": {"city": "Oslo", "zip": "7"}}

    mine = shop.agent(ship, says=shop.model(shop.call("ship", {"address": {"city": "Bergen"}})))
    gated = wrap_pydantic_agent(agent=mine, policy=shop.policy, guards=[to_oslo])
    result = await gated.run("go", user=shop.alice)
    assert shop.outputs(result.all_messages()) == [("success", "Oslo")]
    assert shop.seen == [("ship", Address(city="Oslo", zip=7))]


async def test_an_argument_without_json_is_refused(shop: Any) -> None:
    class Opaque:
        """Nothing that JSON knows."""

    class Odd(AbstractCapability[Any]):
        def get_wrapper_toolset(self, toolset: AbstractToolset[Any]) -> AbstractToolset[Any]:
            return OddToolset(toolset)

    class OddToolset(WrapperToolset[Any]):
        async def call_tool(
            self, name: str, tool_args: dict[str, Any], ctx: RunContext[Any], tool: ToolsetTool[Any]
        ) -> Any:
            return await super().call_tool(name, {"amount": Opaque()}, ctx, tool)

    result = await refunding(shop, 4, capabilities=[Odd()]).run("go", user=shop.alice)
    [(outcome, words)] = shop.outputs(result.all_messages())
    assert (outcome, "nothing that JSON knows" in words, shop.seen) == ("failed", True, [])


async def test_what_a_tool_raises_goes_its_own_way(shop: Any) -> None:
    def refund(amount: int) -> str:
        """Refunds."""
        shop.seen.append(("refund", amount))
        if amount == 13:
            raise ModelRetry("another amount")
        raise KeyError("gone")

    mine = shop.agent(refund, says=shop.model(*(shop.call("refund", {"amount": amount}) for amount in (13, 4))))
    with pytest.raises(KeyError, match="gone"):
        await wrap_pydantic_agent(agent=mine, policy=shop.policy).run("go", user=shop.alice)
    assert shop.seen == [("refund", 13), ("refund", 4)]


async def test_without_a_user_every_call_is_denied(shop: Any) -> None:
    [(outcome, words)] = shop.outputs((await refunding(shop, 4).run("go")).all_messages())
    assert (outcome, "nobody is known to be calling" in words, shop.seen) == ("failed", True, [])


async def test_a_call_in_the_scope_of_somebody_else_is_denied(shop: Any) -> None:
    async with refunding(shop, 4).iter("go", user=shop.alice) as steps, shop.bob:
        async for _ in steps:
            pass
    [(outcome, words)] = shop.outputs(steps.all_messages())
    assert (outcome, "in the scope of another" in words, shop.seen) == ("failed", True, [])


async def test_an_agent_that_a_tool_runs_is_run_for_the_same_user(shop: Any) -> None:
    inner = refunding(shop, 400, 4)

    async def whoami(user: str) -> str:
        """Asks another agent."""
        return str(shop.outputs((await inner.run("go")).all_messages()))

    mine = shop.agent(whoami, says=shop.model(shop.call("whoami", {"user": "alice"})))
    result = await wrap_pydantic_agent(agent=mine, policy=shop.policy).run("go", user=shop.alice)
    [(_, words)] = shop.outputs(result.all_messages())
    assert words == str([("failed", DENIED), ("success", "refunded 4 EUR")])


async def test_the_policy_is_taken_anew_at_the_start_of_a_run(shop: Any, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("tools: {refund: {mode: allow}}")
    mine = shop.agent(shop.refund, says=shop.model(shop.call("refund", {"amount": 4})))
    gated = wrap_pydantic_agent(agent=mine, policy=policy)
    assert shop.outputs((await gated.run("go", user=shop.alice)).all_messages())[0][0] == "success"
    policy.write_text("tools: {refund: {mode: deny}}")
    assert shop.outputs((await gated.run("go", user=shop.alice)).all_messages())[0][0] == "failed"


class Feed:
    """A feed with one user."""

    def read(self) -> list[Ban]:
        return [Ban("user", "alice")]


async def test_who_is_banned_begins_no_run(shop: Any) -> None:
    hexgate = Hexgate.from_policy(shop.policy, agent="shop").using(bans=BanGate(Feed()))
    gated = wrap_pydantic_agent(agent=shop.agent(says=shop.model()), policy=hexgate)
    with pytest.raises(BannedError, match="HX802"):
        await gated.run("go", user=shop.alice)


def test_what_cannot_be_wrapped_is_told_at_once(shop: Any) -> None:
    wrong: Any = object()
    with pytest.raises(TypeError, match="pydantic_ai"):
        wrap_pydantic_agent(agent=wrong, policy=shop.policy)
    with pytest.raises(PolicyError, match="HEXGATE_LOCAL_POLICY"):
        wrap_pydantic_agent(agent=shop.agent(says=shop.model()))


async def test_an_agent_without_a_name_is_called_agent(shop: Any) -> None:
    gated = wrap_pydantic_agent(agent=Agent(shop.model()), policy=shop.policy)
    assert (await gated.run("go", user=shop.alice)).output == "done"
    assert (gated.hexgate.agent, gated.name) == ("agent", None)


async def test_the_frameworks_span_of_a_tool_says_what_was_decided(shop: Any) -> None:
    spans = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    traced = Instrumentation(InstrumentationSettings(tracer_provider=provider))
    await refunding(shop, 400, 40, capabilities=[traced]).run("go", user=shop.alice)
    tools = [span.attributes or {} for span in spans.get_finished_spans() if span.name == "execute_tool refund"]
    assert [(facts["hexgate.outcome"], facts["hexgate.status"], facts["enduser.id"]) for facts in tools] == [
        ("deny", "refused", "alice"),
        ("allow", "ran", "alice"),
    ]
