"""One step of a run that pauses, each in a process of its own: `python resuming.py pause|approve|resume`."""

import json
import sys
import time
from pathlib import Path

from agents import Agent, function_tool, set_tracing_disabled
from agents.testing import ScriptedModel, assistant_message, function_call

from hexgate.core import ApprovalFile, User
from hexgate.openai import HexgateRunner

SAVED = Path("saved.json")
POLICY = {"tools": {"wire": {"mode": "approval_required"}}}
seen: list[tuple[str, int]] = []


@function_tool
def wire(amount: int) -> str:
    """Sends money."""
    seen.append(("wire", amount))
    return f"sent {amount}"


def main(step: str) -> None:
    runner, user = HexgateRunner(policy=POLICY, approvals="pause"), User("alice")
    done = [assistant_message("done")]
    if step == "pause":
        model = ScriptedModel([[function_call("wire", {"amount": 5}, call_id="w")], done])
        result = runner.run_sync(Agent(name="shop", tools=[wire], model=model), "go", user=user)
        SAVED.write_text(json.dumps(result.to_state().to_json()))
    elif step == "approve":
        store = ApprovalFile(".hexgate/approvals.db")
        [request] = store.every(time.time())
        store.answer(request.id, yes=True, by="bob", now=time.time())
    else:
        agent = Agent(name="shop", tools=[wire], model=ScriptedModel([done]))
        result = runner.run_sync(agent, json.loads(SAVED.read_text()), user=user)
        sys.stdout.write(json.dumps({"seen": seen, "output": result.final_output}))


if __name__ == "__main__":
    set_tracing_disabled(True)
    main(sys.argv[1])
