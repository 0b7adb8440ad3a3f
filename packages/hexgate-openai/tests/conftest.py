"""What the tests of the door share: a shop with tools that remember their calls, and a model that says what it is told to say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from agents import Agent, FunctionTool, RunResult, RunResultStreaming, function_tool, set_tracing_disabled
from agents.testing import ScriptedModel, assistant_message, function_call

from hexgate.core import User

ALICE = User("alice", "support")
BOB = User("bob", "billing")
POLICY: dict[str, Any] = {
    "roles": {
        "support": {
            "tools": {
                "refund": {"mode": "allow", "constraints": ["args.amount <= 100"]},
                "wire": {"mode": "approval_required"},
                "whoami": {"mode": "allow", "constraints": ["user.id == args.user"]},
                "transfer_to_billing": {"mode": "allow"},
                "ask_billing": {"mode": "allow"},
            }
        },
        "billing": {"inherits": ["support"], "tools": {"refund": {"mode": "allow"}}},
    }
}


class Shop:
    """Tools, and what they were called with."""

    policy = POLICY
    alice = ALICE
    bob = BOB

    def __init__(self) -> None:
        self.seen: list[tuple[str, Any]] = []
        self.numbers = count()

    @property
    def refund(self) -> FunctionTool:
        @function_tool
        def refund(amount: int, currency: str = "EUR") -> str:
            """Refunds an order."""
            self.seen.append(("refund", amount))
            if amount == 13:
                raise ValueError("the till is closed")
            return f"refunded {amount} {currency}"

        return refund

    @property
    def wire(self) -> FunctionTool:
        @function_tool
        async def wire(amount: int) -> str:
            """Sends money."""
            self.seen.append(("wire", amount))
            return f"sent {amount}"

        return wire

    @property
    def whoami(self) -> FunctionTool:
        @function_tool
        def whoami(user: str) -> str:
            """Says who asks."""
            self.seen.append(("whoami", user))
            return user

        return whoami

    def call(self, tool: str, arguments: dict[str, Any] | str, call_id: str | None = None) -> Any:
        """A call that the model makes."""
        call_id = call_id or f"call-{next(self.numbers)}"
        return function_call(tool, arguments if isinstance(arguments, str) else json.dumps(arguments), call_id=call_id)

    def model(self, *turns: Any) -> ScriptedModel:
        """A model that makes the calls of each turn, and then says that it is done."""
        steps = [turn if isinstance(turn, list | Exception) else [turn] for turn in turns]
        return ScriptedModel([*steps, [assistant_message("done")]])

    def agent(self, *tools: Any, says: ScriptedModel, name: str = "shop", **more: Any) -> Agent[Any]:
        """An agent with some tools."""
        return Agent(name=name, tools=list(tools), model=says, **more)

    def outputs(self, result: RunResult | RunResultStreaming) -> list[Any]:
        """What the tools told the model."""
        return [item.output for item in result.new_items if item.type == "tool_call_output_item"]


@pytest.fixture
def anyio_backend() -> str:
    """The loop in which async tests run."""
    return "asyncio"


@pytest.fixture
def shop() -> Shop:
    """A shop that nobody has been to."""
    return Shop()


@pytest.fixture(autouse=True, scope="session")
def _unheard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The record goes into a folder of the run of the tests, and nobody is sent traces."""
    set_tracing_disabled(True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEXGATE_AUDIT_DIR", str(tmp_path_factory.mktemp("record")))
        yield


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of its own, and no policy of the environment."""
    monkeypatch.delenv("HEXGATE_LOCAL_POLICY", raising=False)
    monkeypatch.chdir(tmp_path)
