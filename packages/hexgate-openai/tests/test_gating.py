"""What nothing can stand in front of is refused before the model is asked, by its name and with what to do about it."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from agents import (
    Agent,
    ApplyPatchTool,
    CodeInterpreterTool,
    FileSearchTool,
    HostedMCPTool,
    ImageGenerationTool,
    LocalShellTool,
    Prompt,
    Runner,
    ShellTool,
    ToolSearchTool,
    WebSearchTool,
)
from agents.sandbox import SandboxAgent

from hexgate.core import Hexgate
from hexgate.core.adapters import DoorError, UngatedError
from hexgate.openai import HexgateRunner, agent_tool

pytestmark = pytest.mark.anyio


async def nothing(*given: Any) -> Any:
    """An executor that must never be called."""
    raise AssertionError("it ran")


class Editor:
    """An editor that must never be called."""

    create_file = update_file = delete_file = nothing


HOSTED: list[Any] = [
    WebSearchTool(),
    FileSearchTool(vector_store_ids=["v"]),
    CodeInterpreterTool(tool_config={"type": "code_interpreter", "container": {"type": "auto"}}),
    HostedMCPTool(tool_config={"type": "mcp", "server_label": "s", "server_url": "http://127.0.0.1:1"}),
    ImageGenerationTool(tool_config={"type": "image_generation"}),
    LocalShellTool(executor=nothing),
    ShellTool(executor=nothing),
    ApplyPatchTool(editor=Editor()),
    ToolSearchTool(),
]


@pytest.mark.parametrize("tool", HOSTED, ids=lambda tool: type(tool).__name__)
async def test_a_tool_that_runs_elsewhere_is_refused_before_the_model_is_asked(shop: Any, tool: Any) -> None:
    says = shop.model()
    with pytest.raises(UngatedError, match="HX952") as caught:
        await HexgateRunner(policy=shop.policy).run(shop.agent(tool, says=says), "go", user=shop.alice)
    assert f"`{tool.name}` of agent `shop`" in str(caught.value)
    assert f'allow_ungated=["{tool.name}"]' in str(caught.value)
    assert says.calls == ()


async def test_what_is_let_by_is_handed_to_the_model_told_loudly_and_recorded(
    shop: Any, caplog: pytest.LogCaptureFixture
) -> None:
    says = shop.model()
    kept: list[Any] = []

    class Record:
        def reserve(self, passage: Any) -> None:
            kept.append((passage.call.tool, passage.call.agent, passage.decision.code, passage.user.user_id))

        def settle(self, ticket: Any, passage: Any) -> None:
            kept.append(str(passage.status))

    hexgate = Hexgate.from_policy(shop.policy, agent="shop").using(recorder=Record())
    runner = HexgateRunner(policy=hexgate, allow_ungated=["web_search"])
    with caplog.at_level(logging.WARNING):
        await runner.run(shop.agent(WebSearchTool(), says=says), "go", user=shop.alice)
    assert [tool.name for tool in says.calls[0].tools] == ["web_search"]
    assert kept == [("web_search", "shop", "ungated", "alice"), "ungated"]
    assert "`web_search` of agent `shop` is not behind the gate" in caplog.text


async def test_an_agent_as_a_tool_that_nobody_gated_is_refused_and_the_way_is_told(shop: Any) -> None:
    billing = shop.agent(shop.refund, name="billing", says=shop.model())
    mine = shop.agent(billing.as_tool("ask_billing", "Asks."), says=shop.model())
    with pytest.raises(UngatedError, match=r"agent_tool\(agent"):
        await HexgateRunner(policy=shop.policy).run(mine, "go", user=shop.alice)


async def test_a_prompt_that_is_stored_with_the_provider_is_refused(shop: Any) -> None:
    stored: Prompt = {"id": "pmpt_1"}
    mine = Agent(name="shop", prompt=stored, model=shop.model())
    with pytest.raises(UngatedError, match="`prompt` of agent `shop`"):
        await HexgateRunner(policy=shop.policy).run(mine, "go", user=shop.alice)
    result = await HexgateRunner(policy=shop.policy, allow_ungated=["prompt"]).run(mine, "go", user=shop.alice)
    assert result.final_output == "done"


async def test_an_agent_with_a_sandbox_of_its_own_is_refused_also_behind_a_handoff(shop: Any) -> None:
    sandboxed = SandboxAgent(name="box", model=shop.model())
    for mine in (sandboxed, shop.agent(says=shop.model(), handoffs=[sandboxed])):
        with pytest.raises(UngatedError, match="`box` of agent `box`"):
            await HexgateRunner(policy=shop.policy).run(mine, "go", user=shop.alice)


async def test_under_a_policy_that_denies_all_nothing_runs(shop: Any) -> None:
    billing = shop.agent(shop.refund, name="billing", says=shop.model())
    calls = [
        shop.call("refund", {"amount": 1}),
        shop.call("wire", {"amount": 1}),
        shop.call("whoami", {"user": "alice"}),
        shop.call("ask_billing", {"input": "x"}),
    ]
    tools = [shop.refund, shop.wire, shop.whoami, agent_tool(billing, "ask_billing")]
    mine = shop.agent(*tools, says=shop.model(calls, shop.call("transfer_to_billing", {})), handoffs=[billing])
    result = await HexgateRunner(policy={"tools": {}}).run(mine, "go", user=shop.alice)
    assert (shop.seen, billing.model.calls, result.final_output) == ([], (), "done")
    assert [said.split("]")[0] for said in shop.outputs(result)] == ["[policy_denied"] * 4


async def test_a_gated_agent_outside_of_a_run_gives_no_tools(shop: Any) -> None:
    gated = agent_tool(shop.agent(shop.refund, says=shop.model()), "ask")
    with pytest.raises(DoorError, match="HX953"):
        await Runner.run(gated._agent_instance, "go")
