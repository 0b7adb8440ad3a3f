"""The type of a part in, a dependency of FastAPI out that gives the part of the running application."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from fastapi import Depends
from starlette.requests import HTTPConnection

__all__ = ["Parts", "the"]

T = TypeVar("T")
Parts = Mapping[type[Any], Any]


def the(kind: type[T]) -> Any:
    """The one part of this type."""

    # Not a plain function: those are run in threads, which is more work than this is.
    async def part(connection: HTTPConnection) -> T:
        parts: Parts = connection.app.state.parts
        found: T = parts[kind]
        return found

    return Depends(part)
