"""A shipper in, a thread out that ships until it is stopped. It follows its process over a fork, and drains at the end."""

from __future__ import annotations

import atexit
import os
import threading
from weakref import WeakSet

from hexgate.core.audit.shipper import Shipper, Shipping
from hexgate.core.audit.spool import close_spools

__all__ = ["ShippingThread"]

SECONDS_TO_DRAIN = 5.0
threads: WeakSet[ShippingThread] = WeakSet()


class ShippingThread:
    """Ships in the background."""

    def __init__(self, shipper: Shipper) -> None:
        self.shipper = shipper
        self.wake = threading.Event()
        self.thread: threading.Thread | None = None
        self.deadline: float | None = None
        threads.add(self)

    @property
    def shipping(self) -> Shipping:
        """How it goes."""
        return self.shipper.shipping

    def start(self) -> ShippingThread:
        """Begins; the same thread."""
        if self.thread is None:
            self.deadline, self.shipper.stopping = None, False
            self.wake = threading.Event()
            self.thread = threading.Thread(target=self.work, name="hexgate-shipper", daemon=True)
            self.thread.start()
        return self

    def stop(self, seconds: float = SECONDS_TO_DRAIN) -> None:
        """Sends what waits, for so long at most, and ends. What is left is shipped by the next process."""
        thread = self.thread
        if thread is not None:
            self.deadline = self.shipper.clock() + seconds
            self.wake.set()
            thread.join(seconds)
            # One that hangs in its transport is left behind, and ends with its process.
            self.shipper.stopping = True
            self.thread = None

    def work(self) -> None:
        """Round after round."""
        while not self.shipper.stopping:
            # Looked at before the round: what was written before the stop is seen by a round that begins after it.
            deadline = self.deadline
            wait = self.shipper.round()
            if deadline is None:
                self.wake.wait(wait)
            elif wait or self.shipper.clock() >= deadline:
                break
        self.shipper.let_go()

    def forked(self) -> None:
        """In the child: the thread and the right to ship are the parent's. What was started there is started here."""
        self.shipper.let_go()
        if self.thread is not None:
            self.thread = None
            self.start()


def go_on() -> None:
    """In the child of a fork."""
    for thread in list(threads):
        thread.forked()


def drain() -> None:
    """At the end of the process: first the streams get their seals, so that these are shipped as well."""
    close_spools()
    for thread in list(threads):
        thread.stop()


os.register_at_fork(after_in_child=go_on)
atexit.register(drain)
