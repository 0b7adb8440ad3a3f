"""The support agent with LangChain: two users, a denial that the agent recovers from, an approval.

.venv/bin/python docs/examples/support_agent/langchain_agent.py                           scripted, offline
.venv/bin/python docs/examples/support_agent/langchain_agent.py --model openai:gpt-5.2    a real model, with its package and key
"""

import argparse
import json
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.language_models.fake_chat_models import FakeMessagesListChatModel
from langchain_core.messages import AIMessage, ToolMessage
from shop import INSTRUCTIONS, ask_a_person, give_credit, lookup_order, refund_order, say

from hexgate.core import User
from hexgate.langchain import create_agent

POLICY = Path(__file__).with_name("support.yaml")
# The script asks for too much first, and offers credit when it is told so.
SCRIPT: list[tuple[str, dict[str, Any]]] = [
    ("lookup_order", {"order_id": "7"}),
    ("refund_order", {"order_id": "7", "amount": 400}),
    ("refund_order", {"order_id": "7", "amount": 100}),
    ("give_credit", {"customer": "Zoë", "amount": 300}),
]
LAST = AIMessage("I refunded what I may, and asked for the rest.")


class Scripted(FakeMessagesListChatModel):
    """A model that says what stands in the script."""

    def bind_tools(self, tools: Any, **_: Any) -> Any:
        """It knows its tools already."""
        del tools
        return self


def scripted() -> BaseChatModel:
    """The script as a model."""
    calls = [{"name": name, "args": given, "id": f"call-{number}"} for number, (name, given) in enumerate(SCRIPT)]
    return Scripted(responses=[*(AIMessage("", tool_calls=[call]) for call in calls), LAST])


def serve(user: User, model: str | None) -> None:
    """One conversation of one user."""
    print(f"{user.user_id}, {user.role}")
    tools = [lookup_order, refund_order, give_credit]
    agent, _ = create_agent(
        model or scripted(), tools, INSTRUCTIONS, name="support-bot", policy=POLICY, approval_handler=ask_a_person
    )
    question = {"role": "user", "content": "My lamp broke. I want my money back."}
    state = agent.invoke({"messages": [question]}, user=user)
    for message in state["messages"]:
        if isinstance(message, ToolMessage):
            denied = message.status == "error"
            say(json.loads(message.text)["error"]["message"] if denied else message.text)
    say(f"agent: {state['messages'][-1].text}")


def main() -> None:
    parser = argparse.ArgumentParser(description="The support agent with LangChain.")
    parser.add_argument("--model", help="the name of a real model; without it a script answers, offline")
    model = parser.parse_args().model
    for user in (User("alice", "support"), User("bob", "billing")):
        serve(user, model)


if __name__ == "__main__":
    main()
