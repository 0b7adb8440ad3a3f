"""The codes of the doors: what cannot be put behind the gate."""

from __future__ import annotations

from hexgate.core.codes.entry import ErrorCode, entry

__all__ = ["DOORS"]

DOORS: tuple[ErrorCode, ...] = (
    entry(
        "python",
        "HX951",
        "an agent that no door takes",
        """
        create_manifest("support-bot")
        """,
        means="What was passed is no agent of a framework whose wheel is installed.",
        remedy="Install the wheel of the framework, and pass the agent itself, not its name.",
    ),
    entry(
        "python",
        "HX952",
        "a tool that nothing can stand in front of",
        """
        import asyncio
        from agents import Agent, WebSearchTool
        from hexgate.openai import HexgateRunner

        agent = Agent(name="support-bot", tools=[WebSearchTool()])
        runner = HexgateRunner(policy={"tools": {}})
        asyncio.run(runner.run(agent, "hello", user=User("alice")))
        """,
        means="The tool runs with the provider, in a sandbox, or in an agent of its own, where no call of it comes by the gate.",
        remedy="Use a tool that runs here. Or let it run without a decision: name it in `allow_ungated`; the record says so.",
    ),
    entry(
        "python",
        "HX953",
        "a gated agent outside of a run",
        """
        import asyncio
        from agents import Agent, RunContextWrapper
        from hexgate.openai.gating import Gating

        agent = Gating().agent(Agent(name="support-bot"))
        asyncio.run(agent.get_all_tools(RunContextWrapper(None)))
        """,
        means="An agent behind the gate was run by the framework alone, so nobody knows for whom.",
        remedy="Run it by the runner of the door, or call it from a tool of an agent that is run so.",
    ),
    entry(
        "python",
        "HX954",
        "a pause that nobody keeps",
        """
        from langchain_core.language_models.fake_chat_models import FakeListChatModel
        from hexgate.langchain import create_agent

        create_agent(FakeListChatModel(responses=["hello"]), policy={"tools": {}}, approvals="pause")
        """,
        means="A run is to be interrupted where a human is asked for, and its graph has no checkpointer that keeps it until then.",
        remedy="Pass `checkpointer=`, one on disk where another process goes on with the run.",
    ),
)
