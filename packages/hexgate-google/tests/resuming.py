"""One step of a run that pauses, each in a process of its own: `python resuming.py pause|approve|resume`."""

import json
import sys
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

from google.adk.agents import LlmAgent
from google.adk.models import BaseLlm
from google.adk.models.llm_request import LlmRequest
from google.adk.models.llm_response import LlmResponse
from google.adk.sessions.sqlite_session_service import SqliteSessionService
from google.genai import types

from hexgate.core import ApprovalFile, User
from hexgate.google import HexgateRunner

ASKED = Path("asked.json")
POLICY = {"tools": {"wire": {"mode": "approval_required"}}}
seen: list[tuple[str, int]] = []


def wire(amount: int) -> str:
    """Sends money."""
    seen.append(("wire", amount))
    return f"sent {amount}"


class Wires(BaseLlm):
    """Wires, and then says that it is done."""

    model: str = "wires"

    async def generate_content_async(
        self, llm_request: LlmRequest, stream: bool = False
    ) -> AsyncGenerator[LlmResponse, None]:
        spoken = any(content.role == "model" for content in llm_request.contents)
        call = types.Part(function_call=types.FunctionCall(name="wire", args={"amount": 5}, id="w"))
        yield LlmResponse(content=types.Content(role="model", parts=[types.Part(text="done") if spoken else call]))


def main(step: str) -> None:
    if step == "approve":
        store = ApprovalFile(".hexgate/approvals.db")
        [request] = store.every(time.time())
        store.answer(request.id, yes=True, by="bob", now=time.time())
        return
    runner = HexgateRunner(
        agent=LlmAgent(name="shop", model=Wires(), tools=[wire]),
        app_name="shop",
        policy=POLICY,
        approvals="pause",
        session_service=SqliteSessionService("sessions.db"),
    )
    message: Any = "go"
    if step == "resume":
        yes = types.FunctionResponse(
            name="adk_request_confirmation", id=json.loads(ASKED.read_text()), response={"confirmed": True}
        )
        message = types.Content(role="user", parts=[types.Part(function_response=yes)])
    events = list(runner.run(new_message=message, user=User("alice"), session_id="s"))
    if step == "pause":
        calls = [call for event in events for call in event.get_function_calls()]
        ASKED.write_text(json.dumps(calls[-1].id))
    else:
        parts = events[-1].content.parts if events[-1].content else None
        sys.stdout.write(json.dumps({"seen": seen, "output": parts[0].text if parts else None}))


if __name__ == "__main__":
    main(sys.argv[1])
