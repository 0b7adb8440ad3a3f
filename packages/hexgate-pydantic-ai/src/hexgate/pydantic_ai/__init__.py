"""Pydantic AI behind a policy: `wrap_pydantic_agent` gives an agent that runs as the one it was given, every tool decided about.

runner       the agent's own methods, with a user
refusals     what the model is told, and pausing for an approval
events       the framework's stream as the common events
manifest     what an agent is, for policies and platforms
gating       the toolset and the capability that stand before every tool
calls        what the framework says of a call → what the policy is asked
"""

from hexgate.pydantic_ai.runner import GatedAgent, wrap_pydantic_agent

__all__ = ["GatedAgent", "wrap_pydantic_agent"]
