"""Agents that are built here and graphs that are wrapped run as they did, with every kind of tool decided about."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any, TypedDict

import pytest
from langchain.agents import create_agent as create_ungated
from langchain.agents.middleware import AgentMiddleware
from langchain_core.messages import AnyMessage, ToolMessage
from langchain_core.tools import BaseTool, ToolException, tool
from langgraph.graph import START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.prebuilt import InjectedState, ToolNode, tools_condition
from langgraph.types import Command

from hexgate.core import BanGate, BannedError, Hexgate, PolicyError, User, after_tool, before_tool, current_user
from hexgate.core.gate.bans import Ban
from hexgate.core.gate.guards import Replace
from hexgate.langchain import GatedAgent, agent_tool, create_agent, enforce_policy, wrap_langchain_agent

pytestmark = pytest.mark.anyio
WHY = "constraint failed (args.amount <= 100)"
DENIED = f"[policy_denied] Tool 'refund' is denied by the agent policy: {WHY}. The tool was not executed."


def built(shop: Any, *tools: Any, says: Any, **more: Any) -> GatedAgent:
    """An agent that is built with the gate in it."""
    return create_agent(says, list(tools), policy=more.pop("policy", shop.policy), name="shop", **more)[0]


def wrapped(shop: Any, *tools: Any, says: Any, **more: Any) -> GatedAgent:
    """An agent that LangChain built, put behind the gate."""
    graph = create_ungated(says, list(tools), name="shop", middleware=more.pop("middleware", ()))
    return wrap_langchain_agent(agent=graph, policy=more.pop("policy", shop.policy), **more)


def by_hand(shop: Any, *tools: Any, says: Any, **more: Any) -> GatedAgent:
    """A graph that somebody made of nodes, with one node that makes all calls of a turn."""

    class State(TypedDict):
        messages: Annotated[list[AnyMessage], add_messages]

    def model(state: State) -> dict[str, Any]:
        return {"messages": [says.invoke(state["messages"])]}

    graph = StateGraph(State).add_node("model", model).add_node("tools", ToolNode(list(tools)))
    graph.add_edge(START, "model").add_conditional_edges("model", tools_condition).add_edge("tools", "model")
    return wrap_langchain_agent(agent=graph.compile(name="shop"), policy=more.pop("policy", shop.policy), **more)


@pytest.fixture(params=[built, wrapped, by_hand])
def make(request: pytest.FixtureRequest) -> Any:
    """The ways to an agent behind the gate."""
    return request.param


async def ways(agent: GatedAgent, shop: Any, user: Any) -> list[Any]:
    """The state at the end of a run by each way of running."""
    states = [agent.invoke(shop.ask(), user=user), await agent.ainvoke(shop.ask(), user=user)]
    states.append(list(agent.stream(shop.ask(), user=user, stream_mode="values"))[-1])
    states.append([state async for state in agent.astream(shop.ask(), user=user, stream_mode="values")][-1])
    events = [event async for event in agent.astream_events(shop.ask(), user=user, version="v2")]
    return [*states, events[-1]["data"]["output"]]


async def test_an_allowed_call_runs_and_a_denied_one_is_told_to_the_model_which_goes_on(shop: Any, make: Any) -> None:
    calls = [shop.call("refund", {"amount": amount}) for amount in (400, 40)]
    for state in await ways(make(shop, shop.refund, says=shop.model(*calls)), shop, shop.alice):
        assert [status for status, _ in shop.outputs(state)] == ["error", "success"]
        [error] = shop.denied(state)
        assert error == {
            "type": "policy_denied",
            "message": DENIED,
            "tool_name": "refund",
            "agent_name": "shop",
            "retryable": False,
            "violations": ["args.amount <= 100"],
        }
        assert (shop.outputs(state)[1][1], state["messages"][-1].text) == ("refunded 40 EUR", "done")
    assert shop.seen == [("refund", 40)] * 5


async def test_what_needs_a_human_is_told_to_the_model_with_what_to_do(shop: Any, make: Any) -> None:
    state = await make(shop, shop.wire, says=shop.model(shop.call("wire", {"amount": 4}))).ainvoke(
        shop.ask(), user=shop.alice
    )
    [error] = shop.denied(state)
    assert (error["type"], "Do not call the tool again" in error["hint"]) == ("approval_required", True)
    assert (error["message"].startswith("[approval_required] Tool 'wire'"), shop.seen) == (True, [])


async def test_two_users_at_once_on_one_gated_agent_are_never_mixed(shop: Any, make: Any) -> None:
    def model(user: str) -> Any:
        return shop.model(*[shop.call("whoami", {"user": name}) for name in (user, "mallory")])

    async def one(number: int) -> bool:
        user = User(f"user-{number % 5}", "support")
        agent = agents[str(user.user_id)]
        run = (
            await agent.ainvoke(shop.ask(), user=user)
            if number % 2
            else await asyncio.to_thread(agent.invoke, shop.ask(), user=user)
        )
        return bool([status for status, _ in shop.outputs(run)] == ["success", "error"])

    agents = {f"user-{n}": make(shop, shop.whoami, says=model(f"user-{n}")) for n in range(5)}
    assert all(await asyncio.gather(*map(one, range(30))))
    assert "mallory" not in {name for _, name in shop.seen}


async def test_calls_of_one_turn_are_each_decided_about(shop: Any, make: Any) -> None:
    calls = [shop.call("refund", {"amount": amount}) for amount in (1, 400, 2)]
    for state in await ways(make(shop, shop.refund, says=shop.model(calls)), shop, shop.alice):
        assert [status for status, _ in shop.outputs(state)] == ["success", "error", "success"]


async def test_an_agent_that_a_tool_runs_is_run_for_the_same_user(shop: Any, make: Any) -> None:
    calls = [shop.call("refund", {"amount": amount}) for amount in (400, 4)]
    inner = make(shop, shop.refund, says=shop.model(*calls))

    async def whoami(user: str) -> str:
        """Asks another agent."""
        return str([status for status, _ in shop.outputs(await inner.ainvoke(shop.ask()))])

    outer = make(shop, agent_tool(whoami), says=shop.model(shop.call("whoami", {"user": "alice"})))
    state = await outer.ainvoke(shop.ask(), user=shop.alice)
    assert shop.outputs(state) == [("success", "['error', 'success']")]


async def test_a_graph_is_wrapped_as_often_as_one_likes_each_time_with_its_own_policy(shop: Any) -> None:
    graph = create_ungated(shop.model(shop.call("refund", {"amount": 400})), [shop.refund])
    first = wrap_langchain_agent(agent=graph, policy=shop.policy)
    again = wrap_langchain_agent(agent=graph, policy={"tools": {"refund": {"mode": "allow"}}})
    third = enforce_policy(
        first, {"tools": {"refund": {"mode": "approval_required"}}}, approval_handler=lambda *_: True
    )
    for agent, status in ((first, "error"), (again, "success"), (third, "success"), (first, "error")):
        [output] = shop.outputs(await agent.ainvoke(shop.ask(), user=shop.alice))
        assert output[0] == status


async def test_the_list_of_tools_of_a_ready_made_graph_is_gated_in_place(shop: Any) -> None:
    tools: list[Any] = [tool(shop.refund), shop.whoami]

    class State(TypedDict):
        messages: Annotated[list[AnyMessage], add_messages]
        out: str

    def own(state: State) -> dict[str, Any]:
        return {"out": str(tools[0].invoke({"amount": 400}))}

    graph = StateGraph(State).add_node("own", own).add_edge(START, "own").compile()
    agent = wrap_langchain_agent(agent=graph, tools=tools, policy=shop.policy)
    state = await agent.ainvoke(shop.ask(), user=shop.alice)
    assert (DENIED in state["out"], shop.seen, tools[1]) == (True, [], shop.whoami)
    state = await agent.ainvoke(shop.ask(), user=shop.bob)
    assert state["out"] == "refunded 400 EUR"


async def test_arguments_that_the_framework_adds_are_not_asked_about_and_reach_the_tool(shop: Any, make: Any) -> None:
    @tool
    def refund(amount: int, state: Annotated[dict[str, Any], InjectedState]) -> str:
        """Refunds, and counts what was said."""
        return f"{amount} of {len(state['messages'])}"

    policy = {"tools": {"refund": {"mode": "allow", "constraints": ["args.amount == 4", "not exists(args.state)"]}}}
    agent = make(shop, refund, says=shop.model(shop.call("refund", {"amount": 4})), policy=policy)
    assert shop.outputs(await agent.ainvoke(shop.ask(), user=shop.alice)) == [("success", "4 of 2")]


async def test_a_guard_sees_and_replaces_what_the_model_would_be_told(shop: Any, make: Any) -> None:
    asked: list[Any] = []

    @before_tool
    def halved(call: Any, user: Any) -> Any:
        asked.append(dict(call.arguments))
        return {**call.arguments, "amount": call.arguments["amount"] // 2}

    @after_tool
    def hidden(call: Any, user: Any, value: Any) -> Any:
        return Replace({"was": value})

    agent = make(shop, shop.refund, says=shop.model(shop.call("refund", {"amount": 180})), guards=[halved, hidden])
    state = await agent.ainvoke(shop.ask(), user=shop.alice)
    assert shop.outputs(state) == [("success", '{"was": "refunded 90 EUR"}')]
    assert (asked, shop.seen) == ([{"amount": 180}], [("refund", 90)])


class Refund(BaseTool):
    """A tool that handles its own errors, has an artifact and is no function."""

    name: str = "refund"
    description: str = "Refunds."
    handle_tool_error: Any = True

    def _run(self, amount: int) -> str:
        if amount == 13:
            raise ToolException("not thirteen")
        return f"refunded {amount}"


async def test_what_a_tool_handles_itself_is_told_to_the_model_and_is_a_failure_in_the_record(
    shop: Any, make: Any
) -> None:
    kept: list[str] = []

    class Record:
        def reserve(self, passage: Any) -> None: ...

        def settle(self, ticket: Any, passage: Any) -> None:
            kept.append(str(passage.status))

    hexgate = Hexgate.from_policy(shop.policy, agent="shop").using(recorder=Record())
    calls = [shop.call("refund", {"amount": amount}) for amount in (13, 4)]
    agent = make(shop, Refund(), says=shop.model(*calls), policy=hexgate)
    for state in await ways(agent, shop, shop.alice):
        assert shop.outputs(state) == [("error", "not thirteen"), ("success", "refunded 4")]
    assert kept == ["failed", "ran"] * 5


async def test_what_a_tool_raises_goes_its_own_way(shop: Any, make: Any) -> None:
    def refund(amount: int) -> str:
        """Refunds."""
        raise KeyError("gone")

    agent = make(shop, refund, says=shop.model(shop.call("refund", {"amount": 4})))
    with pytest.raises(KeyError, match="gone"):
        await agent.ainvoke(shop.ask(), user=shop.alice)
    with pytest.raises(KeyError, match="gone"):
        agent.invoke(shop.ask(), user=shop.alice)


async def test_a_tool_may_steer_the_graph(shop: Any, make: Any) -> None:
    @tool
    def refund(amount: int) -> Command[Any]:
        """Refunds, and ends."""
        return Command(update={"messages": [ToolMessage("steered", tool_call_id="w")]})

    agent = make(shop, refund, says=shop.model(shop.call("refund", {"amount": 4}, "w")))
    for state in await ways(agent, shop, shop.alice):
        assert shop.outputs(state) == [("success", "steered")]


async def test_a_tool_that_is_not_there_is_decided_about_and_told_so(shop: Any) -> None:
    calls = [shop.call("whoami", {"user": "alice"}), shop.call("nothing", {})]
    state = await built(shop, shop.refund, says=shop.model(*calls)).ainvoke(shop.ask(), user=shop.alice)
    [(first, words), (second, _)] = shop.outputs(state)
    assert (first, second, "not a valid tool" in words) == ("error", "error", True)


async def test_what_another_middleware_makes_of_a_call_is_what_is_decided_about(shop: Any, make: Any) -> None:
    class Rewrites(AgentMiddleware[Any, Any, Any]):
        async def awrap_tool_call(self, request: Any, handler: Any) -> Any:
            return await handler(request.override(tool_call={**request.tool_call, "args": {"amount": 999}}))

    if make is by_hand:
        return
    agent = make(shop, shop.refund, says=shop.model(shop.call("refund", {"amount": 4})), middleware=[Rewrites()])
    assert [error["message"] for error in shop.denied(await agent.ainvoke(shop.ask(), user=shop.alice))] == [DENIED]


async def test_without_a_user_every_call_is_denied(shop: Any, make: Any) -> None:
    agent = make(shop, shop.refund, says=shop.model(shop.call("refund", {"amount": 4})))
    for state in await ways(agent, shop, None):
        [error] = shop.denied(state)
        assert "nobody is known to be calling" in error["message"]
    assert shop.seen == []


async def test_the_user_of_a_stream_is_the_one_of_the_call_wherever_it_is_read(shop: Any, make: Any) -> None:
    agent = make(shop, shop.whoami, says=shop.model(shop.call("whoami", {"user": "alice"})))
    async with shop.alice:
        streams = [
            agent.astream(shop.ask(), stream_mode="values"),
            agent.astream_events(shop.ask(), version="v2"),
        ]
        plain = agent.stream(shop.ask(), stream_mode="values")
    async with shop.bob:
        for chunk in plain:
            state = chunk
            assert current_user() is shop.bob
        assert shop.outputs(state) == [("success", "alice")]
        for stream in streams:
            async for _ in stream:
                assert current_user() is shop.bob
    assert shop.seen == [("whoami", "alice")] * 3


async def test_a_tool_runs_as_the_user_of_the_run_in_every_kind_of_thread(shop: Any, make: Any) -> None:
    def whoami(user: str) -> str:
        """Says who is known to ask."""
        known = current_user()
        return str(known and known.user_id)

    agent = make(shop, whoami, says=shop.model(shop.call("whoami", {"user": "alice"})))
    for state in await ways(agent, shop, shop.alice):
        assert shop.outputs(state) == [("success", "alice")]
    loop = asyncio.get_running_loop()
    far = await loop.run_in_executor(None, lambda: agent.invoke(shop.ask(), user=shop.alice))
    assert shop.outputs(far) == [("success", "alice")]


async def test_a_reader_who_stops_ends_the_run(shop: Any, make: Any) -> None:
    agent = make(shop, shop.refund, says=shop.model(shop.call("refund", {"amount": 4})))
    stream = agent.astream(shop.ask(), user=shop.alice)
    async for _ in stream:
        break
    await stream.aclose()
    plain = agent.stream(shop.ask(), user=shop.alice)
    next(plain)
    plain.close()
    assert current_user() is None


async def test_the_policy_is_taken_anew_at_the_start_of_a_run(shop: Any, make: Any, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("tools: {refund: {mode: allow}}")
    agent = make(shop, shop.refund, says=shop.model(shop.call("refund", {"amount": 4})), policy=policy)
    assert shop.outputs(await agent.ainvoke(shop.ask(), user=shop.alice))[0][0] == "success"
    policy.write_text("tools: {refund: {mode: deny}}")
    assert shop.outputs(await agent.ainvoke(shop.ask(), user=shop.alice))[0][0] == "error"


class Feed:
    """A feed with one user."""

    def read(self) -> list[Ban]:
        return [Ban("user", "alice")]


async def test_who_is_banned_begins_no_run(shop: Any, make: Any) -> None:
    hexgate = Hexgate.from_policy(shop.policy, agent="shop").using(bans=BanGate(Feed()))
    agent = make(shop, shop.refund, says=shop.model(), policy=hexgate)
    with pytest.raises(BannedError, match="HX802"):
        await agent.ainvoke(shop.ask(), user=shop.alice)
    with pytest.raises(BannedError, match="HX802"):
        await anext(agent.astream(shop.ask(), user=shop.alice))
    with pytest.raises(BannedError, match="HX802"):
        agent.invoke(shop.ask(), user=shop.alice)
    with pytest.raises(BannedError, match="HX802"):
        next(agent.stream(shop.ask(), user=shop.alice))


def test_what_cannot_be_wrapped_is_told_at_once(shop: Any) -> None:
    wrong: Any = object()
    with pytest.raises(TypeError, match="compiled LangGraph graph"):
        wrap_langchain_agent(agent=wrong, policy=shop.policy)
    with pytest.raises(PolicyError, match="HEXGATE_LOCAL_POLICY"):
        create_agent(shop.model())


def test_an_agent_knows_what_its_graph_knows(shop: Any) -> None:
    agent = built(shop, shop.refund, says=shop.model())
    assert ("tools" in agent.nodes, agent.name) == (True, "shop")
    with pytest.raises(AttributeError):
        agent.__nothing__  # noqa: B018
