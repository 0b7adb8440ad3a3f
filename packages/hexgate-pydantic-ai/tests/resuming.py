"""One step of a run that pauses, each in a process of its own: `python resuming.py pause|approve|resume`."""

import json
import sys
import time
from pathlib import Path

from pydantic import TypeAdapter
from pydantic_ai import (
    Agent,
    DeferredToolRequests,
    DeferredToolResults,
    ModelMessage,
    ModelMessagesTypeAdapter,
    ModelResponse,
    TextPart,
    ToolCallPart,
)
from pydantic_ai.models.function import AgentInfo, FunctionModel

from hexgate.core import ApprovalFile, User
from hexgate.pydantic_ai import wrap_pydantic_agent

MESSAGES, REQUESTS = Path("messages.json"), Path("requests.json")
POLICY = {"tools": {"wire": {"mode": "approval_required"}}}
ADAPTER = TypeAdapter(DeferredToolRequests)
seen: list[tuple[str, int]] = []


def wire(amount: int) -> str:
    """Sends money."""
    seen.append(("wire", amount))
    return f"sent {amount}"


def answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
    """Wires, and then says that it is done."""
    if any(isinstance(message, ModelResponse) for message in messages):
        return ModelResponse([TextPart("done")])
    return ModelResponse([ToolCallPart("wire", {"amount": 5}, tool_call_id="w")])


def main(step: str) -> None:
    agent = Agent(FunctionModel(answer), name="shop", tools=[wire])
    gated, user = wrap_pydantic_agent(agent=agent, policy=POLICY, approvals="pause"), User("alice")
    if step == "pause":
        result = gated.run_sync("go", user=user)
        MESSAGES.write_bytes(result.all_messages_json())
        REQUESTS.write_bytes(ADAPTER.dump_json(result.output))
    elif step == "approve":
        store = ApprovalFile(".hexgate/approvals.db")
        [request] = store.every(time.time())
        store.answer(request.id, yes=True, by="bob", now=time.time())
    else:
        asked = ADAPTER.validate_json(REQUESTS.read_bytes())
        result = gated.run_sync(
            user=user,
            message_history=ModelMessagesTypeAdapter.validate_json(MESSAGES.read_bytes()),
            deferred_tool_results=DeferredToolResults(approvals={call.tool_call_id: True for call in asked.approvals}),
        )
        sys.stdout.write(json.dumps({"seen": seen, "output": result.output}))


if __name__ == "__main__":
    main(sys.argv[1])
