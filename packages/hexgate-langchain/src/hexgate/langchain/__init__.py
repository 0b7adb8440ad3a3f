"""LangChain and LangGraph behind a policy: `create_agent` builds an agent, `wrap_langchain_agent` takes a ready one.

building     LangChain's `create_agent` with the gate as its last middleware, and short ways to run an agent
runner       a graph's own methods, with a user
refusals     what the model is told, and pausing for an approval
events       the framework's stream as the common events
manifest     what an agent is, for policies and platforms
graphs       ready-made graphs → the same, with gated tools
gating       a call of a tool → its answer by way of the gate
backstop     what comes by no gate is stopped
values       what a tool answered, for guards and the record
calls        what the framework says of a call → what the policy is asked
"""

from hexgate.langchain.building import agent_tool, create_agent, invoke_agent, stream_agent, stream_agent_raw
from hexgate.langchain.runner import GatedAgent, enforce_policy, wrap_langchain_agent

__all__ = [
    "GatedAgent",
    "agent_tool",
    "create_agent",
    "enforce_policy",
    "invoke_agent",
    "stream_agent",
    "stream_agent_raw",
    "wrap_langchain_agent",
]
