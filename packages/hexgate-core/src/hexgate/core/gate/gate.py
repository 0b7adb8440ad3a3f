"""A function in, the same function out, with the policy in front of it: decided, approved, run and recorded on each call."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, TypeVar, cast

from hexgate.core.call import ToolCall
from hexgate.core.decision import Decision
from hexgate.core.gate.approvals import Pending
from hexgate.core.gate.drivers import Flow, arun, is_async, name_of, run
from hexgate.core.gate.foreseeing import foreseeing
from hexgate.core.gate.passage import Passage, Result
from hexgate.core.gate.setting import Setting
from hexgate.core.gate.signature import Signature
from hexgate.core.gate.stages import passing
from hexgate.core.identity import User, current_user

__all__ = ["Gate", "NotRunError", "by_name", "uncalled"]

F = TypeVar("F", bound=Callable[..., Any])


class NotRunError(Exception):
    """A wrapped tool that did not run, since the answer was no or not yet. The message is what a model may be told."""

    def __init__(self, result: Result) -> None:
        super().__init__(result.decision.for_model())
        self.result = result

    @property
    def decision(self) -> Decision:
        """Why the tool did not run."""
        return self.result.decision


class Gate:
    """Stands in front of tools: decides about each call, acts on the answer, keeps the record."""

    __slots__ = ("agent", "policy", "setting")

    def __init__(self, setting: Setting, *, agent: str, policy: Callable[[], str]) -> None:
        self.setting = setting
        self.agent = agent
        self.policy = policy

    def call(
        self,
        tool: str,
        arguments: Mapping[str, Any] | str | bytes,
        function: Callable[..., Any],
        *,
        user: User | None = None,
        call_id: str | None = None,
    ) -> Result:
        """Decides, acts and records, in sync code. What the function raises is raised; a denial is returned."""
        refuse_async(function)
        return run(self.flow(ToolCall(tool, arguments, self.agent), function, by_name, user=user, call_id=call_id))

    async def acall(
        self,
        tool: str,
        arguments: Mapping[str, Any] | str | bytes,
        function: Callable[..., Any],
        *,
        user: User | None = None,
        call_id: str | None = None,
    ) -> Result:
        """The same in async code. A function that is not async runs in a thread, with the context of the task."""
        call = ToolCall(tool, arguments, self.agent)
        return await arun(self.flow(call, function, by_name, user=user, call_id=call_id))

    def flow(
        self,
        call: ToolCall,
        function: Callable[..., Any],
        spread: Callable[[dict[str, Any]], tuple[tuple[Any, ...], dict[str, Any]]],
        *,
        user: User | None = None,
        call_id: str | None = None,
        refused: str | None = None,
    ) -> Flow[Result]:
        """The way of one call, for whoever has a driver of their own; `refused` is a code with which it was refused before."""
        caller = current_user() if user is None else user
        passage = Passage(call, caller, function, call_id, self.policy(), spread)
        if refused is not None:
            passage.refuse(refused)
        return passing(self.setting, passage)

    def foresee(self, call: ToolCall, user: User, call_id: str) -> Flow[Pending | None]:
        """Whether a call that a framework will make has to wait for a human: the request, kept; None where it has not."""
        return foreseeing(self.setting, Passage(call, user, uncalled, call_id, self.policy(), by_name))

    def wrap(
        self,
        function: F,
        *,
        name: str | None = None,
        hidden: Iterable[str] = (),
        on_denied: Literal["raise", "tell"] = "raise",
    ) -> F:
        """The function behind the gate, with its signature.

        The policy sees the arguments by the names of the parameters, defaults included; parameters that are `hidden` are passed
        on and not seen. When the call is denied the wrapped function raises `NotRunError`, or returns what a model may be told.
        """
        signature = Signature.of(function, frozenset(hidden))
        tool = name or name_of(function)

        def begin(given: tuple[Any, ...], named: dict[str, Any]) -> Flow[Result]:
            arguments, spread = signature.bind(given, named)
            return self.flow(ToolCall(tool, arguments, self.agent), function, spread)

        def end(result: Result) -> Any:
            if result.ran or on_denied == "tell":
                return result.for_model()
            raise NotRunError(result)

        if is_async(function):

            @functools.wraps(function)
            async def awaited(*given: Any, **named: Any) -> Any:
                return end(await arun(begin(given, named)))

            return cast(F, awaited)

        @functools.wraps(function)
        def called(*given: Any, **named: Any) -> Any:
            return end(run(begin(given, named)))

        return cast(F, called)


def by_name(arguments: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Every argument by its name."""
    return (), arguments


def uncalled() -> None:
    """The tool of a passage in which nothing is called."""


def refuse_async(function: Callable[..., Any]) -> None:
    """Says at once, before anything is decided, that an async tool cannot be awaited here."""
    if is_async(function) or inspect.isasyncgenfunction(function):
        raise TypeError("the tool is async: `await hexgate.acall(…)`")
