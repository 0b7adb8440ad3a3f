"""What every way through the gate has to do, each behaviour once and with an id; a driver shows it for one way.

A driver is given a scene and makes calls in it, by whatever its way of calling tools is. A behaviour knows no driver.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import orjson
import pytest

from hexgate.core.audit import Audit, Spool, verify
from hexgate.core.audit.place import default_directory
from hexgate.core.gate.approval_file import ApprovalFile
from hexgate.core.gate.approvals import Action, ApprovalHandler, Approver
from hexgate.core.gate.bans import Ban, BanGate
from hexgate.core.gate.guards import Guard, Halt, Replace, after_tool, before_tool
from hexgate.core.hexgate import Hexgate
from hexgate.core.identity import User

__all__ = ["BEHAVIOURS", "Driver", "Kept", "Scene", "Told"]

POLICY: Mapping[str, Any] = {
    "roles": {
        "support": {
            "tools": {
                "refund": {"mode": "allow", "constraints": ["args.amount <= 100"]},
                "wire": {"mode": "approval_required", "constraints": ["args.amount <= 1000"]},
                "wire_by_finance": {"mode": "approval_required", "approvers": {"role": "finance", "not": "caller"}},
                "noted": {"mode": "deny", "enforce": False},
                "noted_long_ago": {"mode": "deny", "enforce": False, "until": "2020-01-31"},
                "whoami": {"mode": "allow", "constraints": ["user.id == args.user"]},
            }
        }
    }
}
ALICE = User("alice", "support")
NOON = 1_800_000_000.0


class Kept:
    """A record as users have it, on disk, and what was put into it."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        # Where the run of the tests keeps records, in a folder of its own.
        self.folder = default_directory() / os.urandom(8).hex()
        self.spool = Spool(self.folder)
        # For whoever sets a gate up; where it cannot be kept, nothing runs.
        self.audit = Audit(self.spool, [self.events.append], mode="required")

    @property
    def decided(self) -> list[dict[str, Any]]:
        """The decisions."""
        return [event for event in self.events if event["kind"] == "decided"]

    @property
    def settled(self) -> list[dict[str, Any]]:
        """The outcomes."""
        return [event for event in self.events if event["kind"] == "settled"]

    def on_disk(self) -> list[dict[str, Any]]:
        """The same from the disk, once it is known that nothing of it is missing or changed."""
        self.spool.close()
        report = verify(self.folder)
        lines = [line for path in sorted(self.folder.glob("*.jsonl")) for line in path.read_bytes().splitlines()]
        assert (report.findings, [stream.without_outcome for stream in report.streams]) == ([], [0])
        records = [orjson.loads(line) for line in lines]
        return [record for record in records if record["kind"] in ("decided", "settled")]


@dataclass
class Scene:
    """What is set up around the tools of one behaviour."""

    policy: Mapping[str, Any] = field(default_factory=lambda: POLICY)
    guards: tuple[Guard, ...] = ()
    handler: ApprovalHandler | Approver | None = None
    store: ApprovalFile | None = None
    answer_seconds: float = 300.0
    bans: BanGate | None = None
    record: Kept = field(default_factory=Kept)

    def hexgate(self) -> Hexgate:
        """What stands behind the door to a framework."""
        return Hexgate.from_policy(self.policy, agent="agent", audit=self.record.audit).using(
            guards=self.guards,
            approval_handler=self.handler,
            approvals=self.store,
            answer_seconds=self.answer_seconds,
            bans=self.bans,
        )


@dataclass(frozen=True)
class Told:
    """What came of one call as the caller sees it: the value of the tool, or the words that say why there is none."""

    words: Any
    ran: bool


Tool = Callable[..., Any]


class Driver(Protocol):
    """One way through the gate."""

    def call(self, scene: Scene, tool: str, arguments: dict[str, Any], function: Tool, user: User) -> Told:
        """Calls the tool once. The same call again has the same call id."""
        ...

    async def acall(self, scene: Scene, tool: str, arguments: dict[str, Any], function: Tool, user: User) -> Told:
        """The same inside of an event loop, for behaviours with several tasks."""
        ...


class Counter:
    """A tool that remembers what it was called with."""

    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []

    def __call__(self, **arguments: Any) -> str:
        self.seen.append(arguments)
        return f"done {len(self.seen)}"


def allowed_runs_once_with_the_same_arguments(driver: Driver, _: Path) -> None:
    tool, arguments = Counter(), {"amount": 40, "to": {"name": "Zoë", "tags": ["a", 1.5, None]}}
    told = driver.call(Scene(), "refund", arguments, tool, ALICE)
    assert (told.ran, told.words, tool.seen) == (True, "done 1", [arguments])


def denied_never_runs(driver: Driver, _: Path) -> None:
    tool, scene = Counter(), Scene()
    for name, arguments in (
        ("refund", {"amount": 400}),
        ("refund", {}),
        ("unknown", {}),
        ("refund", {"amount": float("nan")}),
    ):
        told = driver.call(scene, name, arguments, tool, ALICE)
        assert not told.ran
        assert str(told.words).startswith(f"[policy_denied] Tool '{name}' is denied by the agent policy: ")
    assert tool.seen == []
    assert [kept["status"] for kept in scene.record.settled] == ["refused"] * 4


def an_approval_is_given_by_a_handler_of_each_kind(driver: Driver, _: Path) -> None:
    asked: list[Action] = []

    def yes(action: Action, context: None) -> bool:
        asked.append(action)
        return True

    async def async_yes(action: Action, context: None) -> bool:
        return yes(action, context)

    def crash(action: Action, context: None) -> bool:
        raise ConnectionError("nobody there")

    def never(action: Action, context: None) -> bool:
        return threading.Event().wait()

    noes: list[Any] = [False, lambda action, context: False, lambda action, context: 1, crash, never]
    for handler in [True, yes, *noes]:
        tool, limit = Counter(), 0.05 if handler is never else 300.0
        told = driver.call(Scene(handler=handler, answer_seconds=limit), "wire", {"amount": 5}, tool, ALICE)
        assert (told.ran, len(tool.seen)) == ((True, 1) if handler in (True, yes) else (False, 0)), handler
    tool = Counter()
    assert driver.call(Scene(), "wire", {"amount": 5}, tool, ALICE).words.startswith("[approval_required] Tool 'wire'")
    assert tool.seen == []
    assert asyncio.run(driver.acall(Scene(handler=async_yes), "wire", {"amount": 5}, Counter(), ALICE)).ran
    assert (asked[0].tool_name, asked[0].arguments, asked[0].user_id) == ("wire", {"amount": 5}, "alice")


def only_who_the_rule_names_can_approve(driver: Driver, _: Path) -> None:
    for handler, ran in (
        (True, False),
        (Approver(True, "bob"), False),
        (Approver(True, "alice", ("finance",)), False),
        (Approver(True, "bob", ("finance",)), True),
    ):
        assert driver.call(Scene(handler=handler), "wire_by_finance", {}, Counter(), ALICE).ran is ran


def edited_arguments_are_a_new_request(driver: Driver, folder: Path) -> None:
    store, tool = ApprovalFile(folder / "approvals.db"), Counter()
    scene = Scene(store=store)
    driver.call(scene, "wire", {"amount": 5}, tool, ALICE)
    (pending,) = store.every(NOON)
    store.answer(pending.id, yes=True, by="bob", now=pending.asked_at)
    told = driver.call(scene, "wire", {"amount": 999}, tool, ALICE)
    assert (told.ran, tool.seen, len(store.every(pending.asked_at))) == (False, [], 2)
    assert driver.call(scene, "wire", {"amount": 5}, tool, ALICE).ran


def an_approval_counts_once(driver: Driver, folder: Path) -> None:
    store, tool = ApprovalFile(folder / "approvals.db"), Counter()
    scene = Scene(store=store)
    driver.call(scene, "wire", {"amount": 5}, tool, ALICE)
    (pending,) = store.every(NOON)
    store.answer(pending.id, yes=True, by="bob", now=pending.asked_at)
    assert not driver.call(scene, "wire", {"amount": 5}, tool, User("mallory", "support")).ran
    assert [driver.call(scene, "wire", {"amount": 5}, tool, ALICE).ran for _ in range(3)] == [True, False, False]
    assert len(tool.seen) == 1


def a_guard_rewrites_what_policy_and_tool_see(driver: Driver, _: Path) -> None:
    @before_tool
    def smaller(call: Any, user: Any) -> dict[str, Any]:
        return {**call.arguments, "amount": 50}

    @before_tool(tool_names=["ref*"])
    def halve(call: Any, user: Any) -> Any:
        call.arguments["amount"] = 10**9
        return Halt("too often") if call.arguments.get("stop") else None

    @after_tool
    def other(call: Any, user: Any, result: Any) -> Replace:
        return Replace(f"{result}!")

    tool = Counter()
    told = driver.call(Scene(guards=(smaller, halve, other)), "refund", {"amount": 400}, tool, ALICE)
    assert (told.words, tool.seen) == ("done 1!", [{"amount": 50}])
    told = driver.call(Scene(guards=(smaller, halve)), "refund", {"amount": 4, "stop": True}, tool, ALICE)
    assert (told.ran, "too often" in told.words, len(tool.seen)) == (False, True, 1)


def a_guard_that_crashes_denies(driver: Driver, _: Path) -> None:
    def crash(*asked: Any) -> Any:
        raise ZeroDivisionError

    tool = Counter()
    for broken in (crash, lambda call, user: 7):
        told = driver.call(Scene(guards=(Guard(broken, "before"),)), "refund", {"amount": 4}, tool, ALICE)
        assert (told.ran, "a check of the call failed" in told.words, tool.seen) == (False, True, [])
    told = driver.call(Scene(guards=(Guard(crash, "after"),)), "refund", {"amount": 4}, tool, ALICE)
    assert (
        told.words == "[result_withheld] Tool 'refund' ran, and its result is withheld: a check of the result failed."
    )
    watchers = (Guard(crash, "before", observe=True), Guard(crash, "after", observe=True))
    assert driver.call(Scene(guards=watchers), "refund", {"amount": 4}, tool, ALICE).words == "done 2"


def users_at_the_same_time_are_never_mixed(driver: Driver, _: Path) -> None:
    scene = Scene()

    async def one(number: int) -> bool:
        user = User(f"user-{number % 7}", "support")
        return (await driver.acall(scene, "whoami", {"user": user.user_id}, Counter(), user)).ran

    async def every() -> list[bool]:
        return await asyncio.gather(*map(one, range(60)))

    assert all(asyncio.run(every()))


def a_cancelled_call_leaves_a_settled_record(driver: Driver, _: Path) -> None:
    scene = Scene()

    async def main() -> None:
        begun = asyncio.Event()

        async def forever(**arguments: Any) -> None:
            begun.set()
            await asyncio.Event().wait()

        task = asyncio.create_task(driver.acall(scene, "refund", {"amount": 4}, forever, ALICE))
        await begun.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()

    asyncio.run(main())
    assert [kept["status"] for kept in scene.record.settled] == ["cancelled"]


def what_is_monitored_runs_and_is_recorded_as_a_denial(driver: Driver, _: Path) -> None:
    tool, scene = Counter(), Scene()
    assert driver.call(scene, "noted", {}, tool, ALICE).ran
    assert not driver.call(scene, "noted_long_ago", {}, tool, ALICE).ran
    assert [kept["code"] for kept in scene.record.decided] == ["tool_denied", "tool_denied"]
    assert [kept["status"] for kept in scene.record.settled] == ["ran", "refused"]


class Banned:
    """A feed with one user."""

    def read(self) -> list[Ban]:
        return [Ban("user", "mallory")]


def who_is_banned_comes_no_further(driver: Driver, _: Path) -> None:
    tool, scene = Counter(), Scene(bans=BanGate(Banned()))
    told = driver.call(scene, "refund", {"amount": 4}, tool, User("mallory", "support"))
    assert (told.ran, "banned" in told.words, tool.seen) == (False, True, [])
    assert driver.call(scene, "refund", {"amount": 4}, tool, ALICE).ran


def the_record_is_complete(driver: Driver, _: Path) -> None:
    scene = Scene()

    def fails(**arguments: Any) -> None:
        raise KeyError("gone")

    driver.call(scene, "refund", {"amount": 4}, Counter(), ALICE)
    driver.call(scene, "refund", {"amount": 400}, Counter(), ALICE)
    driver.call(scene, "wire", {"amount": 4}, Counter(), ALICE)
    with pytest.raises(KeyError, match="gone"):
        driver.call(scene, "refund", {"amount": 5}, fails, ALICE)
    records = scene.record.on_disk()
    assert [(record["kind"], record.get("code"), record.get("status"), record.get("error")) for record in records] == [
        ("decided", "allowed", None, None),
        ("settled", None, "ran", None),
        ("decided", "constraint_failed", None, None),
        ("settled", None, "refused", None),
        ("decided", "approval_required", None, None),
        ("settled", None, "waiting", None),
        ("decided", "allowed", None, None),
        ("settled", None, "failed", "KeyError"),
    ]
    assert [record["id"] for record in records[::2]] == [record["id"] for record in records[1::2]]
    assert [record["arguments"]["amount"] for record in records[::2]] == [4, 400, 4, 5]
    assert {record["user_id"] for record in records[::2]} == {"alice"}


BEHAVIOURS: Mapping[str, Callable[[Driver, Path], None]] = {
    "allowed": allowed_runs_once_with_the_same_arguments,
    "denied": denied_never_runs,
    "approval": an_approval_is_given_by_a_handler_of_each_kind,
    "approvers": only_who_the_rule_names_can_approve,
    "edited": edited_arguments_are_a_new_request,
    "replayed": an_approval_counts_once,
    "rewrite": a_guard_rewrites_what_policy_and_tool_see,
    "crash": a_guard_that_crashes_denies,
    "users": users_at_the_same_time_are_never_mixed,
    "cancelled": a_cancelled_call_leaves_a_settled_record,
    "monitor": what_is_monitored_runs_and_is_recorded_as_a_denial,
    "ban": who_is_banned_comes_no_further,
    "record": the_record_is_complete,
}
