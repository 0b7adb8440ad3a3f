"""A loaded program and the name of an engine in, the engine out."""

from __future__ import annotations

from typing import Literal, get_args

from hexgate.core.engine import NativeEngine
from hexgate.core.program import Engine
from hexgate.core.sources.protocol import Loaded

__all__ = ["EngineName", "check_engine", "engine_of"]

EngineName = Literal["native"]


def check_engine(name: str | None) -> None:
    """Refuses a name that no engine has."""
    if name is not None and name not in get_args(EngineName):
        raise ValueError(f"`engine` names no engine: {name!r}")


def engine_of(loaded: Loaded, name: EngineName | None) -> Engine:  # noqa: ARG001 -- there is but one
    """The engine of that name."""
    return NativeEngine(loaded.program)
