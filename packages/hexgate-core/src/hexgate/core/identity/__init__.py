"""Who is calling. A `User` names the person, the roles and the attributes; its scope carries them to every decision below it.

Tokens, which carry a user to another process, stand in `hexgate.core.identity.tokens`: only who needs one loads them.
"""

from hexgate.core.identity.user import User, current_user

__all__ = ["User", "current_user"]
