"""Where events go beside the spool: lines of JSON on a stream, a function."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Protocol, TextIO, runtime_checkable

from hexgate.core.audit.event import Event

__all__ = ["CallableSink", "JsonLines", "Sink"]


@runtime_checkable
class Sink(Protocol):
    """Takes events, on whatever thread. What it raises is logged and changes nothing."""

    def write(self, event: Event) -> None:
        """Takes one event."""
        ...


class JsonLines:
    """Events as lines of JSON on a stream, standard output by default: what collectors of logs read."""

    __slots__ = ("stream",)

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream

    def write(self, event: Event) -> None:
        """One line, written at once so that lines of threads do not mix."""
        stream = sys.stdout if self.stream is None else self.stream
        stream.write(f"{event.body.decode()}\n")
        stream.flush()


class CallableSink:
    """Events as dicts for a function."""

    __slots__ = ("function",)

    def __init__(self, function: Callable[[dict[str, Any]], object]) -> None:
        self.function = function

    def write(self, event: Event) -> None:
        """Calls the function."""
        self.function(event.as_dict())
