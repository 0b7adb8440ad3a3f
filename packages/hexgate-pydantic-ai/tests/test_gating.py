"""What nothing can stand in front of is refused, by its name and with what to do about it."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from pydantic_ai import Agent, CodeExecutionTool, TextOutput, ToolOutput, WebSearchTool
from pydantic_ai.capabilities import NativeTool

from hexgate.core import Hexgate, NotRunError
from hexgate.core.adapters import UngatedError
from hexgate.pydantic_ai import wrap_pydantic_agent

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("tool", [WebSearchTool(), CodeExecutionTool()], ids=lambda tool: tool.kind)
async def test_a_tool_that_runs_with_the_provider_is_refused_before_the_model_is_asked(shop: Any, tool: Any) -> None:
    model = shop.model(RuntimeError("the model was asked"))
    for mine, more in (
        (Agent(model, name="shop", capabilities=[NativeTool(tool)]), {}),
        (Agent(model, name="shop"), {"capabilities": [NativeTool(tool)]}),
    ):
        gated = wrap_pydantic_agent(agent=mine, policy=shop.policy)
        with pytest.raises(UngatedError, match="HX952") as caught:
            await gated.run("go", user=shop.alice, **more)
        assert f"`{tool.kind}` of agent `shop`" in str(caught.value)
        assert f'allow_ungated=["{tool.kind}"]' in str(caught.value)


async def test_what_is_let_by_is_handed_to_the_model_told_loudly_and_recorded(
    shop: Any, caplog: pytest.LogCaptureFixture
) -> None:
    kept: list[Any] = []

    class Record:
        def reserve(self, passage: Any) -> None:
            kept.append((passage.call.tool, passage.call.agent, passage.decision.code, passage.user.user_id))

        def settle(self, ticket: Any, passage: Any) -> None:
            kept.append(str(passage.status))

    hexgate = Hexgate.from_policy(shop.policy, agent="shop").using(recorder=Record())
    mine = Agent(shop.model(), name="shop", capabilities=[NativeTool(WebSearchTool())])
    gated = wrap_pydantic_agent(agent=mine, policy=hexgate, allow_ungated=["web_search"])
    with caplog.at_level(logging.WARNING):
        assert (await gated.run("go", user=shop.alice)).output == "done"
    assert kept == [("web_search", "shop", "ungated", "alice"), "ungated"]
    assert "`web_search` of agent `shop` is not behind the gate" in caplog.text


def test_a_realtime_session_is_refused(shop: Any) -> None:
    with pytest.raises(UngatedError, match="`realtime` of agent `shop`"):
        wrap_pydantic_agent(agent=shop.agent(says=shop.model()), policy=shop.policy).realtime("openai:gpt-realtime")


async def test_an_output_function_is_a_call_of_its_name(shop: Any) -> None:
    def close(ticket: int) -> str:
        """Closes a ticket."""
        shop.seen.append(("close", ticket))
        return f"closed {ticket}"

    def shout(text: str) -> str:
        shop.seen.append(("shout", text))
        return text.upper()

    allowed = {"tools": {"close": {"mode": "allow", "constraints": ["args.ticket <= 5"]}, "shout": {"mode": "allow"}}}
    for output_type, model, policy, wanted in (
        (ToolOutput(close, name="final"), shop.model(shop.call("final", {"ticket": 4})), allowed, "closed 4"),
        (ToolOutput(close, name="final"), shop.model(shop.call("final", {"ticket": 40})), allowed, None),
        (ToolOutput(close, name="final"), shop.model(shop.call("final", {"ticket": 4})), {"tools": {}}, None),
        (TextOutput(shout), shop.model(), allowed, "DONE"),
        (TextOutput(shout), shop.model(), {"tools": {}}, None),
    ):
        shop.seen.clear()
        gated = wrap_pydantic_agent(agent=Agent(model, name="shop", output_type=output_type), policy=policy)
        if wanted is None:
            with pytest.raises(NotRunError, match="policy_denied"):
                await gated.run("go", user=shop.alice)
            assert shop.seen == []
        else:
            assert (await gated.run("go", user=shop.alice)).output == wanted
            assert len(shop.seen) == 1


async def test_under_a_policy_that_denies_all_nothing_runs(shop: Any) -> None:
    calls = [
        shop.call("refund", {"amount": 1}),
        shop.call("wire", {"amount": 1}),
        shop.call("whoami", {"user": "alice"}),
    ]
    mine = shop.agent(shop.refund, shop.wire, shop.whoami, says=shop.model(calls))
    result = await wrap_pydantic_agent(agent=mine, policy={"tools": {}}).run("go", user=shop.alice)
    assert (shop.seen, result.output) == ([], "done")
    assert [outcome for outcome, _ in shop.outputs(result.all_messages())] == ["failed"] * 3
