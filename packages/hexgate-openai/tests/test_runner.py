"""`HexgateRunner` runs an agent as it is: every way of running it, every kind of tool, and the agent stays untouched."""

from __future__ import annotations

import asyncio
import copy
import sys
from pathlib import Path
from typing import Any

import pytest
from agents import (
    Agent,
    FunctionTool,
    HandoffInputData,
    RunConfig,
    RunContextWrapper,
    Runner,
    Tool,
    function_tool,
    handoff,
)
from agents.mcp import MCPServerStdio, MCPServerStdioParams
from agents.tool_context import ToolContext

from hexgate.core import Halt, Hexgate, PolicyError, User, before_tool
from hexgate.openai import HexgateRunner, agent_tool

pytestmark = pytest.mark.anyio
WHY = "constraint failed (args.amount <= 100)"
DENIED = f"[policy_denied] Tool 'refund' is denied by the agent policy: {WHY}. The tool was not executed."


def refunding(shop: Any, amount: int) -> Agent[Any]:
    """An agent whose model wants to refund an amount, once."""
    made: Agent[Any] = shop.agent(shop.refund, says=shop.model(shop.call("refund", {"amount": amount})))
    return made


async def test_an_allowed_call_runs_and_a_denied_one_is_told_to_the_model_which_goes_on(shop: Any) -> None:
    says = shop.model([shop.call("refund", {"amount": 40}, "1"), shop.call("refund", {"amount": 400}, "2")])
    result = await HexgateRunner(policy=shop.policy).run(shop.agent(shop.refund, says=says), "go", user=shop.alice)
    assert (shop.outputs(result), shop.seen, result.final_output) == (
        ["refunded 40 EUR", DENIED],
        [("refund", 40)],
        "done",
    )


async def test_the_agent_that_was_passed_stays_as_it_was(shop: Any) -> None:
    says = shop.model(shop.call("refund", {"amount": 1}))
    billing = shop.agent(shop.refund, says=says, name="billing")
    mine = shop.agent(shop.refund, says=says, handoffs=[billing])
    before, tools = copy.copy(mine.__dict__), list(mine.tools)
    result = await HexgateRunner(policy=shop.policy).run(mine, "go", user=shop.alice)
    assert (mine.__dict__, mine.tools, type(mine)) == (before, tools, Agent)
    assert isinstance(result.last_agent, Agent)
    # Run by the SDK alone, it has no gate.
    mine.model = shop.model(shop.call("refund", {"amount": 400}))
    assert shop.outputs(await Runner.run(mine, "go")) == ["refunded 400 EUR"]


async def test_the_last_agent_of_a_run_can_be_run_again_for_another_user(shop: Any) -> None:
    runner = HexgateRunner(policy=shop.policy)
    result = await runner.run(refunding(shop, 400), "go", user=shop.bob)
    again: Any = result.last_agent
    again.original.model = shop.model(shop.call("refund", {"amount": 500}))
    assert shop.outputs(await runner.run(again, "go", user=shop.alice)) == [DENIED]
    assert shop.seen == [("refund", 400)]


async def test_two_users_at_once_on_one_agent_are_never_mixed(shop: Any) -> None:
    runner = HexgateRunner(policy=shop.policy)

    async def one(number: int) -> bool:
        user = User(f"user-{number % 5}", "support")
        mine = shop.agent(
            shop.whoami,
            says=shop.model(shop.call("whoami", {"user": user.user_id}), shop.call("whoami", {"user": "mallory"})),
        )
        said = shop.outputs(await runner.run(mine, "go", user=user))
        return bool(said[0] == user.user_id and said[1].startswith("[policy_denied]"))

    assert all(await asyncio.gather(*map(one, range(30))))
    assert "mallory" not in {name for _, name in shop.seen}


@pytest.mark.parametrize("wrapped", [False, True])
async def test_a_handoff_is_decided_about_and_leads_to_an_agent_behind_the_gate(shop: Any, wrapped: bool) -> None:
    calls = [shop.call("refund", {"amount": amount}) for amount in (400, 4)]
    billing = shop.agent(shop.refund, name="billing", says=shop.model(*calls))
    leads = [handoff(billing) if wrapped else billing]
    mine = shop.agent(says=shop.model(shop.call("transfer_to_billing", {})), handoffs=leads)
    result = await HexgateRunner(policy=shop.policy).run(mine, "go", user=shop.alice)
    assert (shop.outputs(result), shop.seen) == ([DENIED, "refunded 4 EUR"], [("refund", 4)])
    assert result.last_agent.name == "billing"


async def test_a_denied_handoff_leads_nowhere_and_the_agent_goes_on(shop: Any) -> None:
    asked: list[str] = []

    def filtered(data: HandoffInputData) -> HandoffInputData:
        asked.append("filter")
        return data

    billing = shop.agent(shop.refund, name="billing", says=shop.model())
    made = handoff(billing, on_handoff=lambda context: asked.append("ran"), input_filter=filtered)
    mine = shop.agent(says=shop.model(shop.call("transfer_to_billing", {})), handoffs=[made])
    result = await HexgateRunner(policy={"tools": {}}).run(mine, "go", user=shop.alice)
    [item] = [item for item in result.new_items if item.type == "handoff_output_item"]
    assert "[policy_denied] Tool 'transfer_to_billing'" in str(item.raw_item)
    assert (result.last_agent.name, result.final_output, asked) == ("shop", "done", [])


async def test_agents_that_hand_off_to_each_other_are_gated_once(shop: Any) -> None:
    policy = copy.deepcopy(shop.policy)
    policy["roles"]["support"]["tools"]["transfer_to_shop"] = {"mode": "allow"}
    billing = shop.agent(shop.refund, name="billing", says=shop.model(shop.call("transfer_to_shop", {}, "2")))
    mine = shop.agent(
        shop.refund,
        says=shop.model(shop.call("transfer_to_billing", {}, "1"), shop.call("refund", {"amount": 400}, "3")),
    )
    billing.handoffs.append(mine)
    mine.handoffs.append(billing)
    result = await HexgateRunner(policy=policy).run(mine, "go", user=shop.alice)
    assert (shop.outputs(result), shop.seen) == ([DENIED], [])


async def test_an_agent_that_is_a_tool_runs_behind_the_gate_of_the_run_that_calls_it(shop: Any) -> None:
    says = shop.model(shop.call("refund", {"amount": 400}), shop.call("refund", {"amount": 4}))
    helper = agent_tool(shop.agent(shop.refund, name="billing", says=says), "ask_billing", "Asks billing.")
    mine = shop.agent(helper, says=shop.model(shop.call("ask_billing", {"input": "please"})))
    result = await HexgateRunner(policy=shop.policy).run(mine, "go", user=shop.alice)
    assert (shop.outputs(result), shop.seen) == (["done"], [("refund", 4)])
    with pytest.raises(Exception, match="HX953"):
        await Runner.run(agent_tool_target(helper), "go")


def agent_tool_target(tool: Any) -> Agent[Any]:
    """The gated agent inside of a tool, as a hostile reader would get at it."""
    found = tool._agent_instance
    assert isinstance(found, Agent)
    return found


class Till(FunctionTool):
    """A tool of a class of the user's, which is its own invoker."""

    def __init__(self, seen: list[Any]) -> None:
        self.seen = seen
        schema = {"type": "object", "properties": {"amount": {"type": "integer"}}, "required": ["amount"]}
        super().__init__("refund", "Refunds.", schema, self.invoke, strict_json_schema=False)

    async def invoke(self, context: ToolContext[Any], arguments: str) -> str:
        self.seen.append(arguments)
        return f"refunded by {type(self).__name__}"


async def test_a_tool_of_a_class_of_the_users_is_gated_too(shop: Any) -> None:
    calls = [shop.call("refund", {"amount": amount}) for amount in (400, 4)]
    mine = shop.agent(Till(shop.seen), says=shop.model(*calls))
    result = await HexgateRunner(policy=shop.policy).run(mine, "go", user=shop.alice)
    assert (shop.outputs(result), shop.seen) == ([DENIED, "refunded by Till"], ['{"amount":4}'])


async def test_a_tool_that_is_added_during_a_run_is_gated_too(shop: Any) -> None:

    @function_tool
    async def whoami(context: ToolContext[Any], user: str) -> str:
        """Adds a tool."""
        mine.tools.append(shop.refund)
        return user

    mine = shop.agent(
        whoami, says=shop.model(shop.call("whoami", {"user": "alice"}, "1"), shop.call("refund", {"amount": 400}, "2"))
    )
    assert shop.outputs(await HexgateRunner(policy=shop.policy).run(mine, "go", user=shop.alice)) == ["alice", DENIED]
    assert shop.seen == []


async def test_the_tools_of_an_mcp_server_are_gated(shop: Any) -> None:
    server = Path(__file__).parents[3] / "tests/conformance/mcp_server.py"
    params = MCPServerStdioParams(command=sys.executable, args=[str(server)])
    policy = {"tools": {"echo": {"mode": "allow", "constraints": ["args.text == 'hello'"]}}}
    async with MCPServerStdio(params, name="echo") as connected:
        says = shop.model([shop.call("echo", {"text": "hello"}, "1"), shop.call("echo", {"text": "bye"}, "2")])
        result = await HexgateRunner(policy=policy).run(
            shop.agent(says=says, mcp_servers=[connected]), "go", user=shop.alice
        )
    first, second = shop.outputs(result)
    assert "hello" in str(first)
    assert second.startswith("[policy_denied] Tool 'echo'")


async def test_what_the_tool_handles_itself_is_told_to_the_model_and_recorded_as_a_failure(shop: Any) -> None:
    kept = Kept()
    hexgate = Hexgate.from_policy(shop.policy, agent="shop").using(recorder=kept)
    result = await HexgateRunner(policy=hexgate).run(refunding(shop, 13), "go", user=shop.alice)
    assert shop.outputs(result)[0].startswith("An error occurred while running the tool")
    assert kept.settled == [("failed", "ValueError")]


async def test_the_time_limit_of_a_tool_counts_the_tool_and_not_the_human(shop: Any) -> None:
    kept = Kept()

    @function_tool(timeout=0.02)
    async def wire(amount: int) -> str:
        """Never ends."""
        await asyncio.Event().wait()
        return "sent"

    async def slow_yes(action: Any, context: None) -> bool:
        await asyncio.sleep(0.05)
        return True

    hexgate = Hexgate.from_policy(shop.policy, agent="shop").using(recorder=kept, approval_handler=slow_yes)
    result = await HexgateRunner(policy=hexgate).run(
        shop.agent(wire, says=shop.model(shop.call("wire", {"amount": 1}))), "go", user=shop.alice
    )
    assert shop.outputs(result) == ["Tool 'wire' timed out after 0.02 seconds."]
    assert kept.settled == [("failed", "ToolTimeoutError")]


async def test_an_error_has_the_words_that_it_has_without_the_gate(shop: Any) -> None:
    def words(given: Any) -> str:
        return f"{given.tool_name} failed"

    config = RunConfig(tool_error_formatter=words, tracing_disabled=True)
    bare = await Runner.run(refunding(shop, 13), "go", run_config=config)
    gated = await HexgateRunner(policy=shop.policy).run(refunding(shop, 13), "go", user=shop.alice, run_config=config)
    assert shop.outputs(gated) == shop.outputs(bare) != []


async def test_a_guard_that_rewrites_changes_what_the_tool_sees_everywhere(shop: Any) -> None:
    contexts: list[ToolContext[Any]] = []

    @function_tool
    def refund(context: ToolContext[Any], amount: int) -> str:
        """Refunds."""
        contexts.append(context)
        return str(amount)

    @before_tool
    def halve(asked: Any, user: Any) -> Any:
        return {"amount": 50} if asked.arguments["amount"] == 100 else Halt("never")

    mine = shop.agent(
        refund, says=shop.model([shop.call("refund", {"amount": 100}, "1"), shop.call("refund", {"amount": 7}, "2")])
    )
    result = await HexgateRunner(policy=shop.policy, guards=[halve]).run(
        mine, "go", user=shop.alice, context={"mine": 1}
    )
    assert shop.outputs(result)[0] == "50"
    assert "never" in shop.outputs(result)[1]
    [context] = contexts
    assert (context.tool_arguments, context.context) == ('{"amount":50}', {"mine": 1})
    assert context.tool_call is not None
    assert context.tool_call.arguments == '{"amount":50}'


async def test_arguments_that_name_a_key_twice_reach_nobody(shop: Any) -> None:
    says = shop.model(shop.call("refund", '{"amount": 4, "amount": 400}'))
    [said] = shop.outputs(
        await HexgateRunner(policy=shop.policy).run(shop.agent(shop.refund, says=says), "go", user=shop.alice)
    )
    assert ("a key twice" in said, shop.seen) == (True, [])


async def test_without_a_user_every_call_is_denied(shop: Any) -> None:
    mine = refunding(shop, 4)
    [said] = shop.outputs(await HexgateRunner(policy=shop.policy).run(mine, "go"))
    assert ("nobody is known to be calling" in said, shop.seen) == (True, [])


async def test_a_call_in_the_scope_of_somebody_else_is_denied(shop: Any) -> None:
    helper = agent_tool(refunding(shop, 4), "ask_billing")

    @function_tool
    async def ask_billing() -> str:
        """Runs an agent for somebody else, within the run of this user."""
        async with shop.bob:
            return str(shop.outputs(await Runner.run(agent_tool_target(helper), "go")))

    mine = shop.agent(ask_billing, says=shop.model(shop.call("ask_billing", {})))
    [said] = shop.outputs(await HexgateRunner(policy=shop.policy).run(mine, "go", user=shop.alice))
    assert ("in the scope of another" in said, shop.seen) == (True, [])


async def test_the_stream_belongs_to_the_user_of_its_call_wherever_it_is_read(shop: Any) -> None:
    runner = HexgateRunner(policy=shop.policy)
    async with shop.alice:
        result = runner.run_streamed(
            shop.agent(shop.whoami, says=shop.model(shop.call("whoami", {"user": "alice"}))), "go"
        )
    async with shop.bob:
        kinds = [event.type async for event in result.stream_events()]
    assert shop.outputs(result) == ["alice"]
    assert "run_item_stream_event" in kinds


async def test_the_policy_is_taken_anew_at_the_start_of_a_run(shop: Any, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("tools: {refund: {mode: allow}}")
    runner = HexgateRunner(policy=policy)
    assert shop.outputs(await runner.run(refunding(shop, 4), "go", user=shop.alice)) == ["refunded 4 EUR"]
    policy.write_text("tools: {refund: {mode: deny}}")
    [said] = shop.outputs(await runner.run(refunding(shop, 4), "go", user=shop.alice))
    assert said.startswith("[policy_denied]")


def test_without_any_policy_the_error_says_how_to_name_one(shop: Any) -> None:
    with pytest.raises(PolicyError, match="HEXGATE_LOCAL_POLICY") as caught:
        HexgateRunner().run_sync(shop.agent(says=shop.model()), "go", user=shop.alice)
    assert "policy=" in str(caught.value)


def test_the_policy_of_the_environment_is_found(shop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "p.yaml").write_text("tools: {refund: {mode: deny}}")
    monkeypatch.setenv("HEXGATE_LOCAL_POLICY", str(tmp_path / "p.yaml"))
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    result = HexgateRunner().run_sync(refunding(shop, 4), "go", user=shop.alice)
    asyncio.set_event_loop(None)
    loop.close()
    assert (shop.outputs(result)[0].startswith("[policy_denied]"), shop.seen) == (True, [])


def test_what_is_no_agent_is_refused(shop: Any) -> None:
    wrong: Any = object()
    with pytest.raises(TypeError, match="Agent"):
        HexgateRunner(policy=shop.policy).run_sync(wrong, "go")


class Kept:
    """A recorder that remembers how calls ended."""

    def __init__(self) -> None:
        self.settled: list[tuple[str, str | None]] = []

    def reserve(self, passage: Any) -> None:
        """Nothing is kept."""

    def settle(self, ticket: Any, passage: Any) -> None:
        """The end of a call."""
        self.settled.append((str(passage.status), None if passage.error is None else type(passage.error).__name__))


async def test_an_agent_of_a_class_of_the_users_stays_one(shop: Any) -> None:
    class Special(Agent[Any]):
        async def get_all_tools(self, run_context: RunContextWrapper[Any]) -> list[Tool]:
            return [shop.refund]

    mine = Special(name="special", model=shop.model(shop.call("refund", {"amount": 400})))
    result = await HexgateRunner(policy=shop.policy).run(mine, "go", user=shop.alice)
    assert (shop.outputs(result), shop.seen, isinstance(result.last_agent, Special)) == ([DENIED], [], True)
    copied = result.last_agent.clone(name="copied", model=shop.model(shop.call("refund", {"amount": 400})))
    assert shop.outputs(await Runner.run(copied, "go")) == [DENIED]
