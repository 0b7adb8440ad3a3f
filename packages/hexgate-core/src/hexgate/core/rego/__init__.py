"""A program in, the same policy as Rego out: for people who review it, for OPA, and as a judge of the other engines.

# INVARIANT: every text of an author stands in the Rego as a quoted string or as one line of a comment, never as a name or as code.
"""

from hexgate.core.rego.printer import rego_text

__all__ = ["rego_text"]
