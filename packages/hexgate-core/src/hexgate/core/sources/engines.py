"""A loaded program and the name of an engine in, the engine out."""

from __future__ import annotations

from typing import Literal, get_args

from hexgate.core.engine import NativeEngine
from hexgate.core.program import Engine
from hexgate.core.sources.parts import part
from hexgate.core.sources.protocol import Loaded

__all__ = ["EngineName", "check_engine", "engine_of"]

EngineName = Literal["native", "wasm"]


def check_engine(name: str | None) -> None:
    """Refuses a name that no engine has."""
    if name is not None and name not in get_args(EngineName):
        raise ValueError(f'`engine` is "native", "wasm" or None, not {name!r}')


def engine_of(loaded: Loaded, name: EngineName | None) -> Engine:
    """The engine of that name; without one, a program that came with its module runs it, and any other is walked natively.

    A program without a module that is to run as one is assembled here.
    """
    if name == "native" or (name is None and loaded.module is None):
        return NativeEngine(loaded.program)
    module = part("assemble")(loaded.program) if loaded.module is None else loaded.module
    engine: Engine = part("wasm")(module, program=loaded.program)
    return engine
