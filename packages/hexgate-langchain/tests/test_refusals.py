"""A run pauses where a human is asked for, and goes on in another process; only an answer in the store lets the tool run."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated, Any, TypedDict

import pytest
from langchain.agents import create_agent as create_ungated
from langchain_core.messages import AnyMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.prebuilt import ToolNode, tools_condition
from langgraph.types import Command

from hexgate.core import ApprovalFile, User
from hexgate.core.adapters import DoorError
from hexgate.core.gate.approvals import Pending
from hexgate.langchain import GatedAgent, create_agent, invoke_agent, wrap_langchain_agent

pytestmark = pytest.mark.anyio
THREAD: Any = {"configurable": {"thread_id": "one"}}


def requests() -> list[Pending]:
    """What waits for an answer."""
    return [
        request for request in ApprovalFile(".hexgate/approvals.db").every(time.time()) if request.state == "waiting"
    ]


def answer(*, yes: bool) -> None:
    """A human's answer to the one request that waits."""
    [request] = requests()
    ApprovalFile(".hexgate/approvals.db").answer(request.id, yes=yes, by="bob", now=time.time())


def built(shop: Any, says: Any, policy: Any) -> GatedAgent:
    """An agent that is built with the gate in it."""
    tools = [shop.wire, shop.refund]
    return create_agent(says, tools, policy=policy, approvals="pause", checkpointer=InMemorySaver())[0]


def wrapped(shop: Any, says: Any, policy: Any) -> GatedAgent:
    """An agent that LangChain built, put behind the gate."""
    graph = create_ungated(says, [shop.wire, shop.refund], checkpointer=InMemorySaver())
    return wrap_langchain_agent(agent=graph, policy=policy, approvals="pause")


@pytest.fixture(params=[built, wrapped])
def make(request: pytest.FixtureRequest) -> Any:
    """The ways to an agent that may pause."""
    return request.param


async def paused(shop: Any, make: Any, policy: Any = None) -> GatedAgent:
    """A gated agent whose run paused."""
    calls = [shop.call("wire", {"amount": 5}, "w"), shop.call("refund", {"amount": 4}, "r")]
    agent: GatedAgent = make(shop, shop.model(calls), policy or shop.policy)
    state = await agent.ainvoke(shop.ask(), THREAD, user=shop.alice)
    assert ([item.value["tool_name"] for item in state["__interrupt__"]], shop.seen) == (["wire"], [("refund", 4)])
    return agent


async def test_a_run_that_pauses_keeps_a_request_and_names_it(shop: Any, make: Any) -> None:
    agent = make(shop, shop.model(shop.call("wire", {"amount": 5}, "w")), shop.policy)
    state = await invoke_agent(agent, "go", user=shop.alice, config=THREAD)
    [request] = requests()
    assert (request.binding.tool, request.binding.call_id, request.arguments) == ("wire", "w", {"amount": 5})
    assert state["__interrupt__"][0].value == {
        "type": "approval_required",
        "approval_id": request.id,
        "tool_name": "wire",
        "reason": "the rule asks for a human decision",
    }


@pytest.mark.parametrize("sync", [True, False])
async def test_a_run_goes_on_when_the_request_was_approved_and_the_tool_runs_once(
    shop: Any, make: Any, sync: bool
) -> None:
    agent = await paused(shop, make)
    before = agent.get_state(THREAD).config
    answer(yes=True)
    go_on: Any = Command(resume=True)
    state = (
        agent.invoke(go_on, THREAD, user=shop.alice) if sync else await agent.ainvoke(go_on, THREAD, user=shop.alice)
    )
    assert (state["messages"][-1].text, shop.seen) == ("done", [("refund", 4), ("wire", 5)])
    replayed = await agent.ainvoke(Command(resume=True), before, user=shop.alice)
    assert "__interrupt__" in replayed
    assert shop.seen.count(("wire", 5)) == 1


async def test_a_request_that_was_refused_is_told_to_the_model(shop: Any, make: Any) -> None:
    agent = await paused(shop, make)
    answer(yes=False)
    state = await agent.ainvoke(Command(resume=True), THREAD, user=shop.alice)
    assert "a human refused it" in shop.denied(state)[0]["message"]
    assert shop.seen == [("refund", 4)]


async def test_a_resume_alone_runs_nothing_and_the_run_pauses_again(shop: Any, make: Any) -> None:
    agent = await paused(shop, make)
    for value in (True, {"type": "approve"}, "yes"):
        state = await agent.ainvoke(Command(resume=value), THREAD, user=shop.alice)
        assert "__interrupt__" in state
    assert (len(requests()), shop.seen) == (1, [("refund", 4)])
    answer(yes=True)
    state = agent.invoke(Command(resume=True), THREAD, user=shop.alice)
    assert (state["messages"][-1].text, shop.seen) == ("done", [("refund", 4), ("wire", 5)])


async def test_arguments_that_were_edited_are_another_request(shop: Any, make: Any) -> None:
    agent = await paused(shop, make)
    answer(yes=True)
    asked = agent.get_state(THREAD).values["messages"][1]
    edited = asked.model_copy(update={"tool_calls": [shop.call("wire", {"amount": 5000}, "w")]})
    agent.update_state(THREAD, {"messages": [edited]}, as_node="model")
    state = await agent.ainvoke(None, THREAD, user=shop.alice)
    assert "__interrupt__" in state
    assert ([request.arguments for request in requests()], ("wire", 5000) in shop.seen) == ([{"amount": 5000}], False)


async def test_an_approval_for_one_user_is_nothing_to_another(shop: Any, make: Any) -> None:
    agent = await paused(shop, make)
    answer(yes=True)
    state = await agent.ainvoke(Command(resume=True), THREAD, user=User("mallory", "support"))
    assert ("__interrupt__" in state, shop.seen) == (True, [("refund", 4)])


async def test_who_resumes_without_a_user_is_denied(shop: Any, make: Any) -> None:
    agent = await paused(shop, make)
    answer(yes=True)
    state = await agent.ainvoke(Command(resume=True), THREAD)
    assert "nobody is known to be calling" in shop.denied(state)[0]["message"]
    assert shop.seen == [("refund", 4)]


async def test_a_policy_that_changed_meanwhile_decides(shop: Any, make: Any, tmp_path: Path) -> None:
    policy = tmp_path / "p.yaml"
    policy.write_text("tools: {wire: {mode: approval_required}, refund: {mode: allow}}")
    agent = await paused(shop, make, policy)
    answer(yes=True)
    policy.write_text("tools: {wire: {mode: deny}, refund: {mode: allow}}")
    state = await agent.ainvoke(Command(resume=True), THREAD, user=shop.alice)
    assert "[policy_denied] Tool 'wire'" in shop.denied(state)[0]["message"]
    assert shop.seen == [("refund", 4)]


async def test_two_calls_that_wait_are_answered_one_by_one(shop: Any, make: Any) -> None:
    calls = [shop.call("wire", {"amount": amount}, f"w{amount}") for amount in (5, 6)]
    agent = make(shop, shop.model(calls), shop.policy)
    state = await agent.ainvoke(shop.ask(), THREAD, user=shop.alice)
    assert (len(state["__interrupt__"]), len(requests())) == (2, 2)
    store = ApprovalFile(".hexgate/approvals.db")
    store.answer(requests()[0].id, yes=True, by="bob", now=time.time())
    state = await agent.ainvoke(
        Command(resume={item.id: True for item in state["__interrupt__"]}), THREAD, user=shop.alice
    )
    assert (len(state["__interrupt__"]), len(shop.seen)) == (1, 1)
    answer(yes=True)
    state = await agent.ainvoke(Command(resume=True), THREAD, user=shop.alice)
    assert (state["messages"][-1].text, sorted(shop.seen)) == ("done", [("wire", 5), ("wire", 6)])


async def test_a_node_that_makes_several_calls_does_not_pause_and_the_model_is_told(shop: Any) -> None:
    class State(TypedDict):
        messages: Annotated[list[AnyMessage], add_messages]

    says = shop.model([shop.call("wire", {"amount": 5}), shop.call("refund", {"amount": 4})])

    def model(state: State) -> dict[str, Any]:
        return {"messages": [says.invoke(state["messages"])]}

    graph = StateGraph(State).add_node("model", model).add_node("tools", ToolNode([shop.wire, shop.refund]))
    graph.add_edge(START, "model").add_conditional_edges("model", tools_condition).add_edge("tools", "model")
    agent = wrap_langchain_agent(
        agent=graph.compile(checkpointer=InMemorySaver()), policy=shop.policy, approvals="pause"
    )
    state = await agent.ainvoke(shop.ask(), THREAD, user=shop.alice)
    assert ([error["type"] for error in shop.denied(state)], shop.seen) == (["approval_required"], [("refund", 4)])


def test_a_run_that_is_to_pause_needs_somewhere_to_be_kept(shop: Any) -> None:
    with pytest.raises(DoorError, match="HX954"):
        create_agent(shop.model(), policy=shop.policy, approvals="pause")
    with pytest.raises(DoorError, match="HX954"):
        wrap_langchain_agent(agent=create_ungated(shop.model()), policy=shop.policy, approvals="pause")


def test_a_run_that_paused_goes_on_in_another_process() -> None:
    program = Path(__file__).with_name("resuming.py")
    for step in ("pause", "approve", "resume"):
        done = subprocess.run([sys.executable, str(program), step], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"seen": [["wire", 5]], "output": "done"}
