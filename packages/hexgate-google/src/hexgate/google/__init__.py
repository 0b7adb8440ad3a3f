"""Google ADK behind a policy: `HexgateRunner` runs an agent as it is, and every tool of it is decided about.

runner       the framework's `Runner`, with a user
refusals     what the model is told, and pausing for an approval
events       the framework's events as the common events
manifest     what an agent is, for policies and platforms
gating       the plugin that stands before every tool
calls        what the framework says of a call → what the policy is asked
"""

from hexgate.google.runner import HexgateRunner

__all__ = ["HexgateRunner"]
