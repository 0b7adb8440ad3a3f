"""The support agent with Pydantic AI: two users, a denial that the agent recovers from, an approval.

.venv/bin/python docs/examples/support_agent/pydantic_ai_agent.py                           scripted, offline
.venv/bin/python docs/examples/support_agent/pydantic_ai_agent.py --model openai:gpt-5.2    a real model, with its key
"""

import argparse
import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from pydantic_ai import Agent, ModelMessage, ModelResponse
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel
from shop import INSTRUCTIONS, ask_a_person, give_credit, lookup_order, refund_order, say

from hexgate.core import User
from hexgate.pydantic_ai import wrap_pydantic_agent

POLICY = Path(__file__).with_name("support.yaml")
# The script asks for too much first, and offers credit when it is told so.
SCRIPT = [
    DeltaToolCall("lookup_order", '{"order_id": "7"}'),
    DeltaToolCall("refund_order", '{"order_id": "7", "amount": 400}'),
    DeltaToolCall("refund_order", '{"order_id": "7", "amount": 100}'),
    DeltaToolCall("give_credit", '{"customer": "Zoë", "amount": 300}'),
    "I refunded what I may, and asked for the rest.",
]


async def scripted(messages: list[ModelMessage], _: AgentInfo) -> AsyncIterator[str | DeltaToolCalls]:
    """What the script says next."""
    step = SCRIPT[sum(isinstance(message, ModelResponse) for message in messages)]
    yield step if isinstance(step, str) else {0: step}


async def serve(user: User, model: str | None) -> None:
    """One conversation of one user, told as it happens."""
    print(f"{user.user_id}, {user.role}")
    tools = [lookup_order, refund_order, give_credit]
    agent = Agent(model or FunctionModel(stream_function=scripted), name="support-bot", tools=tools)
    gated = wrap_pydantic_agent(agent=agent, policy=POLICY, approval_handler=ask_a_person)
    question = "My lamp broke. I want my money back."
    async for event in gated.events(question, user=user, instructions=INSTRUCTIONS):
        if event.kind == "tool_end":
            say(str(event.data["result"]))
        elif event.kind == "run_end":
            say(f"agent: {event.data['output']}")


def main() -> None:
    parser = argparse.ArgumentParser(description="The support agent with Pydantic AI.")
    parser.add_argument("--model", help="the name of a real model; without it a script answers, offline")
    model = parser.parse_args().model
    for user in (User("alice", "support"), User("bob", "billing")):
        asyncio.run(serve(user, model))


if __name__ == "__main__":
    main()
