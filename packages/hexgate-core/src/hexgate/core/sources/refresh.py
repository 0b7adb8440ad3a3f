"""A source and a way to make engines in, the last good program with its engine out, renewed when the source has another.

# INVARIANT: program and engine change together, by one reference; a refresh that fails changes nothing.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from hexgate.core.errors import HexgateError
from hexgate.core.program import Engine, Program
from hexgate.core.sources.parts import part
from hexgate.core.sources.protocol import Loaded, Source

__all__ = ["Kept", "Live"]

log = logging.getLogger("hexgate.sources")


@dataclass(frozen=True, slots=True, eq=False)
class Live:
    """What decides now: a program, the engine that was made of it, and how it came."""

    engine: Engine
    program: Program
    loaded: Loaded


class Kept:
    """Keeps what decides in step with a source. `put` is given every `Live`, the first one included, one after the other."""

    __slots__ = ("build", "came", "complaint", "live", "lock", "process", "put", "source")

    def __init__(self, source: Source, build: Callable[[Loaded], Engine], put: Callable[[Live], None]) -> None:
        self.source, self.build, self.put = source, build, put
        self.complaint: tuple[str, str] | None = None
        self.lock, self.process = Lock(), os.getpid()
        self.came = source.load()
        self.live = self.made(self.came)
        self.begin(self.live)

    def refresh(self) -> bool:
        """Takes what the source holds now; whether that is another program. What is broken is told, once, and not taken."""
        if self.is_fresh():
            return False
        with self.own_lock():
            before = self.live
            try:
                loaded = self.came = self.source.load()
                live = before if loaded is before.loaded else self.made(loaded)
            except HexgateError as error:
                self.complain(error)
                return False
            self.commend()
            if live is not before:
                self.begin(live)
            return live is not before

    async def arefresh(self) -> bool:
        """`refresh` for an event loop: where there is something to read, a thread reads it."""
        return False if self.is_fresh() else await part("in_thread")(self.refresh)

    def is_fresh(self) -> bool:
        """Whether there is nothing to do. What came and could not be made an engine, once, is tried again."""
        return self.source.unchanged() and self.came is self.live.loaded

    def made(self, loaded: Loaded) -> Live:
        """A program with its engine."""
        return Live(self.build(loaded), loaded.program, loaded)

    def begin(self, live: Live) -> None:
        """Lets it decide from now on."""
        self.live = live
        self.put(live)
        log.info("%s: decides by the program %s", live.loaded.origin, live.program.digest)
        for warning in live.loaded.warnings:
            log.warning("%s: %s", live.loaded.origin, warning)

    def complain(self, error: HexgateError) -> None:
        """Says what is wrong with what the source holds; of the same content it is said once."""
        complaint = (self.source.content, str(error))
        if complaint != self.complaint:
            self.complaint = complaint
            origin, digest = self.source.origin, self.live.program.digest
            log.warning("%s: cannot be taken, so %s goes on deciding\n%s", origin, digest, error)

    def commend(self) -> None:
        """Says that what was broken is good again."""
        if self.complaint is not None:
            self.complaint = None
            log.warning("%s: is good again", self.source.origin)

    def own_lock(self) -> Lock:
        """The lock of this process: one that another thread held when the process forked would never be free."""
        if self.process != os.getpid():
            self.lock, self.process = Lock(), os.getpid()
        return self.lock
