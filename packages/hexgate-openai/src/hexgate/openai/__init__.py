"""OpenAI Agents behind a policy: `HexgateRunner` runs an agent as it is, and every tool of it is decided about.

runner       the SDK's `Runner`, with a user
refusals     pausing for an approval, and going on in another process
events       the SDK's stream as the common events
manifest     what an agent is, for policies and platforms
gating       agents, tools and handoffs → the same, behind the gate
calls        what the SDK says of a call → what the policy is asked
"""

from hexgate.openai.gating import agent_tool
from hexgate.openai.runner import HexgateRunner

__all__ = ["HexgateRunner", "agent_tool"]
