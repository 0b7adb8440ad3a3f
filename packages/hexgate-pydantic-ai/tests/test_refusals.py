"""A run pauses where a human is asked for, and goes on in another process; only an answer in the store lets the tool run."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from pydantic_ai import DeferredToolRequests, DeferredToolResults, ToolApproved, ToolDenied

from hexgate.core import ApprovalFile, User
from hexgate.core.gate.approvals import Pending
from hexgate.pydantic_ai import GatedAgent, wrap_pydantic_agent

pytestmark = pytest.mark.anyio


def requests() -> list[Pending]:
    """What waits for an answer."""
    return [
        request for request in ApprovalFile(".hexgate/approvals.db").every(time.time()) if request.state == "waiting"
    ]


def answer(*, yes: bool) -> None:
    """A human's answer to the one request that waits."""
    [request] = requests()
    ApprovalFile(".hexgate/approvals.db").answer(request.id, yes=yes, by="bob", now=time.time())


async def paused(shop: Any, policy: Any = None) -> tuple[GatedAgent, dict[str, Any]]:
    """A gated agent, and what is needed to go on with its run, which paused."""
    calls = [shop.call("wire", {"amount": 5}, "w"), shop.call("refund", {"amount": 4}, "r")]
    mine = shop.agent(shop.wire, shop.refund, says=shop.model(calls))
    gated = wrap_pydantic_agent(agent=mine, policy=policy or shop.policy, approvals="pause")
    result = await gated.run("go", user=shop.alice)
    assert isinstance(result.output, DeferredToolRequests)
    assert ([call.tool_name for call in result.output.approvals], shop.seen) == (["wire"], [("refund", 4)])
    yes: Any = {call.tool_call_id: True for call in result.output.approvals}
    return gated, {
        "message_history": result.all_messages(),
        "deferred_tool_results": DeferredToolResults(approvals=yes),
    }


async def test_a_run_that_pauses_keeps_a_request_and_names_it(shop: Any) -> None:
    mine = shop.agent(shop.wire, says=shop.model(shop.call("wire", {"amount": 5}, "w")))
    result = await wrap_pydantic_agent(agent=mine, policy=shop.policy, approvals="pause").run("go", user=shop.alice)
    [request] = requests()
    assert (request.binding.tool, request.binding.call_id, request.arguments) == ("wire", "w", {"amount": 5})
    assert result.output.metadata == {"w": {"approval_id": request.id, "reason": "the rule asks for a human decision"}}


async def test_a_run_goes_on_when_the_request_was_approved_and_the_tool_runs_once(shop: Any) -> None:
    gated, saved = await paused(shop)
    answer(yes=True)
    result = await gated.run(user=shop.alice, **saved)
    assert (result.output, shop.seen) == ("done", [("refund", 4), ("wire", 5)])
    replayed = await gated.run(user=shop.alice, **saved)
    assert isinstance(replayed.output, DeferredToolRequests)
    assert shop.seen.count(("wire", 5)) == 1


async def test_a_request_that_was_refused_is_told_to_the_model(shop: Any) -> None:
    gated, saved = await paused(shop)
    answer(yes=False)
    result = await gated.run(user=shop.alice, **saved)
    assert "a human refused it" in str(shop.outputs(result.new_messages()))
    assert shop.seen == [("refund", 4)]


async def test_the_yes_of_the_framework_alone_runs_nothing_and_the_run_pauses_again(shop: Any) -> None:
    gated, saved = await paused(shop)
    result = await gated.run(user=shop.alice, **saved)
    assert isinstance(result.output, DeferredToolRequests)
    assert (len(requests()), shop.seen) == (1, [("refund", 4)])
    saved["deferred_tool_results"] = DeferredToolResults(approvals={"w": ToolDenied("no")})
    assert (await gated.run(user=shop.alice, **saved)).output == "done"
    assert shop.seen == [("refund", 4)]


async def test_arguments_that_were_edited_are_another_request(shop: Any) -> None:
    gated, saved = await paused(shop)
    answer(yes=True)
    saved["deferred_tool_results"] = DeferredToolResults(approvals={"w": ToolApproved(override_args={"amount": 5000})})
    result = await gated.run(user=shop.alice, **saved)
    assert isinstance(result.output, DeferredToolRequests)
    assert ([request.arguments for request in requests()], shop.seen) == ([{"amount": 5000}], [("refund", 4)])


async def test_an_approval_for_one_user_is_nothing_to_another(shop: Any) -> None:
    gated, saved = await paused(shop)
    answer(yes=True)
    result = await gated.run(user=User("mallory", "support"), **saved)
    assert isinstance(result.output, DeferredToolRequests)
    assert shop.seen == [("refund", 4)]


async def test_a_policy_that_changed_meanwhile_decides(shop: Any, tmp_path: Path) -> None:
    policy = tmp_path / "p.yaml"
    policy.write_text("tools: {wire: {mode: approval_required}, refund: {mode: allow}}")
    gated, saved = await paused(shop, policy)
    answer(yes=True)
    policy.write_text("tools: {wire: {mode: deny}, refund: {mode: allow}}")
    result = await gated.run(user=shop.alice, **saved)
    assert "[policy_denied] Tool 'wire'" in str(shop.outputs(result.new_messages()))
    assert shop.seen == [("refund", 4)]


@pytest.mark.parametrize("output_type", [None, int, [int, DeferredToolRequests]])
async def test_a_run_that_may_pause_keeps_its_output_types(shop: Any, output_type: Any) -> None:
    mine = shop.agent(shop.wire, says=shop.model(shop.call("wire", {"amount": 5}, "w")))
    gated = wrap_pydantic_agent(agent=mine, policy=shop.policy, approvals="pause")
    result = await gated.run("go", user=shop.alice, output_type=output_type)
    assert isinstance(result.output, DeferredToolRequests)


async def test_without_pausing_the_model_is_told_and_nothing_waits(shop: Any) -> None:
    mine = shop.agent(shop.wire, says=shop.model(shop.call("wire", {"amount": 5}, "w")))
    result = await wrap_pydantic_agent(agent=mine, policy=shop.policy).run("go", user=shop.alice)
    [(outcome, words)] = shop.outputs(result.all_messages())
    assert (outcome, words.startswith("[approval_required] Tool 'wire'")) == ("failed", True)


def test_a_run_that_paused_goes_on_in_another_process() -> None:
    program = Path(__file__).with_name("resuming.py")
    for step in ("pause", "approve", "resume"):
        done = subprocess.run([sys.executable, str(program), step], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"seen": [["wire", 5]], "output": "done"}
