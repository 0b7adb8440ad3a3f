"""Hexgate decides, before a tool runs, whether this user may run it."""
