"""What is asked in, what it came to or what went wrong out: the one file of the gate that catches any fault of a stranger's code.

# INVARIANT: whoever calls this turns a fault into a no; a cancellation is no fault and goes on its way.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from typing import Any

from hexgate.core.gate.drivers import Answer, Ask, OutOfTimeError, name_of

__all__ = ["attempt", "tried"]

log = logging.getLogger("hexgate.gate")


def attempt(ask: Ask, *, quiet: bool = False) -> Generator[Ask, Answer, tuple[Any, Exception | None]]:
    """The answer, or the fault, which the log is told unless somebody else will hear of it."""
    value, error = yield ask
    if error is not None and not isinstance(error, Exception):
        raise error
    if isinstance(error, OutOfTimeError):
        log.warning("`%s` did not answer in time", name_of(ask.function))
    elif error is not None and not quiet:
        log.error("`%s` failed", name_of(ask.function), exc_info=error)
    return value, error


def tried(function: Callable[..., Any], *arguments: Any) -> tuple[Any, Exception | None]:
    """The same for what answers at once, in any code, and so also while a task is being cancelled."""
    try:
        return function(*arguments), None
    except Exception as fault:
        log.error("`%s` failed", name_of(function), exc_info=fault)
        return None, fault
