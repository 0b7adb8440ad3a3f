"""A user's own checks around a tool: before it, where they may rewrite the arguments or halt the call, and after it, on the result.

    @before_tool(tool_names=["send_mail"])
    def only_ours(call, user):
        if not call.arguments["to"].endswith("@example.com"):
            return Halt("mail goes to example.com only")

# INVARIANT: a guard that raises, or answers with what no guard may, denies; an observer can change nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, overload

from hexgate.core.call import ToolCall
from hexgate.core.identity import User

__all__ = ["After", "Before", "Guard", "Halt", "Replace", "after_tool", "before_tool", "names_of"]


@dataclass(frozen=True, slots=True)
class Halt:
    """A guard's no. The reason is told to the model, so it names nothing that the model should not know."""

    reason: str


@dataclass(frozen=True, slots=True)
class Replace:
    """What a guard puts in the place of a result."""

    value: Any


# None goes on; a mapping is the new arguments.
Rewritten = Mapping[str, Any] | Halt | None
Before = Callable[[ToolCall, User | None], Awaitable[Rewritten] | Rewritten]
# None leaves the result as it is.
Replaced = Replace | None
After = Callable[[ToolCall, User | None, Any], Awaitable[Replaced] | Replaced]


@dataclass(frozen=True, slots=True)
class Guard:
    """One hook: when it is asked, about which tools, and whether it may have a say."""

    function: Callable[..., Any]
    when: Literal["before", "after"]
    tool_names: tuple[str, ...] | None = None
    observe: bool = False

    @property
    def name(self) -> str:
        """What the record calls it."""
        return str(getattr(self.function, "__name__", type(self.function).__name__))

    def watches(self, tool: str) -> bool:
        """Whether it is asked about a tool: all of them, or those whose names or prefixes are listed."""
        if self.tool_names is None:
            return True
        return any(tool.startswith(name[:-1]) if name.endswith("*") else tool == name for name in self.tool_names)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """The function itself, so that it can be called and tested as it was written."""
        return self.function(*arguments, **named)


@overload
def before_tool(function: Before, /) -> Guard: ...
@overload
def before_tool(*, tool_names: Iterable[str] | None = None, observe: bool = False) -> Callable[[Before], Guard]: ...
def before_tool(
    function: Before | None = None, /, *, tool_names: Iterable[str] | None = None, observe: bool = False
) -> Guard | Callable[[Before], Guard]:
    """A guard that is asked before the policy is: `(call, user)` to None, new arguments or `Halt`."""
    names = names_of(tool_names)
    if function is not None:
        return Guard(function, "before")
    return lambda inner: Guard(inner, "before", names, observe)


@overload
def after_tool(function: After, /) -> Guard: ...
@overload
def after_tool(*, tool_names: Iterable[str] | None = None, observe: bool = False) -> Callable[[After], Guard]: ...
def after_tool(
    function: After | None = None, /, *, tool_names: Iterable[str] | None = None, observe: bool = False
) -> Guard | Callable[[After], Guard]:
    """A guard that is asked when the tool has returned: `(call, user, result)` to None or `Replace`."""
    names = names_of(tool_names)
    if function is not None:
        return Guard(function, "after")
    return lambda inner: Guard(inner, "after", names, observe)


def names_of(tool_names: Iterable[str] | None) -> tuple[str, ...] | None:
    """The names of tools, of which one text would be many letters."""
    if isinstance(tool_names, str):
        raise TypeError(f"`tool_names` takes several names: write `tool_names=[{tool_names!r}]`")
    return None if tool_names is None else tuple(tool_names)
