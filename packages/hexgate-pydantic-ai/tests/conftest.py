"""What the tests of the door share: a shop with tools that remember their calls, and a model that says what it is told to say."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from pydantic_ai import Agent, ModelMessage, ModelResponse, TextPart, ToolCallPart, ToolReturnPart
from pydantic_ai.models.function import AgentInfo, DeltaThinkingPart, DeltaToolCall, FunctionModel

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
                "ship": {"mode": "allow", "constraints": ['args.address.city == "Oslo"']},
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

    def refund(self, amount: int, currency: str = "EUR") -> str:
        """Refunds an order."""
        self.seen.append(("refund", amount))
        return f"refunded {amount} {currency}"

    async def wire(self, amount: int) -> str:
        """Sends money."""
        self.seen.append(("wire", amount))
        return f"sent {amount}"

    def whoami(self, user: str) -> str:
        """Says who asks."""
        self.seen.append(("whoami", user))
        return user

    def call(self, tool: str, arguments: dict[str, Any] | str, call_id: str | None = None) -> ToolCallPart:
        """A call that the model makes."""
        text = arguments if isinstance(arguments, str) else json.dumps(arguments)
        return ToolCallPart(tool, text, tool_call_id=call_id or f"call-{next(self.numbers)}")

    def model(self, *turns: Any, says: str = "done", thinks: str = "") -> FunctionModel:
        """A model that makes the calls of each turn, and then says that it is done. What it was offered is in `offered`."""
        steps: list[Any] = [turn if isinstance(turn, list | Exception) else [turn] for turn in turns]

        def step(messages: Sequence[ModelMessage]) -> list[ToolCallPart] | None:
            taken = sum(isinstance(message, ModelResponse) for message in messages)
            found = steps[taken] if taken < len(steps) else None
            if isinstance(found, Exception):
                raise found
            return found

        def answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
            calls = step(messages)
            return ModelResponse([TextPart(says)] if calls is None else calls)

        async def stream(messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[Any]:
            calls = step(messages)
            if calls is None:
                if thinks:
                    yield {0: DeltaThinkingPart(content=thinks)}
                for word in says.split(" "):
                    yield word
            else:
                yield {
                    number: DeltaToolCall(call.tool_name, str(call.args), tool_call_id=call.tool_call_id)
                    for number, call in enumerate(calls)
                }

        return FunctionModel(answer, stream_function=stream)

    def agent(self, *tools: Any, says: FunctionModel, name: str | None = "shop", **more: Any) -> Agent[Any, Any]:
        """An agent with some tools."""
        return Agent(says, name=name, tools=tools, **more)

    def outputs(self, messages: Sequence[ModelMessage]) -> list[tuple[str, Any]]:
        """How each tool ended for the model, and what it told it."""
        parts = [part for message in messages for part in message.parts if isinstance(part, ToolReturnPart)]
        return [(part.outcome, part.content) for part in parts]


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
    """The record goes into a folder of the run of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEXGATE_AUDIT_DIR", str(tmp_path_factory.mktemp("record")))
        yield


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of its own, and no policy of the environment."""
    monkeypatch.delenv("HEXGATE_LOCAL_POLICY", raising=False)
    monkeypatch.chdir(tmp_path)
