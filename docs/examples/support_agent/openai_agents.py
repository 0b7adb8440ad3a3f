"""The support agent with OpenAI Agents: two users, a denial that the agent recovers from, an approval.

.venv/bin/python docs/examples/support_agent/openai_agents.py                    scripted, offline
.venv/bin/python docs/examples/support_agent/openai_agents.py --model gpt-5.2    a real model, with OPENAI_API_KEY
"""

import argparse
import asyncio
from pathlib import Path

from agents import Agent, Model, RunConfig, function_tool
from agents.testing import ScriptedModel, assistant_message, function_call
from shop import INSTRUCTIONS, ask_a_person, give_credit, lookup_order, refund_order, say

from hexgate.core import User
from hexgate.openai import HexgateRunner

POLICY = Path(__file__).with_name("support.yaml")
TOOLS = [function_tool(lookup_order), function_tool(refund_order), function_tool(give_credit)]


def scripted() -> Model:
    """A model that asks for too much first, and offers credit when it is told so."""
    refund = {"order_id": "7", "amount": 400}
    return ScriptedModel(
        [
            [function_call("lookup_order", {"order_id": "7"}, call_id="1")],
            [function_call("refund_order", refund, call_id="2")],
            [function_call("refund_order", {**refund, "amount": 100}, call_id="3")],
            [function_call("give_credit", {"customer": "Zoë", "amount": 300}, call_id="4")],
            [assistant_message("I refunded what I may, and asked for the rest.")],
        ]
    )


async def serve(user: User, model: str | None) -> None:
    """One conversation of one user."""
    print(f"{user.user_id}, {user.role}")
    runner = HexgateRunner(policy=POLICY, approval_handler=ask_a_person)
    agent = Agent(name="support-bot", instructions=INSTRUCTIONS, tools=TOOLS, model=model or scripted())
    config = RunConfig(tracing_disabled=True)
    result = await runner.run(agent, "My lamp broke. I want my money back.", user=user, run_config=config)
    for item in result.new_items:
        if item.type == "tool_call_output_item":
            say(str(item.output))
    say(f"agent: {result.final_output}")


def main() -> None:
    parser = argparse.ArgumentParser(description="The support agent with OpenAI Agents.")
    parser.add_argument("--model", help="the name of a real model; without it a script answers, offline")
    model = parser.parse_args().model
    for user in (User("alice", "support"), User("bob", "billing")):
        asyncio.run(serve(user, model))


if __name__ == "__main__":
    main()
