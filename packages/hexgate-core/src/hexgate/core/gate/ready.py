"""Guards that are ready to use: no secret goes into a tool, and none comes out of one unnoticed."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any, Literal

from hexgate.core.call import ToolCall
from hexgate.core.gate.guards import Guard, Halt, Replace, names_of
from hexgate.core.gate.secrets import blotted, kinds_in
from hexgate.core.identity import User

__all__ = ["secrets_in_arguments", "secrets_in_results"]

log = logging.getLogger("hexgate.gate")


def secrets_in_arguments(
    *, action: Literal["halt", "redact"] = "halt", tool_names: Iterable[str] | None = None
) -> Guard:
    """A guard against secrets in arguments: it halts the call, or blots the secrets out before the policy sees them."""

    def no_secrets_in_arguments(call: ToolCall, _: User | None) -> dict[str, Any] | Halt | None:
        if action == "halt":
            kinds = kinds_in(call.arguments)
            return Halt(f"the arguments hold a secret ({', '.join(kinds)})") if kinds else None
        clean, kinds = blotted(call.arguments)
        return clean if kinds else None

    return Guard(no_secrets_in_arguments, "before", names_of(tool_names))


def secrets_in_results(*, action: Literal["warn", "redact"] = "warn", tool_names: Iterable[str] | None = None) -> Guard:
    """A guard against secrets in results: it warns the operator, or blots them out of what the model is shown."""

    def no_secrets_in_results(call: ToolCall, _: User | None, result: Any) -> Replace | None:
        clean, kinds = blotted(result)
        if not kinds:
            return None
        log.warning("the result of `%s` holds a secret (%s)", call.tool, ", ".join(kinds))
        return Replace(clean)

    return Guard(no_secrets_in_results, "after", names_of(tool_names), observe=action == "warn")
