"""Who is calling. A `User` names the person, the roles and the attributes; its scope carries them to every decision below it."""

from hexgate.core.identity.user import User, current_user

__all__ = ["User", "current_user"]
