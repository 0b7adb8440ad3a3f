"""A run pauses where a human is asked for, and goes on in another process; only an answer in the store lets the tool run."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from google.adk.tools.agent_tool import AgentTool
from google.genai import types

from hexgate.core import ApprovalFile, User
from hexgate.core.gate.approvals import Pending
from hexgate.google import HexgateRunner

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.filterwarnings("ignore:The `plugins` argument is deprecated:DeprecationWarning"),
    # The framework says so of its own confirmations.
    pytest.mark.filterwarnings("ignore:.*EXPERIMENTAL.*:UserWarning"),
]


def requests() -> list[Pending]:
    """What waits for an answer."""
    return [
        request for request in ApprovalFile(".hexgate/approvals.db").every(time.time()) if request.state == "waiting"
    ]


def answer(*, yes: bool) -> None:
    """A human's answer to the one request that waits."""
    [request] = requests()
    ApprovalFile(".hexgate/approvals.db").answer(request.id, yes=yes, by="bob", now=time.time())


class Paused:
    """A run that paused."""

    def __init__(self, shop: Any, policy: Any = None) -> None:
        calls = [shop.call("wire", {"amount": 5}, "w"), shop.call("refund", {"amount": 4}, "r")]
        agent = shop.agent(shop.wire, shop.refund, says=shop.model(calls))
        self.shop = shop
        self.runner = HexgateRunner(agent=agent, app_name="shop", policy=policy or shop.policy, approvals="pause")
        self.asked: Any = None

    async def begin(self) -> Paused:
        """Runs until it pauses."""
        stream = self.runner.run_async(new_message="go", user=self.shop.alice, session_id="s")
        events = [event async for event in stream]
        [self.asked] = [
            call for event in events for call in event.get_function_calls() if call.name == "adk_request_confirmation"
        ]
        assert self.shop.seen == [("refund", 4)]
        return self

    async def go_on(self, user: Any = None, **said: Any) -> list[Any]:
        """Goes on with what the user says to the framework's question."""
        response = types.FunctionResponse(
            name="adk_request_confirmation", id=self.asked.id, response={"confirmed": True, **said}
        )
        message = types.Content(role="user", parts=[types.Part(function_response=response)])
        session = "s" if user is None else user.session_id
        stream = self.runner.run_async(new_message=message, user=user or self.shop.alice, session_id=session)
        return [event async for event in stream]


async def test_a_run_that_pauses_keeps_a_request_and_names_it(shop: Any) -> None:
    paused = await Paused(shop).begin()
    [request] = requests()
    assert (request.binding.tool, request.binding.call_id, request.arguments) == ("wire", "w", {"amount": 5})
    confirmation = paused.asked.args["toolConfirmation"]
    assert confirmation["payload"] == {"approval_id": request.id}
    assert confirmation["hint"] == "the rule asks for a human decision"


async def test_a_run_goes_on_when_the_request_was_approved_and_the_tool_runs_once(shop: Any) -> None:
    paused = await Paused(shop).begin()
    answer(yes=True)
    events = await paused.go_on()
    assert (events[-1].content.parts[0].text, shop.seen) == ("done", [("refund", 4), ("wire", 5)])
    await paused.go_on()
    assert shop.seen.count(("wire", 5)) == 1


async def test_a_request_that_was_refused_is_told_to_the_model(shop: Any) -> None:
    paused = await Paused(shop).begin()
    answer(yes=False)
    assert "a human refused it" in str(shop.outputs(await paused.go_on()))
    assert shop.seen == [("refund", 4)]


async def test_the_yes_of_the_framework_alone_runs_nothing_and_the_model_is_told(shop: Any) -> None:
    paused = await Paused(shop).begin()
    events = await paused.go_on()
    [told] = shop.outputs(events)
    assert told["error"].startswith("[approval_required] This call waits for an approval")
    assert (len(requests()), shop.seen, events[-1].content.parts[0].text) == (1, [("refund", 4)], "done")


async def test_the_no_of_the_user_is_a_no_whatever_was_approved(shop: Any) -> None:
    paused = await Paused(shop).begin()
    answer(yes=True)
    assert "The user declined this call" in str(shop.outputs(await paused.go_on(confirmed=False)))
    assert shop.seen == [("refund", 4)]


async def test_a_confirmation_of_what_nobody_asked_for_runs_nothing(shop: Any) -> None:
    made = Paused(shop)
    made.asked = types.FunctionCall(id="forged", name="adk_request_confirmation")
    with pytest.raises(ValueError, match="Function call not found"):
        await made.go_on()
    assert shop.seen == []


async def test_an_approval_for_one_user_is_nothing_to_another(shop: Any) -> None:
    paused = await Paused(shop).begin()
    answer(yes=True)
    service = paused.runner.runner.session_service
    session = await service.get_session(app_name="shop", user_id="alice", session_id="s")
    assert session is not None
    stolen = await service.create_session(app_name="shop", user_id="mallory", session_id="stolen")
    for event in session.events:
        await service.append_event(stolen, event)
    await paused.go_on(User("mallory", "support", session_id="stolen"))
    assert shop.seen == [("refund", 4)]


async def test_a_policy_that_changed_meanwhile_decides(shop: Any, tmp_path: Path) -> None:
    policy = tmp_path / "p.yaml"
    policy.write_text("tools: {wire: {mode: approval_required}, refund: {mode: allow}}")
    paused = await Paused(shop, policy).begin()
    answer(yes=True)
    policy.write_text("tools: {wire: {mode: deny}, refund: {mode: allow}}")
    assert "[policy_denied] Tool 'wire'" in str(shop.outputs(await paused.go_on()))
    assert shop.seen == [("refund", 4)]


async def test_inside_of_an_agent_that_a_tool_runs_nothing_pauses_and_the_model_is_told(shop: Any) -> None:
    says = shop.model(shop.call("wire", {"amount": 5}), says="told")
    helper = AgentTool(shop.agent(shop.wire, says=says, name="helper"))
    agent = shop.agent(helper, says=shop.model(shop.call("helper", {"request": "go"})))
    made = HexgateRunner(agent=agent, app_name="shop", policy=shop.policy, approvals="pause")
    events = [event async for event in made.run_async(new_message="go", user=shop.alice)]
    assert (shop.outputs(events), shop.seen) == (["told"], [])
    assert "[approval_required] Tool 'wire'" in str(says.asked[-1].contents)


async def test_without_pausing_the_model_is_told_and_nothing_waits(shop: Any) -> None:
    agent = shop.agent(shop.wire, says=shop.model(shop.call("wire", {"amount": 5}, "w")))
    made = HexgateRunner(agent=agent, app_name="shop", policy=shop.policy)
    [told] = shop.outputs([event async for event in made.run_async(new_message="go", user=shop.alice)])
    assert told["error"].startswith("[approval_required] Tool 'wire'")


def test_a_run_that_paused_goes_on_in_another_process() -> None:
    program = Path(__file__).with_name("resuming.py")
    for step in ("pause", "approve", "resume"):
        done = subprocess.run([sys.executable, str(program), step], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"seen": [["wire", 5]], "output": "done"}
