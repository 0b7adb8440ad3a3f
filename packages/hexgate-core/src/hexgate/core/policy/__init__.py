"""An author's text in, a `Policy` out, or every mistake that is in it at once."""

from hexgate.core.policy.document import Document
from hexgate.core.policy.policy import Policy

__all__ = ["Document", "Policy"]
