"""The names in a directory in, what kind of source it is out."""

from __future__ import annotations

from typing import Literal

__all__ = ["Kind"]

Kind = Literal["nothing", "stream", "file", "directory"]
