"""People: their addresses, passwords and sessions."""
