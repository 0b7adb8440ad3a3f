"""How far something has come in, a bar on standard error out, for people at a terminal who have waited a moment."""

from __future__ import annotations

from time import monotonic

from hexgate.cli.output import Output

__all__ = ["Progress"]

# Seconds after which a person begins to wonder, and between two looks at the clock.
PATIENCE = 0.5
PACE = 0.1
BAR = 30


class Progress:
    """Counts up to a total, in the words of who counts; nothing is shown where nobody watches."""

    def __init__(self, output: Output, words: str, total: int = 1) -> None:
        self.output = output
        self.words = words
        self.total = total
        self.done = 0
        self.shown = False
        self.next = monotonic() + PATIENCE if output.watched else float("inf")

    def tick(self) -> None:
        """One more."""
        self.reach(self.done + 1, self.total)

    def reach(self, done: int, total: int) -> None:
        """So many of so many."""
        self.done, self.total = done, total
        now = monotonic()
        if now >= self.next:
            filled = BAR * done // total
            self.output.progress(f"[{'█' * filled}{'·' * (BAR - filled)}] {done}/{total} {self.words}")
            self.next, self.shown = now + PACE, True

    def end(self) -> None:
        """Takes the bar away."""
        if self.shown:
            self.output.progress("")
