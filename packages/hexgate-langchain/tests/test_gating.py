"""What nothing can stand in front of is refused, by its name and with what to do about it."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from langchain.agents import create_agent as create_ungated
from langchain.agents.middleware import AgentMiddleware
from langchain_core.tools import tool
from pydantic import BaseModel

from hexgate.core import Hexgate, User
from hexgate.core.adapters import UngatedError
from hexgate.langchain import create_agent, wrap_langchain_agent

pytestmark = pytest.mark.anyio
HOSTED = {"type": "web_search_preview"}


class Offered(BaseModel):
    """Tools in the words of a provider, as an object."""

    function_declarations: list[Any] | None = None
    google_search: dict[str, Any] | None = None


class Adds(AgentMiddleware[Any, Any, Any]):
    """Offers the model a tool of the provider."""

    async def awrap_model_call(self, request: Any, handler: Any) -> Any:
        return await handler(request.override(tools=[*request.tools, HOSTED]))


def offering(shop: Any, says: Any) -> dict[str, Any]:
    """Every way in which a model is offered a tool of the provider."""
    bound = says.bind(tools=[HOSTED])
    return {
        "in the list": lambda **more: create_agent(says, [shop.refund, HOSTED], name="shop", **more)[0],
        "by middleware": lambda **more: create_agent(says, [shop.refund], name="shop", middleware=[Adds()], **more)[0],
        "by a setting": lambda **more: create_agent(says.bind(web_search_options={"a": 1}), name="shop", **more)[0],
        "in a ready-made graph": lambda **more: wrap_langchain_agent(
            agent=create_ungated(says, [shop.refund, HOSTED], name="shop"), **more
        ),
        "bound to the model": lambda **more: create_agent(bound, name="shop", **more)[0],
    }


@pytest.mark.parametrize(
    "way", ["in the list", "by middleware", "by a setting", "in a ready-made graph", "bound to the model"]
)
async def test_a_tool_that_runs_with_the_provider_is_refused_before_the_model_is_asked(shop: Any, way: str) -> None:
    says = shop.model(RuntimeError("the model was asked"))
    agent = offering(shop, says)[way](policy=shop.policy)
    name = "web_search_options" if way == "by a setting" else "web_search_preview"
    with pytest.raises(UngatedError, match="HX952") as caught:
        await agent.ainvoke(shop.ask(), user=shop.alice)
    assert f"`{name}` of agent `shop`" in str(caught.value)
    assert f'allow_ungated=["{name}"]' in str(caught.value)
    assert says.offered == []


@pytest.mark.parametrize("way", ["in the list", "by middleware", "in a ready-made graph", "bound to the model"])
async def test_what_is_let_by_is_handed_to_the_model_told_loudly_and_recorded(
    shop: Any, way: str, caplog: pytest.LogCaptureFixture
) -> None:
    kept: list[Any] = []

    class Record:
        def reserve(self, passage: Any) -> None:
            kept.append((passage.call.tool, passage.call.agent, passage.decision.code, passage.user.user_id))

        def settle(self, ticket: Any, passage: Any) -> None:
            kept.append(str(passage.status))

    says = shop.model()
    hexgate = Hexgate.from_policy(shop.policy, agent="shop").using(recorder=Record())
    agent = offering(shop, says)[way](policy=hexgate, allow_ungated=["web_search_preview"])
    with caplog.at_level(logging.WARNING):
        assert (await agent.ainvoke(shop.ask(), user=shop.alice))["messages"][-1].text == "done"
    assert kept == [("web_search_preview", "shop", "ungated", "alice"), "ungated"]
    assert HOSTED in says.offered[0]
    assert "`web_search_preview` of agent `shop` is not behind the gate" in caplog.text


async def test_tools_that_are_called_here_are_offered_in_any_providers_words(shop: Any) -> None:
    words = [
        {"type": "function", "function": {"name": "refund"}},
        {"name": "refund", "input_schema": {}},
        {"name": "refund", "parameters": {}},
        {"function_declarations": []},
        {"toolSpec": {}},
        {"cachePoint": {"type": "default"}},
        Offered(function_declarations=[]),
        Offered,
    ]
    agent, _ = create_agent(shop.model().bind(tools=words), policy=shop.policy)
    assert (await agent.ainvoke(shop.ask(), user=shop.alice))["messages"][-1].text == "done"


@pytest.mark.parametrize(
    "strange", [{}, {"googleSearch": {}}, {"type": "computer"}, Offered(google_search={}), object()], ids=lambda _: "it"
)
async def test_a_tool_in_words_that_nobody_knows_is_refused(shop: Any, strange: Any) -> None:
    agent, _ = create_agent(shop.model().bind(tools=[strange]), policy=shop.policy)
    with pytest.raises(UngatedError, match="HX952"):
        await agent.ainvoke(shop.ask(), user=shop.alice)


@pytest.mark.parametrize("wrap", [True, False])
async def test_an_agent_that_nobody_gated_runs_no_tool_inside_of_a_tool(shop: Any, wrap: bool) -> None:
    inner = create_ungated(shop.model(shop.call("refund", {"amount": 4})), [shop.refund])

    @tool
    def whoami(user: str) -> str:
        """Asks an agent of its own."""
        return str(inner.invoke(shop.ask()))

    @tool("ship")
    async def ship(address: dict[str, str]) -> str:
        """The same, async."""
        return str(await inner.ainvoke(shop.ask()))

    for turn in (shop.call("whoami", {"user": "alice"}), shop.call("ship", {"address": {"city": "Oslo"}})):
        says = shop.model(turn)
        agent = (
            wrap_langchain_agent(agent=create_ungated(says, [whoami, ship], name="shop"), policy=shop.policy)
            if wrap
            else create_agent(says, [whoami, ship], policy=shop.policy, name="shop")[0]
        )
        with pytest.raises(UngatedError, match="`refund` of agent `shop`"):
            await agent.ainvoke(shop.ask(), user=shop.alice)
    assert shop.seen == []


async def test_a_helper_that_a_tool_calls_is_let_by_when_it_is_named(shop: Any) -> None:
    helper = tool(shop.refund)

    @tool
    def whoami(user: str) -> str:
        """Calls a helper."""
        return str(helper.invoke({"amount": 4}))

    says = shop.model(shop.call("whoami", {"user": "alice"}))
    agent, handler = create_agent(says, [whoami], policy=shop.policy, allow_ungated=["refund"])
    state = await agent.ainvoke(shop.ask(), {"callbacks": [handler]}, user=shop.alice)
    assert shop.outputs(state) == [("success", "refunded 4 EUR")]


async def test_the_graph_within_runs_nothing_by_itself(shop: Any) -> None:
    says = shop.model(shop.call("refund", {"amount": 4}))
    agent, _ = create_agent(says, [shop.refund], policy=shop.policy)
    ready = create_ungated(says, [shop.refund])
    wrap_langchain_agent(agent=ready, policy=shop.policy)
    for graph in (agent.graph, ready):
        with pytest.raises(UngatedError, match="HX953"):
            await graph.ainvoke(shop.ask())
        with pytest.raises(UngatedError, match="HX953"):
            graph.invoke(shop.ask())
    assert shop.seen == []


async def test_a_run_in_the_configuration_that_is_none_of_ours_is_nothing(shop: Any) -> None:
    agent, _ = create_agent(shop.model(shop.call("refund", {"amount": 4})), [shop.refund], policy=shop.policy)
    with pytest.raises(UngatedError, match="HX953"):
        await agent.graph.ainvoke(shop.ask(), {"configurable": {"hexgate_run": User("alice", "support")}})
    state = await agent.ainvoke(shop.ask(), {"configurable": {"hexgate_run": shop.bob}}, user=User("eve", "nobody"))
    assert (len(shop.denied(state)), shop.seen) == (1, [])


async def test_a_call_in_the_scope_of_somebody_else_is_denied(shop: Any) -> None:
    class Steps(AgentMiddleware[Any, Any, Any]):
        async def awrap_tool_call(self, request: Any, handler: Any) -> Any:
            async with shop.bob:
                return await handler(request)

    agent, _ = create_agent(
        shop.model(shop.call("refund", {"amount": 4})), [shop.refund], policy=shop.policy, middleware=[Steps()]
    )
    [error] = shop.denied(await agent.ainvoke(shop.ask(), user=shop.alice))
    assert ("in the scope of another" in error["message"], shop.seen) == (True, [])


async def test_under_a_policy_that_denies_all_nothing_runs(shop: Any) -> None:
    calls = [
        shop.call("refund", {"amount": 1}),
        shop.call("wire", {"amount": 1}),
        shop.call("whoami", {"user": "alice"}),
    ]
    tools = [shop.refund, shop.wire, tool(shop.whoami)]
    for agent in (
        create_agent(shop.model(calls), tools, policy={"tools": {}})[0],
        wrap_langchain_agent(agent=create_ungated(shop.model(calls), tools), policy={"tools": {}}),
    ):
        state = await agent.ainvoke(shop.ask(), user=shop.alice)
        assert [status for status, _ in shop.outputs(state)] == ["error"] * 3
    assert shop.seen == []
