"""A call and its user in, the JSON that a module reads out: arguments and attributes as they were written once, and the rest.

The keys come sorted, so that no module has to sort them.
"""

from __future__ import annotations

from orjson import dumps

from hexgate.core.call import ToolCall
from hexgate.core.identity import User

__all__ = ["question_of"]


def question_of(call: ToolCall, user: User) -> bytes:
    """The input document: `role` for a caller with one role, else `roles`; what is not known is not there."""
    roles, session, user_id = user.roles, user.session_id, user.user_id
    return b"".join(
        (
            b'{"args":',
            call.encoded,
            b',"ctx":',
            user.encoded,
            b',"role":' + dumps(roles[0]) if len(roles) == 1 else b',"roles":' + dumps(roles),
            b"" if session is None else b',"session":{"id":' + dumps(session) + b"}",
            b',"tool":',
            dumps(call.tool),
            b"}" if user_id is None else b',"user":{"id":' + dumps(user_id) + b"}}",
        )
    )
