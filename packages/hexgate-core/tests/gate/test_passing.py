"""What the gate does when the world around it fails: stores, records, handlers, guards, and tasks that end early."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import pytest

from hexgate.core.call import ToolCall
from hexgate.core.decision import Decision
from hexgate.core.gate.approval_file import ApprovalFile
from hexgate.core.gate.approvals import Approval, Pending
from hexgate.core.gate.drivers import Ask, OutOfTimeError, arun, run
from hexgate.core.gate.gate import Gate
from hexgate.core.gate.guards import Guard, after_tool, before_tool
from hexgate.core.gate.passage import Passage, Result, Status
from hexgate.core.gate.setting import Setting, utc_day
from hexgate.core.gate.stages import STAGES
from hexgate.core.hexgate import Hexgate
from hexgate.core.identity import User

POLICY = {"tools": {"wire": {"mode": "approval_required"}, "ship": {"mode": "allow"}}}
ALICE = User("alice")
ENGINE = Hexgate.from_policy(POLICY).engine


def gate_of(decide: Callable[[ToolCall, User | None], Decision] = ENGINE.decide, **parts: Any) -> Gate:
    return Gate(Setting(decide, **parts), agent="shop", policy=lambda: ENGINE.digest)


def wire(gate: Gate) -> Result:
    return gate.call("wire", {}, lambda: "sent", user=ALICE, call_id="call-1")


class BrokenStore(ApprovalFile):
    """A file of approvals of which one operation fails."""

    def __init__(self, path: Path, broken: str) -> None:
        super().__init__(path)
        self.broken = broken

    def ask(self, pending: Pending) -> Pending:
        self.fail("ask")
        return super().ask(pending)

    def use(self, binding: str, now: float) -> Approval | None:
        self.fail("use")
        return super().use(binding, now)

    def fail(self, operation: str) -> None:
        if operation == self.broken:
            raise sqlite3.OperationalError("disk I/O error")

    __slots__ = ("broken",)


@pytest.mark.parametrize("operation", ["ask", "use"])
def test_a_store_that_fails_denies(tmp_path: Path, operation: str) -> None:
    result = wire(gate_of(store=BrokenStore(tmp_path / "a.db", operation)))
    assert (result.decision.code, result.ran) == ("approval_failed", False)


def test_a_no_that_was_given_elsewhere_denies(tmp_path: Path) -> None:
    store = ApprovalFile(tmp_path / "a.db")
    gate = gate_of(store=store)
    waiting = wire(gate)
    assert (waiting.status, waiting.decision.code) == (Status.WAITING, "approval_required")
    assert waiting.approval_id is not None
    store.answer(waiting.approval_id, yes=False, by="bob", now=0)
    refused = wire(gate)
    assert (refused.decision.code, refused.approval_id) == ("approval_refused", waiting.approval_id)


def test_a_handler_is_asked_where_the_store_has_no_yes(tmp_path: Path) -> None:
    result = wire(gate_of(store=ApprovalFile(tmp_path / "a.db"), handler=True, now=lambda: 5.0))
    assert result.ran
    assert result.as_dict()["approval"]["approved_by"] == "approval_handler"
    assert result.as_dict()["approval"]["approved_at"] == 5.0


class Switched:
    """Two policies, the second of which comes into force while a human thinks."""

    def __init__(self, mode: str, **more: Any) -> None:
        self.engine = ENGINE
        self.next = Hexgate.from_policy({"tools": {"wire": {"mode": mode, **more}}}).engine

    def decide(self, call: ToolCall, user: User | None) -> Decision:
        return self.engine.decide(call, user)

    def handler(self, action: Any, context: None) -> bool:
        self.engine = self.next
        return True


@pytest.mark.parametrize(
    ("mode", "more", "code", "ran"),
    [
        ("allow", {}, "allowed", True),
        ("deny", {}, "tool_denied", False),
        ("approval_required", {"approvers": {"role": "finance"}}, "approval_outdated", False),
    ],
)
def test_the_policy_is_asked_again_after_a_yes(mode: str, more: Any, code: str, ran: bool) -> None:
    switched = Switched(mode, **more)
    result = wire(gate_of(switched.decide, handler=switched.handler))
    assert (result.decision.code, result.ran) == (code, ran)


class BrokenRecord:
    """A record that cannot be written."""

    def __init__(self, *broken: str) -> None:
        self.broken = broken

    def reserve(self, passage: Passage) -> None:
        if "reserve" in self.broken:
            raise OSError(28, "No space left on device")

    def settle(self, ticket: Any, passage: Passage) -> None:
        if "settle" in self.broken:
            raise OSError(28, "No space left on device")


def test_what_cannot_be_recorded_does_not_run(caplog: pytest.LogCaptureFixture) -> None:
    ran: list[int] = []
    result = gate_of(recorder=BrokenRecord("reserve", "settle")).call("ship", {}, lambda: ran.append(1), user=ALICE)
    assert (result.decision.code, result.decision.engine, ran) == ("not_recorded", "gate", [])
    assert [record.levelno for record in caplog.records] == [logging.ERROR, logging.ERROR]


def test_an_outcome_that_cannot_be_recorded_takes_nothing_back() -> None:
    assert gate_of(recorder=BrokenRecord("settle")).call("ship", {}, lambda: 1, user=ALICE).value == 1


def test_a_task_that_is_cancelled_while_a_human_thinks_is_recorded_and_runs_nothing() -> None:
    seen: list[tuple[str, str]] = []
    asked, ran = threading.Event(), []

    class Record(BrokenRecord):
        def settle(self, ticket: Any, passage: Passage) -> None:
            seen.append((passage.decided.code, str(passage.status)))

    async def think(action: Any, context: None) -> bool:
        asked.set()
        return await asyncio.Event().wait()

    async def main() -> None:
        gate = gate_of(handler=think, recorder=Record())
        task = asyncio.create_task(gate.acall("wire", {}, lambda: ran.append(1), user=ALICE))
        await asyncio.to_thread(asked.wait)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(main())
    assert (seen, ran) == ([("approval_required", "cancelled")], [])


def test_an_interrupt_after_the_tool_ran_leaves_it_recorded_as_run() -> None:
    seen: list[str] = []

    class Record(BrokenRecord):
        def settle(self, ticket: Any, passage: Passage) -> None:
            seen.append(str(passage.status))

    @after_tool
    def interrupt(*asked: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        gate_of(recorder=Record(), guards=(interrupt,)).call("ship", {}, lambda: 1, user=ALICE)
    assert seen == ["ran"]


def test_an_interrupt_before_anything_was_decided_leaves_no_record() -> None:
    @before_tool
    def interrupt(*asked: Any) -> None:
        raise KeyboardInterrupt

    class Record(BrokenRecord):
        def reserve(self, passage: Passage) -> None:
            raise AssertionError("nothing was decided")

        def settle(self, ticket: Any, passage: Passage) -> None:
            with pytest.raises(LookupError):
                _ = passage.decided
            assert not passage.may_run

    with pytest.raises(KeyboardInterrupt):
        gate_of(recorder=Record(), guards=(interrupt,)).call("ship", {}, lambda: 1, user=ALICE)


def test_guards_are_asked_about_their_tools_only_and_not_about_what_is_refused() -> None:
    seen: list[str] = []

    @before_tool(tool_names=["wire", "shi*"])
    async def look(call: ToolCall, user: User | None) -> None:
        seen.append(call.tool)

    gate = gate_of(guards=(look,))
    for tool, arguments in (("ship", {}), ("shop", {}), ("ship", {"x": float("nan")})):
        asyncio.run(gate.acall(tool, arguments, lambda **_: 1, user=ALICE))
    assert seen == ["ship"]
    assert asyncio.run(look(ToolCall("wire", {}), None)) is None
    with pytest.raises(TypeError, match=r"write `tool_names=\['wire'\]`"):
        before_tool(tool_names="wire")
    assert Guard(BrokenRecord("x").reserve, "before").name == "reserve"


def test_the_first_guard_that_says_no_is_the_last_that_is_asked() -> None:
    seen: list[str] = []

    @before_tool
    def crash(call: ToolCall, user: User | None) -> None:
        raise ValueError

    @before_tool
    def look(call: ToolCall, user: User | None) -> None:
        seen.append(call.tool)

    @after_tool
    def bad(call: ToolCall, user: User | None, result: Any) -> Any:
        return "no replacement"

    @after_tool(tool_names=None)
    def late(call: ToolCall, user: User | None, result: Any) -> None:
        seen.append("after")

    assert not gate_of(guards=(crash, look)).call("ship", {}, lambda: 1, user=ALICE).ran
    assert gate_of(guards=(bad, late)).call("ship", {}, lambda: 1, user=ALICE).replaced_by == ("bad",)
    assert seen == []


def test_a_sync_tool_runs_in_a_thread_with_the_context_of_its_task() -> None:
    name: ContextVar[str] = ContextVar("name")

    async def main() -> tuple[str, bool]:
        name.set("here")
        result = await gate_of().acall("ship", {}, lambda: (name.get(), threading.current_thread()), user=ALICE)
        return result.value[0], result.value[1] is threading.main_thread()

    assert asyncio.run(main()) == ("here", False)
    assert gate_of().call("ship", {}, threading.current_thread, user=ALICE).value is threading.current_thread()


def test_a_handler_that_comes_too_late_disturbs_nobody() -> None:
    go, done = threading.Event(), threading.Event()

    def late(action: Any, context: None) -> bool:
        go.wait()
        done.set()
        return True

    async def main(*, loop_goes_on: bool) -> str:
        result = await gate_of(handler=late, answer_seconds=0.01).acall("wire", {}, lambda: 1, user=ALICE)
        if loop_goes_on:
            go.set()
            await asyncio.to_thread(done.wait)
            await asyncio.sleep(0)
        return result.decision.code

    assert asyncio.run(main(loop_goes_on=True)) == "approval_timed_out"
    go.clear()
    done.clear()
    assert asyncio.run(main(loop_goes_on=False)) == "approval_timed_out"
    go.set()
    done.wait()


def flow_of(ask: Ask) -> Any:
    value, error = yield ask
    if error is not None:
        raise error
    return value


def test_what_a_handler_raises_is_told_from_the_end_of_its_time() -> None:
    def gives_up(*_: Any) -> bool:
        raise TimeoutError("of its own")

    with pytest.raises(TimeoutError, match="of its own"):
        asyncio.run(arun(flow_of(Ask(gives_up, seconds=5.0))))
    with pytest.raises(TimeoutError, match="of its own"):
        run(flow_of(Ask(gives_up, seconds=5.0)))
    with pytest.raises(OutOfTimeError):
        run(flow_of(Ask(threading.Event().wait, seconds=0.01)))


def test_something_to_await_that_is_no_coroutine_is_refused_in_sync_code() -> None:
    class Later:
        def __await__(self) -> Any:
            yield

    with pytest.raises(TypeError, match="was asked in sync code"):
        run(flow_of(Ask(Later)))


def test_the_stages_are_the_documentation() -> None:
    assert [name for name, _ in STAGES] == [
        *("ban", "before_guards", "decide", "approve", "reserve", "run", "after_guards", "settle"),
    ]
    assert utc_day().isoformat() >= "2026-01-01"
