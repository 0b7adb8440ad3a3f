"""A program and a seed in, the calls out on which two engines have to agree: they reach every rule and try every constraint.

The calls are worked out from the conditions, not drawn. For each constraint a call is looked for on which it is true, one on which
it is false and one on which it is unknown; and for each leaf the values around which an engine could err.

# INVARIANT: the same digest, seed and version give the same calls, on every machine, Python and order of the document.
"""

from hexgate.core.bundle.calls.covering import VERSION, covering_calls
from hexgate.core.bundle.calls.question import Question

__all__ = ["VERSION", "Question", "covering_calls"]
