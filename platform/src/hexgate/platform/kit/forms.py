"""A body in, the same body out, or the mistake that it holds what no database and no JSON can keep.

# INVARIANT: what is stored can be read back by every database and every reader of JSON: no NUL, no half of a character, no number
that is none, and no nesting without end.
"""

from __future__ import annotations

from math import isfinite
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

__all__ = ["Form", "unkeepable"]

DEEPEST = 100


class Form(BaseModel):
    """A body; a name in it that is not known is a mistake."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def keepable(cls, data: Any) -> Any:
        """Refuses what could not be kept."""
        wrong = unkeepable(data)
        if wrong is not None:
            raise ValueError(wrong)
        return data


def unkeepable(data: Any) -> str | None:
    """Why a value cannot be kept; None for one that can."""
    waiting = [(data, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > DEEPEST:
            return f"it is nested more than {DEEPEST} deep"
        if isinstance(value, dict):
            waiting.extend((part, depth + 1) for pair in value.items() for part in pair)
        elif isinstance(value, list):
            waiting.extend((part, depth + 1) for part in value)
        elif isinstance(value, str) and ("\0" in value or any("\ud800" <= char <= "\udfff" for char in value)):
            return "a text holds a NUL or half of a character"
        elif isinstance(value, float) and not isfinite(value):
            return "a number is none that JSON knows"
    return None
