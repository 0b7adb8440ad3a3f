"""`HexgateRunner` runs agents as the framework does, every kind of tool decided about."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from google.adk.agents import LlmAgent, ParallelAgent, RunConfig, SequentialAgent  # type: ignore[deprecated]
from google.adk.agents.run_config import StreamingMode, ToolThreadPoolConfig
from google.adk.apps import App
from google.adk.plugins import BasePlugin
from google.adk.tools.agent_tool import AgentTool
from google.adk.tools.base_toolset import BaseToolset
from google.adk.tools.function_tool import FunctionTool
from google.adk.tools.mcp_tool import McpToolset, StdioConnectionParams
from google.adk.workflow import Workflow
from mcp import StdioServerParameters

from hexgate.core import BanGate, BannedError, Hexgate, PolicyError, User, after_tool, before_tool, current_user
from hexgate.core.gate.bans import Ban
from hexgate.core.gate.guards import Replace
from hexgate.google import HexgateRunner

pytestmark = [
    pytest.mark.anyio,
    # The framework itself hands plugins on in a way of which it warns.
    pytest.mark.filterwarnings("ignore:The `plugins` argument is deprecated:DeprecationWarning"),
]
WHY = "constraint failed (args.amount <= 100)"
DENIED = {"error": f"[policy_denied] Tool 'refund' is denied by the agent policy: {WHY}. The tool was not executed."}


def runner(shop: Any, agent: Any, **more: Any) -> HexgateRunner:
    """A runner of an agent in the shop."""
    return HexgateRunner(agent=agent, app_name="shop", policy=more.pop("policy", shop.policy), **more)


async def run(shop: Any, agent: Any, user: Any = None, **more: Any) -> list[Any]:
    """The events of a run."""
    options = {name: more.pop(name) for name in ("run_config", "session_id") if name in more}
    return [event async for event in runner(shop, agent, **more).run_async(new_message="go", user=user, **options)]


def refunding(shop: Any, *amounts: int, **more: Any) -> LlmAgent:
    """An agent whose model wants to refund some amounts, one after the other."""
    calls = [shop.call("refund", {"amount": amount}) for amount in amounts]
    found: LlmAgent = shop.agent(shop.refund, says=shop.model(*calls), **more)
    return found


async def test_an_allowed_call_runs_and_a_denied_one_is_told_to_the_model_which_goes_on(shop: Any) -> None:
    made = runner(shop, refunding(shop, 400, 40))
    whole = [event async for event in made.run_async(new_message="go", user=shop.alice)]
    for events in (whole, list(made.run(new_message="go", user=shop.alice))):
        last: Any = events[-1]
        assert (shop.outputs(events), last.content.parts[0].text) == ([DENIED, "refunded 40 EUR"], "done")
    assert shop.seen == [("refund", 40)] * 2


async def test_in_every_mode_calls_of_one_turn_are_each_decided_about(shop: Any) -> None:
    calls = [shop.call("refund", {"amount": amount}) for amount in (1, 400, 2)]
    for config in (
        RunConfig(),
        RunConfig(streaming_mode=StreamingMode.SSE),
        RunConfig(tool_thread_pool_config=ToolThreadPoolConfig()),
    ):
        agent = shop.agent(shop.refund, says=shop.model(calls))
        assert shop.ended(await run(shop, agent, shop.alice, run_config=config)) == ["ran", "error", "ran"]


async def test_the_agent_that_was_passed_stays_as_it_was(shop: Any) -> None:
    def see(tool: Any, args: dict[str, Any], tool_context: Any) -> None:
        return None

    helper = shop.agent(says=shop.model(), name="helper", before_tool_callback=see)
    mine = refunding(shop, 400, before_tool_callback=see, sub_agents=[helper])
    await run(shop, mine, shop.alice)
    assert (mine.before_tool_callback, helper.before_tool_callback) == (see, see)
    assert (mine.sub_agents, helper.parent_agent) == ([helper], mine)


async def test_two_users_at_once_on_one_runner_are_never_mixed(shop: Any) -> None:
    async def one(number: int) -> bool:
        user = User(f"user-{number % 5}", "support")
        runs = runners[str(user.user_id)].run_async(new_message="go", user=user)
        return bool(shop.ended([event async for event in runs]) == ["ran", "error"])

    runners = {}
    for number in range(5):
        calls = [shop.call("whoami", {"user": name}) for name in (f"user-{number}", "mallory")]
        runners[f"user-{number}"] = runner(shop, shop.agent(shop.whoami, says=shop.model(*calls)))
    assert all(await asyncio.gather(*map(one, range(30))))
    assert "mallory" not in {name for _, name in shop.seen}


async def test_one_runner_serves_several_users_at_once(shop: Any) -> None:
    async def one(number: int) -> bool:
        user = (shop.alice, shop.bob)[number % 2]
        events = [event async for event in made.run_async(new_message="go", user=user)]
        return bool(shop.ended(events) == [("error", "ran")[number % 2]])

    made = runner(shop, refunding(shop, 400))
    assert all(await asyncio.gather(*map(one, range(30))))
    assert shop.ended(list(made.run(new_message="go", user=shop.bob))) == ["ran"]
    assert (made.plugin.runs, made.plugin.agents, made.plugin.held) == ({}, {}, {})


# Older releases of the framework use names of the MCP of yesterday.
@pytest.mark.filterwarnings("ignore:Accessing .* is deprecated; MCP SDK v2")
async def test_toolsets_and_mcp_servers_are_gated(shop: Any) -> None:
    class Later(BaseToolset):
        async def get_tools(self, readonly_context: Any = None) -> list[Any]:
            return [FunctionTool(shop.refund)]

        async def close(self) -> None: ...

    server = Path(__file__).parents[3] / "tests/conformance/mcp_server.py"
    parameters = StdioServerParameters(command=sys.executable, args=[str(server)])
    echo = McpToolset(connection_params=StdioConnectionParams(server_params=parameters, timeout=30))
    policy = {"tools": {"echo": {"mode": "allow", "constraints": ["args.text == 'hello'"]}}}
    calls = [shop.call("echo", {"text": text}) for text in ("hello", "bye")]
    says = shop.model(*calls, shop.call("refund", {"amount": 1}))
    made = runner(shop, shop.agent(echo, Later(), says=says), policy=policy)
    events = [event async for event in made.run_async(new_message="go", user=shop.alice)]
    await made.close()
    assert (shop.ended(events), shop.seen) == (["ran", "error", "error"], [])


async def test_what_any_callback_makes_of_the_arguments_is_what_is_decided_about(shop: Any) -> None:
    def more(tool: Any, args: dict[str, Any], tool_context: Any) -> None:
        args["amount"] = 999

    class Plugin(BasePlugin):
        async def before_tool_callback(self, *, tool: Any, tool_args: dict[str, Any], tool_context: Any) -> None:
            tool_args["amount"] = 999

    agent = refunding(shop, 4, before_tool_callback=more)
    below = shop.agent(
        says=shop.model(shop.call("transfer_to_agent", {"agent_name": "helper"})),
        sub_agents=[refunding(shop, 4, name="helper", before_tool_callback=[more])],
    )
    assert shop.outputs(await run(shop, agent, shop.alice)) == [DENIED]
    assert shop.outputs(await run(shop, below, shop.alice))[-1] == DENIED
    assert shop.outputs(await run(shop, refunding(shop, 4), shop.alice, plugins=[Plugin("more")])) == [DENIED]
    app = App(name="shop", root_agent=refunding(shop, 4), plugins=[Plugin("more")])
    events = HexgateRunner(app=app, policy=shop.policy).run_async(new_message="go", user=shop.alice)
    assert shop.outputs([event async for event in events]) == [DENIED]
    assert shop.seen == []


async def test_callbacks_of_the_agent_answer_and_change_as_always(shop: Any) -> None:
    def answers(tool: Any, args: dict[str, Any], tool_context: Any) -> dict[str, Any]:
        return {"result": "from a cache"}

    def shouts(tool: Any, args: dict[str, Any], tool_context: Any, tool_response: Any) -> dict[str, Any]:
        return {"result": tool_response.upper()}

    assert shop.outputs(await run(shop, refunding(shop, 4, before_tool_callback=answers), shop.alice)) == [
        "from a cache"
    ]
    assert shop.outputs(await run(shop, refunding(shop, 4, after_tool_callback=shouts), shop.alice)) == [
        "REFUNDED 4 EUR"
    ]


async def test_agents_below_and_agents_as_tools_are_gated_for_the_same_user(shop: Any) -> None:
    inner = refunding(shop, 400, 4, name="helper")
    transfer = [shop.call("transfer_to_agent", {"agent_name": name}) for name in ("other", "helper")]
    root = shop.agent(says=shop.model(*transfer), sub_agents=[inner])
    assert shop.ended(await run(shop, root, shop.alice)) == ["error", "ran", "error", "ran"]
    shop.seen.clear()
    as_tool = shop.agent(
        AgentTool(refunding(shop, 400, 4, name="helper")), says=shop.model(shop.call("helper", {"request": "go"}))
    )
    assert (shop.ended(await run(shop, as_tool, shop.alice)), shop.seen) == (["ran"], [("refund", 4)])
    shop.seen.clear()


@pytest.mark.filterwarnings("ignore:.*is deprecated in favor of Workflow:DeprecationWarning")
async def test_agents_of_agents_and_workflows_are_gated(shop: Any) -> None:
    def two() -> list[Any]:
        return [refunding(shop, 400, 4, name=name) for name in ("one", "two")]

    def none(node_input: Any) -> dict[str, Any]:
        return {"amount": 400}

    for whole in (
        SequentialAgent(name="all", sub_agents=two()),
        ParallelAgent(name="all", sub_agents=two()),
        Workflow(name="all", edges=[("START", *two())]),
    ):
        assert shop.ended(await run(shop, whole, shop.alice)).count("error") == 2
    assert shop.seen == [("refund", 4)] * 6
    shop.seen.clear()
    await run(shop, Workflow(name="all", edges=[("START", none, FunctionTool(shop.refund))]), shop.alice)
    assert shop.seen == []
    await run(shop, Workflow(name="all", edges=[("START", none, FunctionTool(shop.refund))]), shop.bob)
    assert shop.seen == [("refund", 400)]


async def test_guards_see_rewrite_and_replace(shop: Any) -> None:
    @before_tool
    def halved(call: Any, user: Any) -> Any:
        return {**call.arguments, "amount": call.arguments["amount"] // 2}

    @after_tool
    def hidden(call: Any, user: Any, value: Any) -> Any:
        return Replace(f"<{value}>")

    @after_tool
    def wrapped(call: Any, user: Any, value: Any) -> Any:
        return Replace({"was": value})

    events = await run(shop, refunding(shop, 180), shop.alice, guards=[halved, hidden])
    assert (shop.outputs(events), shop.seen) == (["<refunded 90 EUR>"], [("refund", 90)])
    assert shop.outputs(await run(shop, refunding(shop, 80), shop.alice, guards=[wrapped])) == [
        {"was": "refunded 80 EUR"}
    ]


async def test_what_a_tool_raises_goes_its_own_way_and_is_in_the_record(shop: Any) -> None:
    kept: list[str] = []

    class Record:
        def reserve(self, passage: Any) -> None: ...

        def settle(self, ticket: Any, passage: Any) -> None:
            kept.append(f"{passage.status} {type(passage.error).__name__}")

    def refund(amount: int) -> str:
        """Refunds."""
        raise KeyError("gone")

    def handles(tool: Any, args: dict[str, Any], tool_context: Any, error: Exception) -> dict[str, Any]:
        return {"result": "handled"}

    hexgate = Hexgate.from_policy(shop.policy, agent="shop").using(recorder=Record())
    calls = shop.call("refund", {"amount": 4})
    with pytest.raises(KeyError, match="gone"):
        await run(shop, shop.agent(refund, says=shop.model(calls)), shop.alice, policy=hexgate)
    agent = shop.agent(refund, says=shop.model(calls), on_tool_error_callback=handles)
    assert shop.outputs(await run(shop, agent, shop.alice, policy=hexgate)) == ["handled"]
    assert kept == ["failed KeyError"] * 2


async def test_a_run_that_nobody_reads_on_ends_its_calls_in_the_record(shop: Any) -> None:
    kept: list[str] = []
    going, ended = asyncio.Event(), asyncio.Event()

    class Record:
        def reserve(self, passage: Any) -> None: ...

        def settle(self, ticket: Any, passage: Any) -> None:
            kept.append(str(passage.status))

    async def refund(amount: int) -> str:
        """Waits for ever."""
        going.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return ""

    hexgate = Hexgate.from_policy(shop.policy, agent="shop").using(recorder=Record())
    agent = shop.agent(refund, says=shop.model(shop.call("refund", {"amount": 4})))
    stream = runner(shop, agent, policy=hexgate).run_async(new_message="go", user=shop.alice)
    await anext(stream)
    await going.wait()
    await stream.aclose()
    await asyncio.wait_for(ended.wait(), 10)
    assert kept == ["cancelled"]


async def test_calls_to_which_the_model_gives_one_id_are_told_apart(shop: Any) -> None:
    kept: list[Any] = []

    class Record:
        def reserve(self, passage: Any) -> None: ...

        def settle(self, ticket: Any, passage: Any) -> None:
            kept.append((passage.call.arguments["amount"], str(passage.status), passage.value))

    hexgate = Hexgate.from_policy(shop.policy, agent="shop").using(recorder=Record())
    calls = [shop.call("refund", {"amount": amount}, "same") for amount in (1, 2)]
    await run(shop, shop.agent(shop.refund, says=shop.model(calls)), shop.alice, policy=hexgate)
    assert sorted(kept) == [(1, "ran", "refunded 1 EUR"), (2, "ran", "refunded 2 EUR")]


async def test_without_a_user_every_call_is_denied(shop: Any) -> None:
    [told] = shop.outputs(await run(shop, refunding(shop, 4)))
    assert ("nobody is known to be calling" in told["error"], shop.seen) == (True, [])


async def test_a_call_in_the_scope_of_somebody_else_is_denied(shop: Any) -> None:
    class Steps(BasePlugin):
        async def before_tool_callback(self, *, tool: Any, tool_args: Any, tool_context: Any) -> None:
            await shop.bob.__aenter__()

    [told] = shop.outputs(await run(shop, refunding(shop, 4), shop.alice, plugins=[Steps("steps")]))
    assert ("in the scope of another" in told["error"], shop.seen) == (True, [])


async def test_the_user_of_a_run_is_the_one_of_the_call_wherever_it_is_read(shop: Any) -> None:
    made = runner(shop, shop.agent(shop.whoami, says=shop.model(shop.call("whoami", {"user": "alice"}))))
    async with shop.alice:
        stream = made.run_async(new_message="go")
        plain = made.run(new_message="go")
    async with shop.bob:
        events = []
        async for event in stream:
            events.append(event)
            assert current_user() is shop.bob
        assert shop.outputs(events) == ["alice"]
        assert shop.outputs(list(plain)) == ["alice"]


async def test_a_tool_runs_as_the_user_of_the_run_in_every_kind_of_thread(shop: Any) -> None:
    def whoami(user: str) -> str:
        """Says who is known to ask."""
        known = current_user()
        return str(known and known.user_id)

    for config in (RunConfig(), RunConfig(tool_thread_pool_config=ToolThreadPoolConfig())):
        agent = shop.agent(whoami, says=shop.model(shop.call("whoami", {"user": "alice"})))
        made = runner(shop, agent)
        assert shop.outputs(await run(shop, agent, shop.alice, run_config=config)) == ["alice"]

        def here(made: HexgateRunner = made, config: RunConfig = config) -> list[Any]:
            return list(made.run(new_message="go", user=shop.alice, run_config=config))

        far = await asyncio.get_running_loop().run_in_executor(None, here)
        assert shop.outputs(far) == ["alice"]


async def test_a_session_goes_on_under_its_user(shop: Any) -> None:
    made = runner(shop, shop.agent(says=shop.model()))
    user = User("alice", "support", session_id="s")
    for _ in range(2):
        assert [event async for event in made.run_async(new_message="go", user=user)]
    session = await made.runner.session_service.get_session(app_name="shop", user_id="alice", session_id="s")
    assert session is not None
    assert len(session.events) == 4


async def test_the_policy_is_taken_anew_at_the_start_of_a_run(shop: Any, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("tools: {refund: {mode: allow}}")
    made = runner(shop, refunding(shop, 4), policy=policy)
    for text, ended in (("tools: {refund: {mode: allow}}", "ran"), ("tools: {refund: {mode: deny}}", "error")):
        policy.write_text(text)
        assert shop.ended([event async for event in made.run_async(new_message="go", user=shop.alice)]) == [ended]
        assert shop.ended(list(made.run(new_message="go", user=shop.alice))) == [ended]


class Feed:
    """A feed with one user."""

    def read(self) -> list[Ban]:
        return [Ban("user", "alice")]


async def test_who_is_banned_begins_no_run(shop: Any) -> None:
    hexgate = Hexgate.from_policy(shop.policy, agent="shop").using(bans=BanGate(Feed()))
    with pytest.raises(BannedError, match="HX802"):
        await run(shop, refunding(shop, 4), shop.alice, policy=hexgate)
    with pytest.raises(BannedError, match="HX802"):
        list(runner(shop, refunding(shop, 4), policy=hexgate).run(new_message="go", user=shop.alice))


def test_what_cannot_be_run_is_told_at_once(shop: Any) -> None:
    wrong: Any = object()
    with pytest.raises(TypeError, match=r"google\.adk"):
        HexgateRunner(agent=wrong, app_name="shop", policy=shop.policy)
    with pytest.raises(PolicyError, match="HEXGATE_LOCAL_POLICY"):
        HexgateRunner(agent=refunding(shop, 4))


def test_the_frameworks_span_of_a_tool_says_what_was_decided(tmp_path: Path) -> None:
    program = Path(__file__).with_name("tracing.py")
    said = subprocess.run(
        [sys.executable, str(program)], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=120
    )
    assert json.loads(said.stdout) == [["alice", "allow", "ran"], ["bob", "deny", "refused"]]
