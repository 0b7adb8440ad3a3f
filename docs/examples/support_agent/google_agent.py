"""The support agent with Google ADK: two users, a denial that the agent recovers from, an approval.

.venv/bin/python docs/examples/support_agent/google_agent.py                             scripted, offline
.venv/bin/python docs/examples/support_agent/google_agent.py --model gemini-2.5-flash    a real model, with its key
"""

import argparse
import logging
from collections.abc import AsyncGenerator
from pathlib import Path

from google.adk.agents import LlmAgent
from google.adk.models import BaseLlm, LlmRequest, LlmResponse
from google.genai.types import Content, FunctionCall, Part
from shop import INSTRUCTIONS, ask_a_person, give_credit, lookup_order, refund_order, say

from hexgate.core import User
from hexgate.google import HexgateRunner

POLICY = Path(__file__).with_name("support.yaml")
# The script asks for too much first, and offers credit when it is told so.
SCRIPT = [
    Part(function_call=FunctionCall(name="lookup_order", args={"order_id": "7"})),
    Part(function_call=FunctionCall(name="refund_order", args={"order_id": "7", "amount": 400})),
    Part(function_call=FunctionCall(name="refund_order", args={"order_id": "7", "amount": 100})),
    Part(function_call=FunctionCall(name="give_credit", args={"customer": "Zoë", "amount": 300})),
    Part(text="I refunded what I may, and asked for the rest."),
]


class Scripted(BaseLlm):
    """A model that says what stands in the script."""

    model: str = "scripted"

    async def generate_content_async(
        self, llm_request: LlmRequest, stream: bool = False
    ) -> AsyncGenerator[LlmResponse, None]:
        """What the script says next."""
        del stream
        spoken = sum(content.role == "model" for content in llm_request.contents)
        yield LlmResponse(content=Content(role="model", parts=[SCRIPT[spoken]]))


def serve(user: User, model: str | None) -> None:
    """One conversation of one user."""
    print(f"{user.user_id}, {user.role}")
    tools = [lookup_order, refund_order, give_credit]
    agent = LlmAgent(name="support_bot", model=model or Scripted(), instruction=INSTRUCTIONS, tools=tools)
    runner = HexgateRunner(agent=agent, app_name="support", policy=POLICY, approval_handler=ask_a_person)
    for event in list(runner.run(new_message="My lamp broke. I want my money back.", user=user)):
        for answer in event.get_function_responses():
            told = answer.response or {}
            say(str(told.get("error") or told.get("result")))
        if event.is_final_response() and event.content and event.content.parts:
            say(f"agent: {event.content.parts[0].text}")


def main() -> None:
    parser = argparse.ArgumentParser(description="The support agent with Google ADK.")
    parser.add_argument("--model", help="the name of a real model; without it a script answers, offline")
    model = parser.parse_args().model
    # The framework says at length that a script counts no tokens.
    logging.getLogger("google_adk").setLevel(logging.ERROR)
    for user in (User("alice", "support"), User("bob", "billing")):
        serve(user, model)


if __name__ == "__main__":
    main()
