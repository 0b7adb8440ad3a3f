"""The codes of a `User` that cannot be asked about."""

from __future__ import annotations

from hexgate.core.codes.entry import ErrorCode, entry

__all__ = ["USERS"]

USERS: tuple[ErrorCode, ...] = (
    entry(
        "python",
        "HX502",
        "a bad part of a user",
        """
        User("alice", roles="billing")
        """,
        means="An id, a role, a session or a time limit is no text of 1 to 1,024 characters, or no positive number.",
        remedy="Pass what the message names. What is not known is left out or None.",
    ),
    entry(
        "python",
        "HX503",
        "attributes that JSON does not know",
        """
        User("alice", attributes={"since": date(2026, 1, 31)})
        """,
        means="Attributes are data that constraints compare, and so must be a JSON object of at most 1 MiB.",
        remedy="Turn dates and objects into texts first, such as `since.isoformat()`.",
    ),
)
