"""The codes of command lines that cannot be run as they were written."""

from __future__ import annotations

from hexgate.core.codes.entry import ErrorCode, entry

__all__ = ["COMMANDS"]

COMMANDS: tuple[ErrorCode, ...] = (
    entry(
        "command",
        "HX620",
        "a command line that cannot be read",
        "hexgate policy validate policy.yaml --colour",
        means="An option, an argument or a command is not known, or one that is needed is missing.",
        remedy="Ask the command itself: `--help` says what it takes.",
    ),
)
