"""Agents and users that may do nothing for a while."""
