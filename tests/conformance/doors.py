"""What every door has to do beside the gate's own behaviours, each once and with an id; a way is one of running an agent."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import langfuse
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from hexgate.core import ApprovalFile, Hexgate, User, create_manifest, current_user
from tests.conformance.drivers.ways import Calls, Opened, Way

__all__ = ["BEHAVIOURS_OF_DOORS"]

POLICY: Mapping[str, Any] = {
    "roles": {
        "support": {
            "tools": {
                "refund": {"mode": "allow", "constraints": ["args.amount <= 100"]},
                "wire": {"mode": "approval_required"},
                "whoami": {"mode": "allow", "constraints": ["user.id == args.user"]},
                "helper": {"mode": "allow"},
            }
        },
        "billing": {"inherits": ["support"], "tools": {"refund": {"mode": "allow"}}},
    }
}
ALICE, BOB = User("alice", "support"), User("bob", "billing")


class Shop:
    """Tools, and what they were called with."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def refund(self, amount: int) -> str:
        self.seen.append(amount)
        return f"refunded {amount}"

    async def wire(self, amount: int) -> str:
        self.seen.append(amount)
        return f"sent {amount}"

    def whoami(self, user: str) -> str:
        known = current_user()
        self.seen.append(known and known.user_id)
        return str(known and known.user_id)


def opened(way: Way, shop: Shop, calls: Calls, policy: Any = None) -> Opened:
    """An agent of the shop."""
    hexgate = Hexgate.from_policy(POLICY if policy is None else policy, agent="agent")
    return way.opened(hexgate, tools_of(shop), calls)


def tools_of(shop: Shop) -> dict[str, Any]:
    """The tools of the shop, by name."""
    return {"refund": shop.refund, "wire": shop.wire, "whoami": shop.whoami}


def waiting(way: Way, shop: Shop, store: ApprovalFile) -> Opened:
    """An agent of the shop that has paused before a call that a human has to approve."""
    hexgate = Hexgate.from_policy(POLICY, agent="agent").using(approvals=store)
    tools = {"wire": shop.refund}
    agent = way.opened(hexgate, tools, [[("wire", {"amount": 5})]], pauses=True)
    way.run_here(agent, ALICE)
    assert shop.seen == []
    return agent


def refunds(*amounts: int) -> list[list[tuple[str, dict[str, Any]]]]:
    """Turns with a refund each."""
    return [[("refund", {"amount": amount})] for amount in amounts]


def under_a_policy_that_denies_all_nothing_runs(way: Way, _: Path) -> None:
    shop = Shop()
    turn: list[tuple[str, dict[str, Any]]] = [
        ("refund", {"amount": 1}),
        ("wire", {"amount": 1}),
        ("whoami", {"user": "alice"}),
    ]
    told = way.run_here(opened(way, shop, [turn], {"tools": {}}), ALICE)
    assert ([each.ran for each in told], shop.seen) == ([False] * 3, [])


def a_denied_call_is_told_and_the_model_goes_on(way: Way, _: Path) -> None:
    shop = Shop()
    told = way.run_here(opened(way, shop, refunds(400, 401, 402, 40)), ALICE)
    assert ([each.ran for each in told], shop.seen) == ([False, False, False, True], [40])
    assert "[policy_denied] Tool 'refund'" in str(told[0].words)


def calls_of_one_turn_are_each_decided_about(way: Way, _: Path) -> None:
    shop = Shop()
    turn = [("refund", {"amount": amount}) for amount in (1, 400, 2)]
    told = way.run_here(opened(way, shop, [turn]), ALICE)
    assert (sorted(each.ran for each in told), sorted(shop.seen)) == ([False, True, True], [1, 2])


def users_at_once_on_one_agent_are_never_mixed(way: Way, _: Path) -> None:
    async def one(number: int) -> bool:
        user = (ALICE, BOB)[number % 2]
        [told] = await way.run(agent, user)
        return told.ran is (user is BOB)

    async def main() -> list[bool]:
        return await asyncio.gather(*map(one, range(20)))

    shop = Shop()
    agent = opened(way, shop, refunds(400))
    assert (all(asyncio.run(main())), shop.seen) == (True, [400] * 10)


def a_policy_is_taken_anew_at_the_start_of_a_run(way: Way, folder: Path) -> None:
    shop, policy = Shop(), folder / "policy.yaml"
    policy.write_text("tools: {refund: {mode: allow}}", encoding="utf-8")
    agent = opened(way, shop, refunds(4), policy)
    for mode, ran in (("allow", True), ("deny", False), ("allow", True)):
        policy.write_text(f"tools: {{refund: {{mode: {mode}}}}}", encoding="utf-8")
        assert [told.ran for told in way.run_here(agent, ALICE)] == [ran]


def a_run_of_nobody_runs_nothing(way: Way, _: Path) -> None:
    shop = Shop()
    [told] = way.run_here(opened(way, shop, refunds(4)), None)
    assert (told.ran, "nobody is known to be calling" in str(told.words), shop.seen) == (False, True, [])


def a_tool_knows_its_user_wherever_it_runs(way: Way, _: Path) -> None:
    async def far() -> list[Any]:
        # This way to a thread loses the scope; the run carries its user.
        return await asyncio.get_running_loop().run_in_executor(None, way.run_here, agent, ALICE)

    shop = Shop()
    agent = opened(way, shop, [[("whoami", {"user": "alice"})]])
    with BOB.sync_scope():
        found = [*way.run_here(agent, ALICE), *asyncio.run(far())]
        assert current_user() is BOB
    assert ([told.words for told in found], shop.seen) == (["alice"] * 2, ["alice"] * 2)


def tools_of_an_agent_that_is_a_tool_are_decided_about(way: Way, _: Path) -> None:
    shop = Shop()
    hexgate = Hexgate.from_policy(POLICY, agent="agent")
    [told] = way.run_here(way.nested(hexgate, tools_of(shop), refunds(400, 40)), ALICE)
    assert (told.ran, shop.seen) == (True, [40])


def a_run_that_pauses_goes_on_when_it_was_approved_and_the_tool_runs_once(way: Way, folder: Path) -> None:
    shop, store = Shop(), ApprovalFile(folder / "approvals.db")
    agent = waiting(way, shop, store)
    [request] = store.every(time.time())
    store.answer(request.id, yes=True, by="bob", now=time.time())
    yes = way.yes(agent)
    assert [told.ran for told in way.run_here(agent, ALICE, yes)] == [True]
    assert shop.seen == [5]
    way.run_here(agent, ALICE, yes)
    assert shop.seen == [5]


def the_yes_of_the_framework_alone_runs_nothing(way: Way, folder: Path) -> None:
    shop, store = Shop(), ApprovalFile(folder / "approvals.db")
    agent = waiting(way, shop, store)
    assert not any(told.ran for told in way.run_here(agent, ALICE, way.yes(agent)))
    assert (shop.seen, [request.binding.user_id for request in store.every(time.time())]) == ([], ["alice"])


def an_agent_says_which_tools_it_has(way: Way, _: Path) -> None:
    agent = opened(way, Shop(), [])
    manifest = create_manifest(agent.own)
    assert (manifest.name, sorted(tool.name for tool in manifest.tools)) == ("agent", ["refund", "whoami", "wire"])


@cache
def langfuse_here() -> tuple[langfuse.Langfuse, InMemorySpanExporter]:
    """A client, which a process has once for its keys, and where its spans end up."""
    spans = InMemorySpanExporter()
    keys: Any = {"public_key": "pk-lf-doors", "secret_key": "sk-lf-doors", "base_url": "http://127.0.0.1:9"}
    return langfuse.Langfuse(**keys, tracer_provider=TracerProvider(), span_exporter=spans), spans


def a_span_that_a_tool_makes_says_for_whom_it_works(way: Way, _: Path) -> None:
    client, spans = langfuse_here()

    def look(thing: str) -> str:
        with client.start_as_current_observation(name="looking"):
            return thing

    spans.clear()
    hexgate = Hexgate.from_policy({"roles": {"support": {"tools": {"look": {"mode": "allow"}}}}}, agent="agent")
    user = User("alice", "support", session_id="s-1")
    way.run_here(way.opened(hexgate, {"look": look}, [[("look", {"thing": "lamp"})]]), user)
    client.flush()
    [facts] = [span.attributes or {} for span in spans.get_finished_spans() if span.name == "looking"]
    assert (facts["user.id"], facts["session.id"]) == ("alice", "s-1")
    assert facts["langfuse.trace.tags"] == ("agent:agent", "role:support")


BEHAVIOURS_OF_DOORS: Mapping[str, Callable[[Way, Path], None]] = {
    "deny-all": under_a_policy_that_denies_all_nothing_runs,
    "recovers": a_denied_call_is_told_and_the_model_goes_on,
    "parallel": calls_of_one_turn_are_each_decided_about,
    "interleaved": users_at_once_on_one_agent_are_never_mixed,
    "policy-swap": a_policy_is_taken_anew_at_the_start_of_a_run,
    "nobody": a_run_of_nobody_runs_nothing,
    "threads": a_tool_knows_its_user_wherever_it_runs,
    "sub-agents": tools_of_an_agent_that_is_a_tool_are_decided_about,
    "pauses": a_run_that_pauses_goes_on_when_it_was_approved_and_the_tool_runs_once,
    "forged": the_yes_of_the_framework_alone_runs_nothing,
    "traces": a_span_that_a_tool_makes_says_for_whom_it_works,
    "manifest": an_agent_says_which_tools_it_has,
}
