"""A program that is there already, as a source."""

from __future__ import annotations

from hexgate.core.sources.protocol import Loaded

__all__ = ["DataSource"]


class DataSource:
    """Gives one program for ever: what it was made of is in memory, or could be read only once."""

    __slots__ = ("loaded",)

    def __init__(self, loaded: Loaded) -> None:
        self.loaded = loaded

    @property
    def origin(self) -> str:
        """What it was made of, in words."""
        return self.loaded.origin

    @property
    def content(self) -> str:
        """The digest of the program."""
        return self.loaded.program.digest

    def unchanged(self) -> bool:
        """It never changes."""
        return True

    def load(self) -> Loaded:
        """The program."""
        return self.loaded
