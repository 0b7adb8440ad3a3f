"""What nothing can stand in front of is refused, by its name and with what to do about it."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from google.adk.agents import RunConfig
from google.adk.code_executors import UnsafeLocalCodeExecutor
from google.adk.tools import google_search
from google.adk.tools.agent_tool import AgentTool
from google.genai import types
from pydantic import BaseModel

from hexgate.core import Hexgate
from hexgate.core.adapters import UngatedError
from hexgate.google import HexgateRunner
from hexgate.google.gating import GatePlugin

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.filterwarnings("ignore:The `plugins` argument is deprecated:DeprecationWarning"),
]


def adds_a_search(callback_context: Any, llm_request: Any) -> None:
    """Offers the model a tool of the provider, after every plugin."""
    llm_request.config.tools = [*(llm_request.config.tools or []), types.Tool(google_search=types.GoogleSearch())]


def offering(shop: Any, says: Any) -> dict[str, Any]:
    """Agents with what would run past the gate, by what it is called."""
    gemini = says.model_copy(update={"model": "gemini-2.5-flash"})
    past = AgentTool(shop.agent(says=says, name="helper"), include_plugins=False)
    return {
        "google_search": shop.agent(google_search, says=gemini),
        "code_executor": shop.agent(says=says, code_executor=UnsafeLocalCodeExecutor()),
        "google_search added": shop.agent(says=says, before_model_callback=adds_a_search),
        "helper": shop.agent(past, says=says),
    }


async def run(shop: Any, agent: Any, **more: Any) -> list[Any]:
    """The events of a run."""
    made = HexgateRunner(agent=agent, app_name="shop", policy=more.pop("policy", shop.policy), **more)
    return [event async for event in made.run_async(new_message="go", user=shop.alice)]


@pytest.mark.parametrize("way", ["google_search", "code_executor", "google_search added", "helper"])
async def test_what_runs_elsewhere_is_refused_before_the_model_is_asked(shop: Any, way: str) -> None:
    says = shop.model(RuntimeError("the model was asked"))
    name = way.split(" ", maxsplit=1)[0]
    below = offering(shop, says)[way].clone(update={"name": "helper"})
    transfer = shop.model(shop.call("transfer_to_agent", {"agent_name": "helper"}))
    for agent in (offering(shop, says)[way], shop.agent(says=transfer, name="root", sub_agents=[below])):
        with pytest.raises(UngatedError, match="HX952") as caught:
            await run(shop, agent)
        assert f'allow_ungated=["{name}"]' in str(caught.value)


@pytest.mark.parametrize("way", ["google_search", "code_executor", "google_search added", "helper"])
async def test_what_is_let_by_is_told_loudly_and_recorded(
    shop: Any, way: str, caplog: pytest.LogCaptureFixture
) -> None:
    kept: list[Any] = []

    class Record:
        def reserve(self, passage: Any) -> None:
            kept.append((passage.call.tool, passage.call.agent, passage.decision.code, passage.user.user_id))

        def settle(self, ticket: Any, passage: Any) -> None:
            kept.append(str(passage.status))

    name = way.split(" ", maxsplit=1)[0]
    hexgate = Hexgate.from_policy(shop.policy, agent="shop").using(recorder=Record())
    with caplog.at_level(logging.WARNING):
        events = await run(shop, offering(shop, shop.model())[way], policy=hexgate, allow_ungated=[name])
    assert events[-1].content.parts[0].text == "done"
    assert kept == [(name, "shop", "ungated", "alice"), "ungated"]
    assert f"`{name}` of agent `shop` is not behind the gate" in caplog.text


async def test_an_agent_that_a_tool_runs_may_have_no_callbacks_after_the_gate(shop: Any) -> None:
    def see(tool: Any, args: dict[str, Any], tool_context: Any) -> None:
        return None

    helper = shop.agent(shop.refund, says=shop.model(), name="helper", before_tool_callback=see)
    agent = shop.agent(AgentTool(helper), says=shop.model(shop.call("helper", {"request": "go"})))
    with pytest.raises(UngatedError, match="`sub_agents`"):
        await run(shop, agent)


async def test_a_structured_answer_is_no_call(shop: Any) -> None:
    class Answer(BaseModel):
        word: str

    says = shop.model(shop.call("set_model_response", {"word": "yes"}))
    agent = shop.agent(shop.refund, says=says, output_schema=Answer)
    events = await run(shop, agent, policy={"tools": {}})
    assert shop.outputs(events) == [{"word": "yes"}]


async def test_sessions_past_every_check_are_refused(shop: Any) -> None:
    made = HexgateRunner(agent=shop.agent(says=shop.model()), policy=shop.policy)
    with pytest.raises(UngatedError, match="`live` of agent `shop`"):
        made.run_live(user=shop.alice)
    with pytest.raises(UngatedError, match="`support_cfc` of agent `shop`"):
        await anext(made.run_async(new_message="go", user=shop.alice, run_config=RunConfig(support_cfc=True)))


async def test_the_app_within_runs_nothing_by_itself(shop: Any) -> None:
    agent = shop.agent(shop.refund, says=shop.model(shop.call("refund", {"amount": 4})))
    made = HexgateRunner(agent=agent, app_name="shop", policy=shop.policy)
    message = types.Content(role="user", parts=[types.Part(text="go")])
    with pytest.raises(RuntimeError, match="HX953"):
        async for _ in made.runner.run_async(user_id="alice", session_id="s", new_message=message):
            pass
    assert shop.seen == []


async def test_a_tool_of_a_request_in_words_that_nobody_knows_is_refused(shop: Any) -> None:
    def odd(callback_context: Any, llm_request: Any) -> None:
        llm_request.config.tools = [shop.refund]

    with pytest.raises(UngatedError, match="`a tool` of agent `shop`"):
        await run(shop, shop.agent(says=shop.model(), before_model_callback=odd))


async def test_under_a_policy_that_denies_all_nothing_runs(shop: Any) -> None:
    calls = [
        shop.call("refund", {"amount": 1}),
        shop.call("wire", {"amount": 1}),
        shop.call("helper", {"request": "go"}),
        shop.call("transfer_to_agent", {"agent_name": "below"}),
    ]
    helper = AgentTool(shop.agent(shop.refund, says=shop.model(calls[0]), name="helper"))
    below = shop.agent(shop.refund, says=shop.model(calls[0]), name="below")
    agent = shop.agent(shop.refund, shop.wire, helper, says=shop.model(calls), sub_agents=[below])
    assert shop.ended(await run(shop, agent, policy={"tools": {}})) == ["error"] * 4
    assert shop.seen == []


async def test_a_plugin_of_no_run_knows_nobody() -> None:
    class Context:
        invocation_id = "i"

    nobody: Any = Context()
    plugin = GatePlugin()
    await plugin.before_run_callback(invocation_context=nobody)
    with pytest.raises(UngatedError, match="HX953"):
        plugin.run_of(nobody)
