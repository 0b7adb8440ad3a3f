"""What the tests of the door share: a shop with tools that remember their calls, and a model that says what it is told to say."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import Field

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


class Scripted(BaseChatModel):
    """A chat model that says what stands in its script, by how often it has spoken, and keeps what it was offered."""

    turns: list[Any] = Field(default_factory=list)
    says: str = "done"
    thinks: str = ""
    offered: list[Any] = Field(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Sequence[Any], **more: Any) -> Any:
        return self.bind(tools=list(tools), **more)

    def spoken(self, messages: list[BaseMessage], tools: Any) -> AIMessage:
        self.offered.append(tools)
        taken = sum(isinstance(message, AIMessage) for message in messages)
        if taken >= len(self.turns):
            thought = [{"type": "reasoning", "reasoning": self.thinks}] if self.thinks else []
            return AIMessage([*thought, {"type": "text", "text": self.says}] if thought else self.says)
        turn = self.turns[taken]
        if isinstance(turn, Exception):
            raise turn
        return AIMessage("", tool_calls=turn)

    def _generate(self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **more: Any) -> Any:
        return ChatResult(generations=[ChatGeneration(message=self.spoken(messages, more.get("tools")))])

    def _stream(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **more: Any
    ) -> Iterator[ChatGenerationChunk]:
        message = self.spoken(messages, more.get("tools"))
        parts: list[Any] = message.content if isinstance(message.content, list) else []
        if isinstance(message.content, str) and message.content:
            parts = [word if number == 0 else f" {word}" for number, word in enumerate(message.content.split(" "))]
        calls: list[Any] = [
            {"name": call["name"], "args": json.dumps(call["args"]), "id": call["id"], "index": number}
            for number, call in enumerate(message.tool_calls)
        ]
        chunks = [AIMessageChunk(content=part if isinstance(part, str) else [part]) for part in parts]
        for chunk in [*chunks, AIMessageChunk(content="", tool_call_chunks=calls, chunk_position="last")]:
            yield ChatGenerationChunk(message=chunk)


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

    def wire(self, amount: int) -> str:
        """Sends money."""
        self.seen.append(("wire", amount))
        return f"sent {amount}"

    def whoami(self, user: str) -> str:
        """Says who asks."""
        self.seen.append(("whoami", user))
        return user

    def call(self, tool: str, arguments: dict[str, Any], call_id: str | None = None) -> dict[str, Any]:
        """A call that the model makes."""
        return {"name": tool, "args": arguments, "id": call_id or f"call-{next(self.numbers)}", "type": "tool_call"}

    def model(self, *turns: Any, says: str = "done", thinks: str = "") -> Scripted:
        """A model that makes the calls of each turn, and then says that it is done."""
        steps = [turn if isinstance(turn, list | Exception) else [turn] for turn in turns]
        return Scripted(turns=steps, says=says, thinks=thinks)

    def ask(self, words: str = "go") -> dict[str, Any]:
        """What a user says, as a graph takes it."""
        return {"messages": [{"role": "user", "content": words}]}

    def outputs(self, state: Any) -> list[tuple[str, Any]]:
        """How each tool ended for the model, and what it told it."""
        return [(message.status, message.content) for message in state["messages"] if isinstance(message, ToolMessage)]

    def denied(self, state: Any) -> list[dict[str, Any]]:
        """The errors that the model was told."""
        return [json.loads(words)["error"] for status, words in self.outputs(state) if status == "error"]


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
