"""A flow in, its result out. The flow is a generator that says what has to be asked; the two drivers say how it is asked.

In sync code everything is called where the flow runs. In async code what can be awaited is awaited, and what cannot, and may take
its time, runs in a thread with the context of the task: a tool or a person never holds the event loop up.

# INVARIANT: a flow that was begun is driven to its end, also when the task is cancelled: its last stage records what happened.
"""

from __future__ import annotations

import asyncio
import contextvars
import queue
import threading
from collections.abc import Callable, Generator
from contextlib import suppress
from inspect import isawaitable, iscoroutine, iscoroutinefunction
from typing import Any, TypeVar

__all__ = ["Answer", "Ask", "Flow", "OutOfTimeError", "arun", "is_async", "name_of", "run"]

T = TypeVar("T")


class OutOfTimeError(Exception):
    """Who was asked did not answer in time."""


class Ask:
    """One thing that a flow needs from outside.

    `slow` may block: in async code it runs in a thread. With `seconds` it may be given up, so what is not async runs in a thread
    of its own, for which the process does not wait.
    """

    # Made several times a call, and so no frozen dataclass, which sets each field by a call of its own.
    __slots__ = ("arguments", "function", "named", "seconds", "slow")

    def __init__(
        self,
        function: Callable[..., Any],
        arguments: tuple[Any, ...] = (),
        named: dict[str, Any] | None = None,
        *,
        slow: bool = False,
        seconds: float | None = None,
    ) -> None:
        self.function = function
        self.arguments = arguments
        self.named = named
        self.slow = slow
        self.seconds = seconds

    def call(self) -> Any:
        """Calls the function."""
        return self.function(*self.arguments, **(self.named or {}))


# What an ask came to: a value, or what was raised instead.
Answer = tuple[Any, BaseException | None]
Flow = Generator[Ask, Answer, T]


def run(flow: Flow[T]) -> T:
    """Drives a flow in sync code."""
    try:
        ask = next(flow)
        while True:
            try:
                answer: Answer = (here(ask), None)
            except BaseException as error:  # noqa: BLE001 -- whatever it is, the flow is told
                answer = (None, error)
            ask = flow.send(answer)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


async def arun(flow: Flow[T]) -> T:
    """Drives a flow in async code."""
    try:
        ask = next(flow)
        while True:
            try:
                answer: Answer = (await there(ask), None)
            except BaseException as error:  # noqa: BLE001 -- whatever it is, the flow is told
                answer = (None, error)
            ask = flow.send(answer)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


def here(ask: Ask) -> Any:
    """The answer in sync code, where nothing can be awaited."""
    value = ask.call() if ask.seconds is None else in_time(ask, ask.seconds)
    if isawaitable(value):
        if iscoroutine(value):
            value.close()
        raise TypeError(
            f"`{name_of(ask.function)}` is async and was asked in sync code: use the async way to call the tool"
        )
    return value


def in_time(ask: Ask, seconds: float) -> Any:
    """The answer of a thread that may be given up."""
    box: queue.SimpleQueue[Answer] = queue.SimpleQueue()
    in_a_thread(ask, box.put)
    try:
        value, error = box.get(timeout=seconds)
    except queue.Empty:
        raise OutOfTimeError from None
    if error is not None:
        raise error
    return value


async def there(ask: Ask) -> Any:
    """The answer in async code."""
    if ask.seconds is None:
        return await answered(ask)
    limit = asyncio.timeout(ask.seconds)
    try:
        async with limit:
            return await answered(ask)
    except TimeoutError:
        if limit.expired():
            raise OutOfTimeError from None
        raise


async def answered(ask: Ask) -> Any:
    """The answer, awaited where it can be."""
    if is_async(ask.function) or not (ask.slow or ask.seconds is not None):
        value = ask.call()
    else:
        value = await (asyncio.to_thread(ask.call) if ask.seconds is None else of_a_thread(ask))
    return await value if isawaitable(value) else value


async def of_a_thread(ask: Ask) -> Any:
    """The answer of a thread for which nobody waits at the end of the process."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()

    def told(result: Answer) -> None:
        value, error = result
        if not future.done():
            if error is None:
                future.set_result(value)
            else:
                future.set_exception(error)

    def tell(result: Answer) -> None:
        # An answer that comes after the end of the loop is nobody's.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(told, result)

    in_a_thread(ask, tell)
    return await future


def in_a_thread(ask: Ask, tell: Callable[[Answer], None]) -> None:
    """Asks in a thread with a copy of this context, and tells what came of it."""
    context = contextvars.copy_context()

    def work() -> None:
        try:
            result: Answer = (context.run(ask.call), None)
        except BaseException as error:  # noqa: BLE001 -- it is told where it is waited for
            result = (None, error)
        tell(result)

    threading.Thread(target=work, name="hexgate-ask", daemon=True).start()


def is_async(function: Callable[..., Any]) -> bool:
    """Whether calling it makes something to await."""
    return iscoroutinefunction(function) or iscoroutinefunction(getattr(type(function), "__call__", None))  # noqa: B004


def name_of(function: Callable[..., Any]) -> str:
    """What an error calls a function."""
    return str(getattr(function, "__name__", type(function).__name__))
