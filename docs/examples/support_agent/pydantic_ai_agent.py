"""The support agent with Pydantic AI: two users, a denial that the agent recovers from, an approval.

.venv/bin/python docs/examples/support_agent/pydantic_ai_agent.py                           scripted, offline
.venv/bin/python docs/examples/support_agent/pydantic_ai_agent.py --model openai:gpt-5.2    a real model, with its key
"""

import argparse
from pathlib import Path

from pydantic_ai import Agent, ModelMessage, ModelResponse, TextPart, ToolCallPart, ToolReturnPart
from pydantic_ai.models.function import AgentInfo, FunctionModel
from shop import INSTRUCTIONS, ask_a_person, give_credit, lookup_order, refund_order, say

from hexgate.core import User
from hexgate.pydantic_ai import wrap_pydantic_agent

POLICY = Path(__file__).with_name("support.yaml")
# The script asks for too much first, and offers credit when it is told so.
SCRIPT = [
    ToolCallPart("lookup_order", {"order_id": "7"}),
    ToolCallPart("refund_order", {"order_id": "7", "amount": 400}),
    ToolCallPart("refund_order", {"order_id": "7", "amount": 100}),
    ToolCallPart("give_credit", {"customer": "Zoë", "amount": 300}),
    TextPart("I refunded what I may, and asked for the rest."),
]


def scripted(messages: list[ModelMessage], _: AgentInfo) -> ModelResponse:
    """What the script says next."""
    return ModelResponse([SCRIPT[sum(isinstance(message, ModelResponse) for message in messages)]])


def serve(user: User, model: str | None) -> None:
    """One conversation of one user."""
    print(f"{user.user_id}, {user.role}")
    tools = [lookup_order, refund_order, give_credit]
    agent = Agent(model or FunctionModel(scripted), name="support-bot", instructions=INSTRUCTIONS, tools=tools)
    gated = wrap_pydantic_agent(agent=agent, policy=POLICY, approval_handler=ask_a_person)
    result = gated.run_sync("My lamp broke. I want my money back.", user=user)
    for message in result.all_messages():
        for part in message.parts:
            if isinstance(part, ToolReturnPart):
                say(str(part.content))
    say(f"agent: {result.output}")


def main() -> None:
    parser = argparse.ArgumentParser(description="The support agent with Pydantic AI.")
    parser.add_argument("--model", help="the name of a real model; without it a script answers, offline")
    model = parser.parse_args().model
    for user in (User("alice", "support"), User("bob", "billing")):
        serve(user, model)


if __name__ == "__main__":
    main()
