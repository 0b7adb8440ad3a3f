"""A run pauses where a human is asked for, and goes on in another process; only an answer in the store lets the tool run."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from agents import AgentsException, RunResult, function_tool, handoff

from hexgate.core import ApprovalFile, User
from hexgate.core.adapters import UngatedError
from hexgate.core.gate.approvals import Pending
from hexgate.openai import HexgateRunner

pytestmark = pytest.mark.anyio
ASKED = "[approval_required] Tool 'wire' requires human approval before execution: the rule asks for a human decision."


def requests() -> list[Pending]:
    """What waits for an answer."""
    return [
        request for request in ApprovalFile(".hexgate/approvals.db").every(time.time()) if request.state == "waiting"
    ]


def answer(*, yes: bool, by: str = "bob") -> None:
    """A human's answer to the one request that waits."""
    [request] = requests()
    ApprovalFile(".hexgate/approvals.db").answer(request.id, yes=yes, by=by, now=time.time())


def wiring(shop: Any, *more: Any) -> Any:
    """An agent that wants to send money, and refunds something beside it."""
    calls = [shop.call("wire", {"amount": 5}, "w"), shop.call("refund", {"amount": 4}, "r")]
    return shop.agent(shop.wire, shop.refund, says=shop.model(calls, *more))


async def paused(shop: Any, runner: HexgateRunner) -> tuple[Any, dict[str, Any]]:
    """An agent, and its run as it was saved when it paused."""
    mine = wiring(shop)
    result = await runner.run(mine, "go", user=shop.alice)
    assert ([item.tool_name for item in result.interruptions], shop.seen) == (["wire"], [("refund", 4)])
    saved: dict[str, Any] = json.loads(json.dumps(result.to_state().to_json()))
    return mine, saved


def said(result: RunResult) -> Any:
    """What the model was told about the call that had paused."""
    return next(
        item.output for item in result.new_items if item.type == "tool_call_output_item" and item.call_id == "w"
    )


async def test_a_run_that_pauses_keeps_a_request_that_a_human_can_read(shop: Any) -> None:
    await paused(shop, HexgateRunner(policy=shop.policy, approvals="pause"))
    [request] = requests()
    binding = request.binding
    assert (binding.tool, binding.agent, binding.user_id, binding.call_id) == ("wire", "shop", "alice", "w")
    assert request.arguments == {"amount": 5}


async def test_a_run_goes_on_when_the_request_was_approved_and_the_tool_runs_once(shop: Any) -> None:
    runner = HexgateRunner(policy=shop.policy, approvals="pause")
    mine, saved = await paused(shop, runner)
    answer(yes=True)
    result = await runner.run(mine, saved, user=shop.alice)
    assert (said(result), result.final_output) == ("sent 5", "done")
    assert shop.seen == [("refund", 4), ("wire", 5)]
    # The same saved run again: the approval was used.
    mine.model = shop.model()
    replayed = await runner.run(mine, saved, user=shop.alice)
    assert [item.tool_name for item in replayed.interruptions] == ["wire"]
    assert shop.seen.count(("wire", 5)) == 1


async def test_a_request_that_was_refused_is_told_to_the_model(shop: Any) -> None:
    runner = HexgateRunner(policy=shop.policy, approvals="pause")
    mine, saved = await paused(shop, runner)
    answer(yes=False)
    result = await runner.run(mine, saved, user=shop.alice)
    assert ("a human refused it" in said(result), shop.seen) == (True, [("refund", 4)])


async def test_a_run_that_nobody_answered_pauses_again(shop: Any) -> None:
    runner = HexgateRunner(policy=shop.policy, approvals="pause")
    mine, saved = await paused(shop, runner)
    result = await runner.run(mine, saved, user=shop.alice)
    assert ([item.tool_name for item in result.interruptions], len(requests())) == (["wire"], 1)


@pytest.mark.parametrize("always", [False, True])
async def test_the_flag_of_the_sdk_alone_runs_nothing(shop: Any, always: bool) -> None:
    runner = HexgateRunner(policy=shop.policy, approvals="pause")
    mine, saved = await paused(shop, runner)
    state = await runner.state(mine, saved, user=shop.alice)
    for item in state.get_interruptions():
        state.approve(item, always_approve=always)
    result = await runner.run(mine, state, user=shop.alice)
    assert (said(result).startswith(ASKED), shop.seen) == (True, [("refund", 4)])


async def test_an_approval_for_one_user_is_nothing_to_another(shop: Any) -> None:
    runner = HexgateRunner(policy=shop.policy, approvals="pause")
    mine, saved = await paused(shop, runner)
    answer(yes=True)
    result = await runner.run(mine, saved, user=User("mallory", "support"))
    assert ([item.tool_name for item in result.interruptions], ("wire", 5) in shop.seen) == (["wire"], False)


async def test_arguments_that_were_edited_in_the_saved_run_are_another_request(shop: Any) -> None:
    runner = HexgateRunner(policy=shop.policy, approvals="pause")
    mine, saved = await paused(shop, runner)
    answer(yes=True)
    edited = json.loads(json.dumps(saved).replace('\\"amount\\": 5', '\\"amount\\": 5000'))
    assert edited != saved
    # The SDK may notice it by itself.
    [result] = await asyncio.gather(runner.run(mine, edited, user=shop.alice), return_exceptions=True)
    if isinstance(result, BaseException):
        assert isinstance(result, AgentsException)
    else:
        assert [item.tool_name for item in result.interruptions] == ["wire"]
    assert [amount for tool, amount in shop.seen if tool == "wire"] == []


async def test_a_policy_that_changed_meanwhile_decides(shop: Any, tmp_path: Path) -> None:
    policy = tmp_path / "p.yaml"
    policy.write_text("tools: {wire: {mode: approval_required}, refund: {mode: allow}}")
    runner = HexgateRunner(policy=policy, approvals="pause")
    mine, saved = await paused(shop, runner)
    answer(yes=True)
    policy.write_text("tools: {wire: {mode: deny}, refund: {mode: allow}}")
    result = await runner.run(mine, saved, user=shop.alice)
    assert (said(result).startswith("[policy_denied] Tool 'wire'"), shop.seen) == (True, [("refund", 4)])


async def test_a_run_that_paused_can_be_streamed_on(shop: Any) -> None:
    runner = HexgateRunner(policy=shop.policy, approvals="pause")
    mine, saved = await paused(shop, runner)
    answer(yes=True)
    state = await runner.state(mine, saved, user=shop.alice)
    result = runner.run_streamed(mine, state)
    async for _ in result.stream_events():
        pass
    assert shop.seen == [("refund", 4), ("wire", 5)]
    with pytest.raises(TypeError, match="saved run"):
        runner.run_streamed(mine, result.to_state())


def test_a_run_that_paused_goes_on_in_sync_code(shop: Any) -> None:
    program = Path(__file__).with_name("resuming.py")
    for step in ("pause", "approve", "resume"):
        done = subprocess.run([sys.executable, str(program), step], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"seen": [["wire", 5]], "output": "done"}


async def test_a_tool_that_wants_to_be_approved_itself_is_left_to_who_runs_it(shop: Any) -> None:
    @function_tool(needs_approval=True)
    def refund(amount: int) -> str:
        """Refunds."""
        shop.seen.append(("refund", amount))
        return "refunded"

    runner = HexgateRunner(policy=shop.policy, approvals="pause")
    mine = shop.agent(refund, says=shop.model(shop.call("refund", {"amount": 4}, "w")))
    result = await runner.run(mine, "go", user=shop.alice)
    state = await runner.state(mine, result.to_state(), user=shop.alice)
    assert len(state.get_interruptions()) == 1
    again = await runner.run(mine, state, user=shop.alice)
    assert (len(again.interruptions), shop.seen) == (1, [])
    state.approve(state.get_interruptions()[0])
    assert said(await runner.run(mine, state, user=shop.alice)) == "refunded"


async def test_without_pausing_the_model_is_told_and_nothing_waits(shop: Any) -> None:
    result = await HexgateRunner(policy=shop.policy).run(wiring(shop), "go", user=shop.alice)
    assert (said(result).startswith(ASKED), result.interruptions) == (True, [])


async def test_an_agent_behind_a_handoff_can_pause_and_go_on(shop: Any) -> None:
    runner = HexgateRunner(policy=shop.policy, approvals="pause")
    for wrapped in (False, True):
        billing = shop.agent(
            shop.wire, name="billing", says=shop.model(shop.call("wire", {"amount": 5 + wrapped}, "w"))
        )
        leads = [handoff(billing) if wrapped else billing]
        mine = shop.agent(says=shop.model(shop.call("transfer_to_billing", {})), handoffs=leads)
        result = await runner.run(mine, "go", user=shop.alice)
        saved = result.to_state().to_json()
        answer(yes=True)
        if wrapped:
            # The SDK leads from the name in a saved run to the agent in the handoff, past the gate.
            with pytest.raises(UngatedError, match="put the agent itself into `handoffs`"):
                await runner.run(mine, saved, user=shop.alice)
        else:
            assert said(await runner.run(mine, saved, user=shop.alice)) == "sent 5"
    assert shop.seen == [("wire", 5)]
