"""What an engine is, and the denials that no rule gives: every engine refuses the same calls, in the same words.

# INVARIANT: nothing here raises, whatever was given as the call or the user, and nothing here is anything but a denial.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Protocol

from hexgate.core.call import ToolCall
from hexgate.core.decision import Decision, Outcome
from hexgate.core.identity import User

__all__ = ["Denials", "Engine"]

log = logging.getLogger("hexgate.engine")


class Engine(Protocol):
    """Answers calls by one program. Whatever happens, it returns a decision."""

    @property
    def digest(self) -> str:
        """The digest of the program."""
        ...

    def decide(self, call: ToolCall, user: User | None) -> Decision:
        """The decision about a call."""
        ...


class Denials:
    """The denials of one engine that no rule gave."""

    __slots__ = ("digest", "engine")

    def __init__(self, digest: str, engine: str) -> None:
        self.digest = digest
        self.engine = engine

    def refused(self, call: ToolCall, user: User | None) -> Decision:
        """The denial of a call that is not decided by any rule: it is malformed, or nobody asks, or none who may ask for it."""
        names = () if user is None else user.roles
        if call.refusal is not None:
            return self.denied(call, names, "call_refused", call.refusal)
        # Whoever was refused for being late stays late, also where the clock was set back meanwhile.
        code = "no_user" if user is None else user.obstacle(call.tool) or "user_expired"
        return self.denied(call, names, code)

    def faulted(self, call: ToolCall, user: User | None, fault: Exception) -> Decision:
        """The denial after a fault, of which not even the question's types are taken for granted."""
        asked = call if type(call) is ToolCall else ToolCall("(no call)", {})
        # Its type is asked and not the object, which may answer anything.
        if user is not None and not issubclass(type(user), User):
            return self.denied(asked, (), "no_user", "what was given as the user is no `User`")
        with suppress(Exception):
            # A log that cannot be written must not take the answer with it.
            log.error("the engine failed; the call is denied", exc_info=fault)
        return self.denied(asked, () if user is None else user.roles, "engine_fault")

    def denied(
        self,
        call: ToolCall,
        names: tuple[str, ...],
        code: str,
        detail: str | None = None,
        *,
        monitor: bool | str = False,
    ) -> Decision:
        """A denial that no rule gave."""
        return Decision(
            Outcome.DENY,
            code,
            call.tool,
            call.agent,
            names,
            None,
            None,
            (),
            monitor,
            None,
            self.digest,
            self.engine,
            detail,
        )
