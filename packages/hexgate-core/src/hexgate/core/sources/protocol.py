"""What a source of programs is. A file is one, and so is whatever else can be asked for the program that holds now.

# INVARIANT: content that has not changed gives the very same object again, so that nobody makes an engine twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from hexgate.core.errors import Mistake
from hexgate.core.program import Program

__all__ = ["Loaded", "Source"]


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """A program as it came, and what came with it.

    `origin` is what people know it by. `module` is the program as WebAssembly, where the source holds it ready-made. `signed_by` is
    the id of the key that vouches for it, and `revision` its number, where it has these. `warnings` are told once.
    """

    program: Program
    origin: str
    module: bytes | None = field(default=None, repr=False)
    signed_by: str | None = None
    revision: int | None = None
    warnings: tuple[Mistake, ...] = ()


@runtime_checkable
class Source(Protocol):
    """Gives the program that holds now."""

    @property
    def origin(self) -> str:
        """What people know the source by: a path, an address."""
        ...

    @property
    def content(self) -> str:
        """A name for the content that was looked at last, sound or broken: other content has another name."""
        ...

    def unchanged(self) -> bool:
        """Whether a cheap look is enough to know that `load` would end as it did the last time. When in doubt, it is not."""
        ...

    def load(self) -> Loaded:
        """The program that holds now; raises a `HexgateError` when there is none to be had. One thread at a time asks."""
        ...
