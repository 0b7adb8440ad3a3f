"""One step of a run that pauses, each in a process of its own: `python resuming.py pause|approve|resume`."""

import json
import sqlite3
import sys
import time
from contextlib import closing
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import Command

from hexgate.core import ApprovalFile, User
from hexgate.langchain import create_agent

POLICY = {"tools": {"wire": {"mode": "approval_required"}}}
seen: list[tuple[str, int]] = []


def wire(amount: int) -> str:
    """Sends money."""
    seen.append(("wire", amount))
    return f"sent {amount}"


class Wires(BaseChatModel):
    """Wires, and then says that it is done."""

    @property
    def _llm_type(self) -> str:
        return "wires"

    def bind_tools(self, tools: Any, **more: Any) -> Any:
        return self.bind(tools=tools)

    def _generate(self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **more: Any) -> Any:
        call = {"name": "wire", "args": {"amount": 5}, "id": "w"}
        spoken = any(isinstance(message, AIMessage) for message in messages)
        message = AIMessage("done") if spoken else AIMessage("", tool_calls=[call])
        return ChatResult(generations=[ChatGeneration(message=message)])


def main(step: str) -> None:
    with closing(sqlite3.connect("threads.db", check_same_thread=False)) as connection:
        saver = SqliteSaver(connection)
        agent, _ = create_agent(Wires(), [wire], policy=POLICY, approvals="pause", checkpointer=saver)
        user = User("alice")
        thread: Any = {"configurable": {"thread_id": "one"}}
        if step == "pause":
            agent.invoke({"messages": [{"role": "user", "content": "go"}]}, thread, user=user)
        elif step == "approve":
            store = ApprovalFile(".hexgate/approvals.db")
            [request] = store.every(time.time())
            store.answer(request.id, yes=True, by="bob", now=time.time())
        else:
            state = agent.invoke(Command(resume=True), thread, user=user)
            sys.stdout.write(json.dumps({"seen": seen, "output": state["messages"][-1].text}))


if __name__ == "__main__":
    main(sys.argv[1])
