"""Google ADK behind a policy."""
