"""What the tests of the door share: a shop with tools that remember their calls, and a model that says what it is told to say."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from google.adk.agents import LlmAgent
from google.adk.models import BaseLlm
from google.adk.models.llm_request import LlmRequest
from google.adk.models.llm_response import LlmResponse
from google.genai import types

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
                "helper": {"mode": "allow"},
                "transfer_to_agent": {"mode": "allow", "constraints": ["args.agent_name == 'helper'"]},
            }
        },
        "billing": {"inherits": ["support"], "tools": {"refund": {"mode": "allow"}}},
    }
}


class Scripted(BaseLlm):
    """A model that makes the calls of each turn, one turn for each time that it is asked, and then says that it is done."""

    model: str = "scripted"
    turns: list[Any] = []  # noqa: RUF012 -- the framework copies it
    says: str = "done"
    thinks: str = ""
    asked: list[LlmRequest] = []  # noqa: RUF012

    async def generate_content_async(
        self, llm_request: LlmRequest, stream: bool = False
    ) -> AsyncGenerator[LlmResponse, None]:
        self.asked.append(llm_request)
        taken = sum(content.role == "model" for content in llm_request.contents)
        turn = self.turns[taken] if taken < len(self.turns) else None
        if isinstance(turn, Exception):
            raise turn
        if turn is not None:
            calls = [types.Part(function_call=types.FunctionCall(**call)) for call in turn]
            yield LlmResponse(content=types.Content(role="model", parts=calls))
            return
        thoughts = [types.Part(text=self.thinks, thought=True)] if self.thinks else []
        if stream:
            for part in [*thoughts, *(types.Part(text=word) for word in self.says.split(" "))]:
                yield LlmResponse(content=types.Content(role="model", parts=[part]), partial=True)
        whole = types.Content(role="model", parts=[*thoughts, types.Part(text=self.says)])
        yield LlmResponse(content=whole, partial=False)


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

    def call(self, tool: str, arguments: dict[str, Any], call_id: str | None = None) -> dict[str, Any]:
        """A call that the model makes."""
        return {"name": tool, "args": arguments, "id": call_id or f"call-{next(self.numbers)}"}

    def model(self, *turns: Any, says: str = "done", thinks: str = "") -> Scripted:
        """A model with a script."""
        steps = [turn if isinstance(turn, list | Exception) else [turn] for turn in turns]
        return Scripted(turns=steps, says=says, thinks=thinks, asked=[])

    def agent(self, *tools: Any, says: Any, name: str = "shop", **more: Any) -> LlmAgent:
        """An agent with some tools."""
        return LlmAgent(name=name, model=says, tools=list(tools), **more)

    def outputs(self, events: Any) -> list[Any]:
        """What each tool told the model."""
        told = [answer.response for event in events for answer in event.get_function_responses()]
        return [answer.get("result", answer) for answer in told]

    def ended(self, events: Any) -> list[str]:
        """Whether each call came to its end, or why not."""
        return ["error" if isinstance(told, dict) and "error" in told else "ran" for told in self.outputs(events)]


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
